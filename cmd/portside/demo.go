package main

import (
	"context"

	"portside/client"
	"portside/client/demo"
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
