package cli

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"portside/client"
)

// demoFile is where a demo server on this port leaves the fingerprint of its
// certificate, readable for its user only.
func demoFile(port string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "portside", "demo", port+".sha256"), nil
}

// trustDemo leaves the fingerprint for other runs of the program, and returns
// the function that takes it away. Where there is no place for it, the
// certificate has to be pinned by hand.
func trustDemo(addr, fingerprint string) (forget func()) {
	nothing := func() {}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nothing
	}
	file, err := demoFile(port)
	if err != nil {
		return nothing
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nothing
	}
	if err := os.WriteFile(file, []byte(fingerprint+"\n"), 0o600); err != nil {
		return nothing
	}
	return func() { _ = os.Remove(file) } // a stale one does no harm: see dialTrusting
}

// demoPin returns the fingerprint that a demo server at addr has left; "" where
// there is none, or addr is not on loopback.
func demoPin(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	if ip, perr := netip.ParseAddr(host); host != "localhost" && (perr != nil || !ip.IsLoopback()) {
		return ""
	}
	file, err := demoFile(port)
	if err != nil {
		return ""
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	pin, err := parsePin(strings.TrimSpace(string(b)))
	if err != nil {
		return ""
	}
	return pin
}

// dialTrusting dials, and trusts the demo server of this user where nothing is
// said about certificates. A fingerprint that does not match is a leftover, and
// the certificate is checked as any other.
func (p *program) dialTrusting(ctx context.Context, addr string, opt client.Options) (*client.Session, error) {
	if opt.Pin == "" && opt.RootCAs == nil && !opt.Insecure && opt.Security != client.SecurityOff {
		if pin := demoPin(addr); pin != "" {
			pinned := opt
			pinned.Pin = pin
			s, err := client.Dial(ctx, addr, pinned)
			if !errors.Is(err, client.ErrPinMismatch) {
				return s, err
			}
		}
	}
	s, err := client.Dial(ctx, addr, opt)
	return s, p.withOld(addr, err)
}
