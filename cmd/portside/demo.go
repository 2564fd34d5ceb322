package main

import (
	"context"

	"portside/client"
	"portside/client/demo"
	"portside/client/demo/faulty"
	"portside/ui"
)

// startDemo starts the embedded demo server, which lives until it is closed or
// ctx ends.
func startDemo(ctx context.Context) (*ui.DemoServer, error) {
	s, err := demo.Start(ctx, demo.Options{})
	if err != nil {
		return nil, err
	}
	return &ui.DemoServer{
		Address: s.URL(), Password: demo.Password, Security: client.SecurityRequire,
		Trust: s.Fingerprint(), Close: s.Close,
	}, nil
}

// demoStarter returns what starts the demo server, with a fault where one is named.
func demoStarter(fault string) func(context.Context) (*ui.DemoServer, error) {
	f, ok := faulty.Find(fault)
	if !ok {
		return startDemo
	}
	return func(ctx context.Context) (*ui.DemoServer, error) {
		s, err := faulty.Start(ctx, f, faulty.Options{})
		if err != nil {
			return nil, err
		}
		return &ui.DemoServer{
			Address: "ftp://" + demo.User + "@" + s.Addr(), Password: demo.Password,
			Trust: s.Fingerprint(), Close: s.Close,
		}, nil
	}
}
