package ui

import (
	"testing"

	"portside/client"
)

func TestChipText(t *testing.T) {
	tls := &client.TLSInfo{Version: "TLS 1.3"}
	for _, c := range []struct {
		info client.Info
		mode client.ConnMode
		want string
	}{
		{client.Info{TLS: tls, Method: client.MethodEPSV}, client.Auto, "TLS 1.3 · passive EPSV"},
		{client.Info{Method: client.MethodPASV}, client.Auto, "plain · passive PASV"},
		{client.Info{Method: client.MethodPORT}, client.Active, "plain · active PORT"},
		{client.Info{TLS: tls, Method: client.MethodEPRT}, client.EPRT, "TLS 1.3 · active EPRT"},
		{client.Info{}, client.Auto, "plain · passive"}, // no data connection yet
		{client.Info{}, client.PORT, "plain · active PORT"},
		{client.Info{}, client.Active, "plain · active"},
		{client.Info{}, client.PASV, "plain · passive PASV"},
	} {
		if got := chipText(c.info, c.mode); got != c.want {
			t.Errorf("%+v, %v: %q, want %q", c.info, c.mode, got, c.want)
		}
	}
}
