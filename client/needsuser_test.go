package client_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"portside/client"
)

func TestNeedsUser(t *testing.T) {
	proxy := func(step string) error {
		return &client.DialError{Op: client.OpConnect, Err: &client.ProxyError{Kind: "HTTP", Step: step, Err: io.EOF}}
	}
	for _, err := range []error{
		&client.CertError{}, &client.DialError{Op: client.OpTLS, Err: &client.CertWantedError{Err: io.EOF}},
		fmt.Errorf("x: %w", &client.AfterLoginError{}), &client.DialError{Err: client.ErrActiveProxy},
		proxy(client.ProxyLogin), proxy(client.ProxyDenied), &client.ProxyError{Kind: "system", Step: client.ProxyReach},
	} {
		if !client.NeedsUser(err) {
			t.Errorf("%v is tried again", err)
		}
	}
	for _, err := range []error{
		nil, io.EOF, errors.New("x"), &client.LoginError{}, &client.DialError{Op: client.OpConnect, Err: io.EOF},
		proxy(client.ProxyReach), proxy(client.ProxyTalk), proxy(client.ProxyServer),
	} {
		if client.NeedsUser(err) {
			t.Errorf("%v is not tried again", err)
		}
	}
}
