package trust_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/client/keep"
	"portside/client/trust"
)

// certificate makes a self-signed one for the names.
func certificate(t *testing.T, subject string, names ...string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: subject},
		NotBefore: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), NotAfter: time.Date(2036, 1, 2, 3, 4, 5, 0, time.UTC), DNSNames: names,
		IPAddresses: []net.IP{net.IPv4(192, 0, 2, 7)},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func open(t *testing.T, path string) *trust.Store {
	t.Helper()
	s, err := trust.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func now() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

func TestTrustIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "known_servers.json")
	cert := certificate(t, "old", "ftp.example.org")
	s := open(t, path)
	if got := s.Trusted("ftp.example.org:21"); got != "" {
		t.Fatalf("an empty store trusts %s", got)
	}
	if err := s.Trust("FTP.Example.org.:21", cert, now()); err != nil {
		t.Fatal(err)
	}
	for _, again := range []*trust.Store{s, open(t, path)} {
		if got, want := again.Trusted("ftp.example.org"), client.Fingerprint(cert); got != want {
			t.Errorf("trusted %q, want %q", got, want)
		}
		got, ok := again.Known("ftp.example.org:21")
		if !ok || got.Subject != "CN=old" || got.Issuer != "CN=old" || strings.Join(got.Names, " ") != "ftp.example.org 192.0.2.7" ||
			!got.NotBefore.Equal(cert.NotBefore) || !got.NotAfter.Equal(cert.NotAfter) || !got.Since.Equal(now()) {
			t.Errorf("known: %+v, %v", got, ok)
		}
		if other := again.Trusted("ftp.example.org:990"); other != "" {
			t.Errorf("another port is trusted: %s", other)
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v, want 0600", info.Mode(), err)
	}
	if err := s.Forget("ftp.example.org"); err != nil {
		t.Fatal(err)
	}
	if got := open(t, path).List(); len(got) != 0 {
		t.Errorf("forgotten, and still there: %v", got)
	}
	if err := s.Forget("never.example.org"); err != nil {
		t.Errorf("to forget what is not known: %v", err)
	}
}

func TestOnceHoldsForThisRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "known_servers.json")
	old, fresh := certificate(t, "old"), certificate(t, "new")
	s := open(t, path)
	if err := s.Trust("h:21", old, now()); err != nil {
		t.Fatal(err)
	}
	s.Once("h:21", client.Fingerprint(fresh))
	if got := s.Trusted("h:21"); got != client.Fingerprint(fresh) {
		t.Errorf("trusted %s, want the one of this run", got)
	}
	if got, _ := s.Known("h:21"); got.Fingerprint != client.Fingerprint(old) {
		t.Errorf("the file knows %s, want the old one", got.Fingerprint)
	}
	if got := open(t, path).Trusted("h:21"); got != client.Fingerprint(old) {
		t.Errorf("another run trusts %s, want the old one", got)
	}
	s.Once("h:22", "no fingerprint")
	if got := s.Trusted("h:22"); got != "" {
		t.Errorf("what is no fingerprint is trusted: %q", got)
	}
	if err := s.Trust("h:21", fresh, now()); err != nil {
		t.Fatal(err)
	}
	if got, _ := open(t, path).Known("h:21"); got.Subject != "CN=new" {
		t.Errorf("after the decision for always: %+v", got)
	}
	if err := s.Forget("h:21"); err != nil || s.Trusted("h:21") != "" {
		t.Errorf("forgotten, and still trusted: %q, %v", s.Trusted("h:21"), err)
	}
}

func TestWithoutFile(t *testing.T) {
	s := open(t, "")
	cert := certificate(t, "x")
	if err := s.Trust("[::1]:2121", cert, now()); err != nil {
		t.Fatal(err)
	}
	if s.Trusted("[0:0::1]:2121") != client.Fingerprint(cert) || len(s.List()) != 1 {
		t.Error("not known in this run")
	}
	if err := s.Forget("[::1]:2121"); err != nil || len(s.List()) != 0 {
		t.Errorf("forgetting: %v, %v", err, s.List())
	}
}

// A second program writes the file between two looks of the first.
func TestChangeOfAnotherProgramIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "known_servers.json")
	a, b := open(t, path), open(t, path)
	for i := range 50 {
		cert := certificate(t, "x")
		if err := b.Trust("h:21", cert, now()); err != nil {
			t.Fatal(err)
		}
		if got := a.Trusted("h:21"); got != client.Fingerprint(cert) {
			t.Fatalf("change %d is not seen: %q", i, got)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := a.Trusted("h:21"); got != "" {
		t.Errorf("the file is gone, and %s is trusted", got)
	}
}

func TestUnwritableFileHoldsForThisRun(t *testing.T) {
	dir := t.TempDir()
	inTheWay := filepath.Join(dir, "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := trust.Open(filepath.Join(inTheWay, "known_servers.json"))
	cert := certificate(t, "x")
	if err := s.Trust("h:21", cert, now()); err == nil {
		t.Error("no error although the file cannot be written")
	}
	if got := s.Trusted("h:21"); got != client.Fingerprint(cert) {
		t.Errorf("in this run %q is trusted, want the certificate", got)
	}
}

func TestFilesThatAreNotOurs(t *testing.T) {
	print64 := strings.Repeat("ab", 32)
	for name, text := range map[string]string{
		"no JSON":           "{",
		"no version":        `{"servers":[]}`,
		"bad fingerprint":   `{"version":1,"servers":[{"address":"h:21","fingerprint":"12"}]}`,
		"bad address":       `{"version":1,"servers":[{"address":"h:notaport","fingerprint":"` + print64 + `"}]}`,
		"address of a path": `{"version":1,"servers":[{"address":"../h:21","fingerprint":"` + print64 + `"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "known_servers.json")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := trust.Open(path)
			var damaged *keep.DamagedError
			if !errors.As(err, &damaged) {
				t.Fatalf("error %v, want a damaged file", err)
			}
			if b, rerr := os.ReadFile(damaged.Aside); rerr != nil || string(b) != text {
				t.Errorf("set aside: %q, %v", b, rerr)
			}
			if err := s.Trust("h:21", certificate(t, "x"), now()); err != nil {
				t.Errorf("trust after that: %v", err)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "known_servers.json")
	newer := `{"version":2,"servers":"who knows"}`
	if err := os.WriteFile(path, []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := trust.Open(path)
	var ne *keep.NewerError
	if !errors.As(err, &ne) {
		t.Fatalf("error %v, want a newer file", err)
	}
	if err := s.Trust("h:21", certificate(t, "x"), now()); !errors.As(err, &ne) {
		t.Errorf("trust: %v, want a newer file", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != newer {
		t.Errorf("the newer file is now %q, %v", b, err)
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"Host":                    "host:21",
		"host.:2121":              "host:2121",
		"192.0.2.1":               "192.0.2.1:21",
		"::1":                     "[::1]:21",
		"[::1]":                   "[::1]:21",
		"[2001:DB8:0::1]:990":     "[2001:db8::1]:990",
		"[::ffff:192.0.2.1]:21":   "192.0.2.1:21",
		"xn--bcher-kva.example:1": "xn--bcher-kva.example:1",
		"":                        "",
		":21":                     "",
		"h:0":                     "",
		"h:65536":                 "",
		"h:21:22":                 "",
		"a b:21":                  "",
		"user@h:21":               "",
		"ftp://h":                 "",
	} {
		got, err := trust.Address(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("Address(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

// What a certificate says is hostile text, and may be long.
func TestCertificatesAreBounded(t *testing.T) {
	var many []string
	for i := range 500 {
		many = append(many, fmt.Sprintf("%s%d.example", strings.Repeat("x", 40), i))
	}
	got := trust.Describe("h", certificate(t, strings.Repeat("l", 3000)+"\x1b]0;title\x07\u202e", many...), now())
	if len(got.Names) != 51 || got.Names[50] != "and 451 more" {
		t.Errorf("%d names, the last %q", len(got.Names), got.Names[len(got.Names)-1])
	}
	if n := len([]rune(got.Subject)); n != 400 || strings.ContainsAny(got.Subject, "\x1b\x07\u202e") {
		t.Errorf("the subject has %d characters: %q", n, got.Subject)
	}
	short := trust.Describe("h", certificate(t, "a\x1b]0;title\x07\u202eb"), now())
	if strings.ContainsAny(short.Subject, "\x1b\x07\u202e") || !strings.HasPrefix(short.Subject, "CN=a") {
		t.Errorf("the subject is shown as %q", short.Subject)
	}
}

func TestCompare(t *testing.T) {
	old := trust.Describe("h", certificate(t, "same", "a.example"), now())
	fresh := trust.Describe("h", certificate(t, "same", "b.example"), now())
	same := map[string]bool{}
	for _, d := range trust.Compare(old, fresh) {
		same[d.What] = d.Same
		if d.Old == "" || d.New == "" {
			t.Errorf("%s is empty: %+v", d.What, d)
		}
	}
	want := map[string]bool{"Subject": true, "Issuer": true, "Names": false, "Valid from": true, "Valid until": true, "SHA-256": false}
	for what, is := range want {
		if same[what] != is {
			t.Errorf("%s is the same: %v, want %v", what, same[what], is)
		}
	}
	if got := trust.Spaced("00ab"); got != "00:AB" {
		t.Errorf("Spaced = %q", got)
	}
}

// helperVariable makes the test's own program trust servers, as a second Portside.
const helperVariable = "TRUST_TEST_HELPER"

func TestMain(m *testing.M) {
	if path := os.Getenv(helperVariable); path != "" {
		os.Exit(helper(path))
	}
	os.Exit(m.Run())
}

func helper(path string) int {
	s, err := trust.Open(path)
	for i := 0; err == nil && i < 40; i++ {
		err = trustPatiently(s, fmt.Sprintf("helper%d:21", i), byte(i))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// trustPatiently tries again while the file is in use, which a slow machine may bring.
func trustPatiently(s *trust.Store, server string, raw byte) error {
	for {
		err := s.Trust(server, &x509.Certificate{Raw: []byte{raw}}, now())
		if _, busy := errors.AsType[*keep.BusyError](err); !busy {
			return err
		}
	}
}

// Two programs and several goroutines trust servers at once: none is lost.
func TestTwoProgramsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "known_servers.json")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), helperVariable+"="+path)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Go(func() {
			for i := range 10 {
				if err := trustPatiently(s, fmt.Sprintf("own%d-%d:21", g, i), byte(i)); err != nil {
					t.Error(err)
				}
				s.Known("helper1:21")
			}
		})
	}
	wait.Wait()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := len(open(t, path).List()); got != 80 {
		t.Errorf("%d servers are kept, want 80", got)
	}
	if got := len(s.List()); got != 80 {
		t.Errorf("the first program sees %d servers, want 80", got)
	}
}
