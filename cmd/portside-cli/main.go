// Portside-cli is the Portside FTP client without a window: it lists, fetches,
// sends and changes files on FTP servers, for people at a terminal and for
// scripts. "portside-cli --help" lists its commands and exit codes.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"portside/client/secrets"
	"portside/cmd/portside-cli/internal/cli"
)

func main() {
	os.Exit(run(nil))
}

// run runs the command line of the process, with the keyring of the system where it is
// nil. The first Ctrl+C asks the work under way to stop; the second ends the process at
// once.
func run(keyring secrets.Backend) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	app := cli.App{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Keyring: keyring}
	return app.Run(ctx, os.Args[1:])
}
