// Package lab holds networks in which Portside is tried: a client, the router
// of its network, the firewall of the server's network, and the server, each in
// a network namespace of Linux, with the faults that people meet on the way.
// The package is all tests; make lab runs them and prints two tables.
//
// The path is
//
//	client ── near ══ wire ══ far ── server
//	                           └── stranger
//
// near is the router or firewall of the client's network, far that of the
// server's. The wire delays each packet by ten milliseconds, as a line across
// a country would, so that what is answered too early can be told. Rules are
// nftables; what rules cannot do, such as a proxy that swallows a command, is
// done by helpers, which are the test binary itself in another role.
//
// Every scene first proves with plain sockets that its network is as it is
// described, then runs portside-cli in the client's namespace: listing,
// download and upload with nothing remembered, listings from memory, and
// diagnose, whose verdicts are compared with the truth of the scene.
//
// A scene is one process tree in mount, process and network namespaces of its
// own. Nothing in it can reach the network of the computer, two labs do not
// meet, and when its first process ends, for whatever reason, the kernel ends
// the others and takes the namespaces away. Root is needed for that.
//
// The addresses are those kept for documentation and benchmarks (RFC 5737,
// RFC 3849, RFC 2544) and private ones (RFC 1918).
package lab
