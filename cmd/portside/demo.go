package main

import (
	"context"

	"portside/ui"
)

// startDemo starts the embedded demo server.
func startDemo(ctx context.Context) (*ui.DemoServer, error) { return nil, nil }
