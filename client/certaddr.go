package client

// CertAddr returns "host:port" of who shows its certificate on connections to addr ("host"
// or "host:port") with these options: the server, or the FTP proxy that stands before it.
// It is whom Trusted is about.
func (o Options) CertAddr(addr string) string {
	whom := addr
	if o.Proxy.Kind == ProxyFTP {
		whom = o.Proxy.Addr
	}
	if _, hostPort, err := dialPort(whom, o.Security); err == nil {
		return hostPort
	}
	return whom
}
