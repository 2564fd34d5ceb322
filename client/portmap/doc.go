// Package portmap asks the user's router to let a server's data connection in: a mapping
// from a port of the router's outer address to a listener of this computer, for active
// mode behind NAT.
//
// It speaks PCP (RFC 6887, the MAP opcode), NAT-PMP (RFC 6886) and UPnP-IGD (versions 1
// and 2, WANIPConnection and WANPPPConnection). Nothing is sent before Open, which stands
// for the user's consent. Packets go to the default gateway only, and for UPnP to its
// multicast address on the interface of the control connection; only answers of the
// gateway are taken, and no redirect or address in them leads anywhere else.
//
// A mapping is short, is never renewed, and is removed when it is not needed any more; a
// router forgets by itself what a program that died has left, unless it knows no lifetimes.
// It lets anybody in, not only the server: most routers know nothing finer. The listener
// checks who comes.
//
// Left out: UDP, the PEER and ANNOUNCE machinery of PCP for long-lived mappings,
// authentication, and UPnP firewall control for IPv6 (PCP does that here).
package portmap
