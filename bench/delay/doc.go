//go:build linux

// Package delay puts a known round trip between two programs on one computer.
//
// A Line joins two places, each a network namespace of its own, by a wire on
// which every packet takes the same time; for that, root is needed. A Proxy
// carries FTP sessions late instead: it needs no rights, but it cannot delay
// the making of a connection, so what it measures is too fast by one round trip
// for each of them.
//
// Neither loses, reorders or limits anything.
package delay
