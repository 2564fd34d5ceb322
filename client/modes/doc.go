// Package modes knows which way a data connection took before, and in which order the
// four ways are to be tried: EPSV and PASV (the client connects), EPRT and PORT (the
// server does); RFC 959, 4.1.2, and RFC 2428.
//
// A Memory holds what worked and what failed, by server, security and local network,
// in a file. Order is the ladder: a pure function of what a mode allows and of what
// is remembered. Channel says whether an error speaks about the data channel, which
// alone may move the ladder on.
//
// The package leaves out the connections themselves.
package modes

import "portside/client/internal/dtp"

// A Method is one of the four ways to make a data connection.
type Method = dtp.Method
