package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"software.sslmate.com/src/go-pkcs12"
)

// An askingServer lets nobody in, and remembers whose certificates it was shown; or it
// is a proxy, and remembers where it was asked to go.
type askingServer struct {
	ln   net.Listener
	wait sync.WaitGroup

	mu  sync.Mutex // guards saw
	saw []string
}

func startAsking(ts *testscript.TestScript, serve func(s *askingServer, c net.Conn)) *askingServer {
	var lc net.ListenConfig
	ln, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	s := &askingServer{ln: ln}
	s.wait.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.wait.Go(func() {
				defer func() { _ = c.Close() }()
				serve(s, c)
			})
		}
	})
	ts.Defer(func() {
		_ = ln.Close()
		s.wait.Wait()
	})
	return s
}

func (s *askingServer) add(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saw = append(s.saw, what)
}

// askedKey finds the servers of a script, by name.
type askedKey struct{}

// cmdAsking starts a server that asks for a client certificate, or a proxy that asks for
// a password, and looks at it:
//
//	asking certificate NAME        sets $NAME to ftpes://host:port
//	asking proxy NAME USER PASS    an HTTP proxy; sets $NAME to host:port
//	[!] asking NAME saw TEXT       a subject, or where somebody went by it
func cmdAsking(ts *testscript.TestScript, neg bool, args []string) {
	all := ts.Value(askedKey{}).(map[string]*askingServer)
	switch {
	case len(args) == 2 && args[0] == "certificate":
		cert, _ := keyPair(ts, "server")
		s := startAsking(ts, func(s *askingServer, c net.Conn) { s.askCertificate(c, cert) })
		all[args[1]] = s
		ts.Setenv(args[1], "ftpes://"+s.ln.Addr().String())
	case len(args) == 4 && args[0] == "proxy":
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte(args[2]+":"+args[3]))
		s := startAsking(ts, func(s *askingServer, c net.Conn) { s.proxy(ts, c, want) })
		all[args[1]] = s
		ts.Setenv(args[1], s.ln.Addr().String())
	case len(args) == 3 && args[1] == "saw":
		s := all[args[0]]
		s.mu.Lock()
		defer s.mu.Unlock()
		found := false
		for _, what := range s.saw {
			found = found || strings.Contains(what, args[2])
		}
		if found == neg {
			ts.Fatalf("%s saw %q", args[0], s.saw)
		}
	default:
		ts.Fatalf("usage: asking certificate|proxy|NAME ...")
	}
}

// askCertificate speaks as far as the login, which it refuses.
func (s *askingServer) askCertificate(c net.Conn, cert tls.Certificate) {
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(c, "220 ready\r\n")
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.HasPrefix(line, "AUTH TLS") {
		return
	}
	_, _ = io.WriteString(c, "234 go ahead\r\n")
	tc := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12})
	in := bufio.NewReader(tc)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if strings.HasPrefix(line, "USER") {
			who := "nobody"
			if list := tc.ConnectionState().PeerCertificates; len(list) > 0 {
				who = list[0].Subject.String()
			}
			s.add(who)
			_, _ = io.WriteString(tc, "530 nobody is let in\r\n")
			continue
		}
		_, _ = io.WriteString(tc, "500 what?\r\n")
	}
}

// proxy carries out one CONNECT.
func (s *askingServer) proxy(ts *testscript.TestScript, c net.Conn, want string) {
	in := bufio.NewReader(c)
	req, err := http.ReadRequest(in)
	if err != nil || req.Method != http.MethodConnect {
		return
	}
	if req.Header.Get("Proxy-Authorization") != want {
		s.add("refused")
		_, _ = io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")
		return
	}
	s.add(req.Host)
	var d net.Dialer
	to, err := d.DialContext(context.Background(), "tcp", req.Host)
	if err != nil {
		_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		return
	}
	defer func() { _ = to.Close() }()
	_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(c, to)
		_ = c.(*net.TCPConn).CloseWrite()
	})
	_, _ = io.Copy(to, in)
	_ = to.(*net.TCPConn).CloseWrite()
	back.Wait()
}

// keyPair makes a self-signed certificate for 127.0.0.1.
func keyPair(ts *testscript.TestScript, subject string) (tls.Certificate, *x509.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: subject},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	ts.Check(err)
	cert, err := x509.ParseCertificate(der)
	ts.Check(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: cert}, cert
}

// cmdKeyPair writes a client certificate as NAME.pem and NAME.key, and protected with
// PASSPHRASE as NAME.p12:
//
//	keypair NAME PASSPHRASE
func cmdKeyPair(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: keypair NAME PASSPHRASE")
	}
	pair, cert := keyPair(ts, args[0])
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	ts.Check(err)
	write := func(ending string, data []byte) {
		ts.Check(os.WriteFile(ts.MkAbs(fmt.Sprintf("%s.%s", args[0], ending)), data, 0o600))
	}
	write("pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	write("key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	p12, err := pkcs12.Modern2023.Encode(pair.PrivateKey, cert, nil, args[1])
	ts.Check(err)
	write("p12", p12)
}
