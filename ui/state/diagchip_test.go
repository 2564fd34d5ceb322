package state

import (
	"testing"

	"portside/client"
	"portside/client/diagnose"
)

func TestChipText(t *testing.T) {
	tls := &client.TLSInfo{Version: "TLS 1.3"}
	failed := func(methods ...client.Method) []client.Failed {
		var out []client.Failed
		for _, m := range methods {
			out = append(out, client.Failed{Method: m})
		}
		return out
	}
	for _, c := range []struct {
		info  client.Info
		mode  client.ConnMode
		known Known
		want  string
	}{
		{client.Info{TLS: tls, Method: client.MethodEPSV}, client.Auto, Known{}, "TLS 1.3 · passive EPSV"},
		{client.Info{Method: client.MethodPASV}, client.Auto, Known{}, "plain · passive PASV"},
		{client.Info{Method: client.MethodPORT}, client.Active, Known{}, "plain · active PORT"},
		{client.Info{TLS: tls, Method: client.MethodEPRT}, client.EPRT, Known{}, "TLS 1.3 · active EPRT"},
		{client.Info{}, client.Auto, Known{}, "plain · passive"}, // no data connection yet
		{client.Info{}, client.PORT, Known{}, "plain · active PORT"},
		{client.Info{}, client.Active, Known{}, "plain · active"},
		{client.Info{}, client.PASV, Known{}, "plain · passive PASV"},
		{client.Info{TLS: tls, Method: client.MethodEPSV, Failed: failed(client.MethodEPRT)}, client.Auto, Known{}, "TLS 1.3 · passive EPSV · active blocked"},
		{client.Info{TLS: tls, Method: client.MethodEPSV}, client.Auto, Known{Passive: diagnose.Works, Active: diagnose.Fails}, "TLS 1.3 · passive EPSV · active blocked"},
		{client.Info{Method: client.MethodPASV, Failed: failed(client.MethodEPSV)}, client.Auto, Known{}, "plain · passive PASV · EPSV blocked"},
		{client.Info{Method: client.MethodEPRT, Failed: failed(client.MethodEPSV, client.MethodPASV)}, client.Auto, Known{}, "plain · active EPRT · passive blocked"},
		{client.Info{Failed: failed(client.MethodEPSV, client.MethodPASV, client.MethodEPRT, client.MethodPORT)}, client.Auto, Known{}, "plain · passive · both ways blocked"},
		{client.Info{Method: client.MethodEPRT, Failed: failed(client.MethodEPSV)}, client.Auto, Known{}, "plain · active EPRT · passive blocked"}, // PASV was not tried
		{client.Info{Method: client.MethodEPRT, Failed: failed(client.MethodEPSV)}, client.Auto, Known{Passive: diagnose.Works, Active: diagnose.Works}, "plain · active EPRT · EPSV blocked"},
		{client.Info{Failed: failed(client.MethodEPRT)}, client.Active, Known{}, "plain · active · blocked"},
	} {
		if got := ChipText(c.info, c.mode, c.known); got != c.want {
			t.Errorf("%+v, %v, %v: %q, want %q", c.info, c.mode, c.known, got, c.want)
		}
	}
}

func TestKnownMethods(t *testing.T) {
	r := &diagnose.Report{Methods: []diagnose.Attempt{
		{Method: "EPSV", Result: diagnose.Fails},
		{Method: "PASV", Result: diagnose.Works},
		{Method: "EPSV", Result: diagnose.Fails},
		{Method: "PORT", Result: diagnose.Fails},
		{Method: "EPRT"},
	}}
	if got, want := KnownMethods(r), (Known{Passive: diagnose.Works, Active: diagnose.Fails}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := KnownMethods(&diagnose.Report{}); got != (Known{}) {
		t.Errorf("of nothing: %v", got)
	}
}
