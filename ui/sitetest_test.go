package ui

import (
	"context"
	"testing"
	"time"

	"portside/client"
	"portside/client/access"
	"portside/client/diagnose"
	"portside/client/ftptest"
	"portside/client/sites"
)

// The test of a site goes the way that connections to it go: by the proxy that the settings
// name, where the site has none of its own.
func TestSiteTestUsesUsualProxy(t *testing.T) {
	const name = "ftp.behind.test"
	srv := ftptest.NewServer(t)
	proxy := ftptest.NewSOCKS5(t, ftptest.ProxyName(name, "127.0.0.1"))
	u, err := client.ParseURL(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	usual := func(_ context.Context, opt *client.Options) {
		if opt.Proxy.Kind == client.ProxyNone {
			opt.Proxy = client.Proxy{Kind: client.ProxySOCKS5, Addr: proxy.Addr}
		}
	}
	test := newSiteTest(&access.Access{}, client.Options{Timeout: 5 * time.Second}, usual, "test")
	if _, err = test(t.Context(), sites.Site{Name: "x", Host: name, Port: u.Port, Security: client.SecurityOff}, nil, func(diagnose.Probe) {}); err != nil {
		t.Fatal(err)
	}
	if len(proxy.Targets()) == 0 {
		t.Error("the proxy was passed by")
	}
}
