// Command serve runs one of the real servers of the tests until it is
// interrupted or its standard input ends, for benchmarks and for a look by
// hand:
//
//	go run ./client/internal/realserver/serve -kind vsftpd -tls explicit
//
// It prints one line of JSON with the address, the user, the password, the
// folder and the certificate authority.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"portside/client/internal/realserver"
)

func main() {
	kind := flag.String("kind", string(realserver.VSFTPD), "vsftpd, proftpd, pureftpd or pyftpdlib")
	security := flag.String("tls", "off", "off, explicit or implicit")
	tls12 := flag.Bool("tls12", false, "speak TLS 1.2 at most")
	ipv6 := flag.Bool("ipv6", false, "listen on ::1")
	host := flag.String("host", "", "listen on this address instead of loopback")
	stdin := flag.Bool("stdin", false, "end when standard input ends")
	flag.Parse()
	cfg := realserver.Config{Kind: realserver.Kind(*kind), TLS12: *tls12, IPv6: *ipv6, Host: *host}
	switch *security {
	case "off":
	case "explicit":
		cfg.Security = realserver.Explicit
	case "implicit":
		cfg.Security = realserver.Implicit
	default:
		fmt.Fprintf(os.Stderr, "serve: no such -tls: %q\n", *security)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *stdin {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		go func() { // ends with the process, which it ends
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	if err := serve(ctx, cfg, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, cfg realserver.Config, out io.Writer) error {
	s, err := realserver.Start(ctx, cfg)
	if err != nil {
		return err
	}
	err = json.NewEncoder(out).Encode(struct {
		Addr, User, Password, Root string
		CAFile                     string `json:",omitempty"`
	}{s.Addr, s.User, s.Password, s.Root, s.CAFile})
	if err == nil {
		<-ctx.Done()
	}
	return errors.Join(err, s.Close())
}
