// Package client is Portside's FTP engine: sessions over plain and protected
// control connections, data connections by any of the four methods (EPSV, PASV,
// EPRT, PORT), listings, transfers and file operations.
//
// It implements RFC 959 (FTP), RFC 1123 4.1 (its corrections), RFC 2228 and 4217
// (TLS), RFC 2389 (FEAT, OPTS), RFC 2428 (EPSV, EPRT), RFC 2640 (UTF-8), RFC 3659
// (SIZE, MDTM, MLST, MLSD, REST) and the drafts of MFMT and HASH as servers have
// them. It leaves out MODE B and C, STRU R and P, and third-party transfers.
//
// # Names
//
// Pathnames are raw bytes in a string, in the server's character set, so that a
// name that came from the server goes back with the same bytes whatever it means.
// [Session.Text] decodes one for people, [Session.Encode] encodes what a person
// typed, and [Printable] makes server text harmless to show. A pathname that does
// not begin with a slash is taken from the directory in which the login ended.
//
// # Proxies
//
// Through SOCKS5 (RFC 1928, 1929) and HTTP CONNECT (RFC 9110, 9.3.6) the control
// connection and passive data connections go to the host as it was named, which the proxy
// looks up: where a name stands for several computers, a proxy that picks another one for
// each connection breaks data connections. Active modes are left out. An FTP proxy is
// logged in to, and TLS, certificates and data connections are the proxy's own.
//
// # Errors
//
// Errors say who refused what: [DialError], [LoginError], [ReplyError],
// [DataError], [CertError], [CertWantedError], [ProxyError], [ProtocolError], [LimitError], [ErrUnsupported],
// [ErrBadName], [ErrClosed]. The errors of a context pass through. [Explain] puts
// any of them into a sentence for people, with the next step.
package client
