//go:build unix

package exchange

import "syscall"

// openFlags keep the opening of a named pipe from waiting for its other end.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOCTTY
