package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"portside/client/ftptest"
	"portside/client/internal/realserver"
)

// The account and the files of every server.
const (
	user     = "skipper"
	password = "harbour"
	dataSize = 300_000 // of /data.bin
)

// caFile is where a server with TLS leaves its authority, for the client to
// find as the system's.
const caFile = worldDir + "/lab/ca.pem"

// dataTimeout is how long the server waits for a data connection before it
// says 425: longer than anybody should wait for it.
const dataTimeout = 30 * time.Second

// runServer is the role of the FTP server.
func runServer(ctx context.Context, sc *scene) error {
	if sc.kind != "" {
		return runReal(ctx, sc)
	}
	address := serverPublic
	if sc.hidden {
		address = serverPrivate
	}
	if sc.ipv6 {
		address = "" // both families
	}
	logFile, err := os.Create(filepath.Join(worldDir, "lab", "said.log"))
	if err != nil {
		return err
	}
	var mu sync.Mutex // guards logFile
	began := time.Now()
	options := []ftptest.Option{
		ftptest.Addr(net.JoinHostPort(address, "21")),
		ftptest.NoAnonymous(), ftptest.User(user, password),
		ftptest.BigFile("/data.bin", dataSize), ftptest.File("/readme.txt", "The lab.\n"), ftptest.Dir("/up"),
		ftptest.DataTimeout(dataTimeout),
		ftptest.Log(func(conn int, dir, line string) {
			mu.Lock()
			defer mu.Unlock()
			_, _ = fmt.Fprintf(logFile, "%7.3f %d %s %s\n", time.Since(began).Seconds(), conn, dir, line)
		}),
	}
	if sc.tls {
		cert, certErr := certificate()
		if certErr != nil {
			return certErr
		}
		options = append(options, cert)
	}
	if sc.server != nil {
		options = append(options, sc.server()...)
	}
	srv, err := ftptest.Start(options...) //nolint:contextcheck // it ends with Close
	if err != nil {
		return err
	}
	defer srv.Close()
	ready()
	<-ctx.Done()
	return nil
}

// certificate makes one for the server's name and addresses.
func certificate() (ftptest.Option, error) {
	ca, err := ftptest.NewCA()
	if err != nil {
		return nil, err
	}
	cert, err := ca.Issue(serverName, serverPublic, serverIPv6)
	if err != nil {
		return nil, err
	}
	return ftptest.Certificate(cert), os.WriteFile(caFile, ca.PEM(), 0o644)
}

// runReal runs a real server.
func runReal(ctx context.Context, sc *scene) error {
	cfg := realserver.Config{Kind: sc.kind, Host: serverPublic, Port: 21, Name: serverName}
	if sc.tls {
		cfg.Security = realserver.Explicit
	}
	srv, err := realserver.Start(ctx, cfg)
	var gone *realserver.Unavailable
	if errors.As(err, &gone) {
		fmt.Println(skipLine, gone)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = srv.Close() }() // its folder goes with the scene
	if err := fill(srv.Root); err != nil {
		return err
	}
	if sc.tls {
		pem, err := os.ReadFile(srv.CAFile)
		if err != nil {
			return err
		}
		if err := os.WriteFile(caFile, pem, 0o644); err != nil {
			return err
		}
	}
	ready()
	<-ctx.Done()
	return nil
}

// fill puts the files into the folder of a real server, for its user.
func fill(root string) error {
	for name, data := range map[string][]byte{"data.bin": dataBytes(), "readme.txt": []byte("The lab.\n")} {
		if err := os.WriteFile(filepath.Join(root, name), data, 0o644); err != nil {
			return err
		}
	}
	up := filepath.Join(root, "up")
	if err := os.Mkdir(up, 0o777); err != nil {
		return err
	}
	return os.Chmod(up, 0o777)
}

// knock makes the stranger connect to the active port of the client before the
// server does. It is for one client at a time.
func knock() []ftptest.Option {
	var mu sync.Mutex // guards where
	var where netip.AddrPort
	note := func(to netip.AddrPort) {
		mu.Lock()
		defer mu.Unlock()
		where = to
	}
	options := []ftptest.Option{
		ftptest.Handle("PORT", func(_ *ftptest.Conn, arg string) bool { note(portArg(arg)); return false }),
		ftptest.Handle("EPRT", func(_ *ftptest.Conn, arg string) bool { note(eprtArg(arg)); return false }),
		ftptest.Handle("PASV", func(*ftptest.Conn, string) bool { note(netip.AddrPort{}); return false }),
		ftptest.Handle("EPSV", func(*ftptest.Conn, string) bool { note(netip.AddrPort{}); return false }),
	}
	for _, verb := range []string{"LIST", "MLSD", "NLST", "RETR", "STOR"} {
		options = append(options, ftptest.Handle(verb, func(c *ftptest.Conn, _ string) bool {
			mu.Lock()
			to := where
			mu.Unlock()
			if to.IsValid() {
				if err := tellStranger(c.Context(), to); err != nil {
					fmt.Fprintln(os.Stderr, "the stranger:", err)
				}
			}
			return false
		}))
	}
	return options
}

// portArg reads the argument of PORT.
func portArg(arg string) netip.AddrPort {
	f := strings.Split(arg, ",")
	if len(f) != 6 {
		return netip.AddrPort{}
	}
	high, err1 := strconv.ParseUint(f[4], 10, 8)
	low, err2 := strconv.ParseUint(f[5], 10, 8)
	ip, err3 := netip.ParseAddr(strings.Join(f[:4], "."))
	if err := errors.Join(err1, err2, err3); err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ip, uint16(high<<8|low))
}

// eprtArg reads the argument of EPRT.
func eprtArg(arg string) netip.AddrPort {
	f := strings.Split(arg, "|")
	if len(f) != 5 {
		return netip.AddrPort{}
	}
	to, err := netip.ParseAddrPort(net.JoinHostPort(f[2], f[3]))
	if err != nil {
		return netip.AddrPort{}
	}
	return to
}

// strangerOrders is where the stranger takes orders.
const strangerOrders = strangerAddr + ":7000"

// tellStranger makes the stranger connect to an address, and waits until it has.
func tellStranger(ctx context.Context, to netip.AddrPort) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", strangerOrders)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err = fmt.Fprintln(conn, to); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || strings.TrimSpace(answer) != "connected" {
		return fmt.Errorf("it could not connect to %s: %s: %w", to, strings.TrimSpace(answer), err)
	}
	return nil
}

// runStranger is the role of somebody who connects to any port that is named.
func runStranger(ctx context.Context, _ *scene) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", strangerOrders)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = ln.Close() })
	ready()
	for {
		order, err := ln.Accept()
		if err != nil {
			return nil
		}
		go obey(ctx, order)
	}
}

func obey(ctx context.Context, order net.Conn) {
	defer func() { _ = order.Close() }()
	line, err := bufio.NewReader(order).ReadString('\n')
	if err != nil {
		return
	}
	d := net.Dialer{Timeout: 2 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", strings.TrimSpace(line))
	if err != nil {
		_, _ = fmt.Fprintln(order, err)
		return
	}
	_, _ = fmt.Fprintln(conn, "a stranger's data") // it may be turned away already
	_, _ = fmt.Fprintln(order, "connected")
	<-ctx.Done()
	_ = conn.Close()
}
