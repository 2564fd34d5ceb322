//go:build !unix

package exchange

const openFlags = 0
