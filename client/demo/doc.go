// Package demo is the FTP server that Portside brings along, to be tried out
// and tested on: a small tree of files in memory, on loopback only.
//
// It speaks RFC 959 with the extensions of RFC 2389, RFC 2428 and RFC 3659,
// plain and with explicit TLS (RFC 4217), by the library
// github.com/fclairamb/ftpserverlib. The user "demo" with the password "demo"
// may change files; anonymous users may read. Every run has a certificate of
// its own, made at the start and shown by [Server.Fingerprint].
//
// The library sets some limits. It has no implicit TLS here, no ACCT, STOU,
// STRU, OPTS MLST or SITE HELP; PASV works over IPv4 only; FEAT lists the
// algorithms of HASH without the word HASH, so that clients find XSHA256 and
// its kin instead; those and HASH want names with a space in quotes; it waits for the data connection before it says
// 150.
// Its passive ports are open on every interface: connections to them from
// elsewhere than loopback are turned away unread.
package demo
