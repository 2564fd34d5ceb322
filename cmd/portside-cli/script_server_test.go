package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"portside/client/ftptest"
)

// serversKey finds the servers of a script in its values.
type serversKey struct{}

// servers are the servers that a script has started.
type servers struct {
	byName map[string]*ftptest.Server
	demos  map[string]*demoProcess
}

func (s *servers) close() {
	for _, srv := range s.byName {
		srv.Close()
	}
	for _, d := range s.demos {
		_, _ = d.stop() // the script has failed already
	}
}

// cmdServe starts a server, or changes one that runs:
//
//	serve NAME [OPTION[=VALUE]...]
//
// It sets $NAME to "ftp://host:port", $NAME_addr to "host:port", $NAME_pin to
// the fingerprint of its certificate, and writes its CA to the file NAME.pem.
// Values are percent-decoded, so that they can hold any byte. The options are
// those of serverOption.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: serve NAME [OPTION...]")
	}
	all := ts.Value(serversKey{}).(*servers)
	opts := make([]ftptest.Option, 0, len(args))
	for _, a := range args[1:] {
		opt, err := serverOption(ts, a)
		ts.Check(err)
		opts = append(opts, opt)
	}
	if srv, ok := all.byName[args[0]]; ok {
		ts.Check(srv.Apply(opts...))
		return
	}
	srv, err := ftptest.Start(opts...)
	ts.Check(err)
	if all.byName == nil {
		all.byName = make(map[string]*ftptest.Server)
	}
	all.byName[args[0]] = srv
	ts.Setenv(args[0], "ftp://"+srv.Addr)
	ts.Setenv(args[0]+"_addr", srv.Addr)
	if ca := srv.CA(); ca != nil {
		ts.Check(os.WriteFile(ts.MkAbs(args[0]+".pem"), ca.PEM(), 0o600))
		ts.Setenv(args[0]+"_pin", srv.Fingerprint())
	}
}

// serverOption reads one option of serve: "name", "name=value" or
// "name=key=value".
func serverOption(ts *testscript.TestScript, text string) (ftptest.Option, error) {
	option, rest, _ := strings.Cut(text, "=")
	rest, err := url.PathUnescape(rest)
	if err != nil {
		return nil, err
	}
	key, value, _ := strings.Cut(rest, "=")
	n, _ := strconv.ParseInt(value, 10, 64)
	switch option {
	case "file":
		return ftptest.File(key, value), nil
	case "copy": // a file of the script
		return ftptest.File(key, ts.ReadFile(value)), nil
	case "dated":
		date, data, _ := strings.Cut(value, "=")
		t, err := time.Parse(time.RFC3339, date)
		return ftptest.FileAt(key, data, t, 0o640), err
	case "dir":
		return ftptest.Dir(key), nil
	case "link":
		return ftptest.Symlink(key, value), nil
	case "big":
		return ftptest.BigFile(key, n), nil
	case "wide":
		return ftptest.WideListing(key, int(n)), nil
	case "entry":
		name, data, _ := strings.Cut(value, "=")
		return ftptest.Entry(key, name, data), nil
	case "home":
		return ftptest.Home(key), nil
	case "user":
		return ftptest.User(key, value), nil
	case "account":
		return ftptest.RequireAccount(key), nil
	case "reply":
		return ftptest.Reply(key, value), nil
	case "once":
		return ftptest.Times(1, ftptest.Reply(key, value)), nil
	case "greeting":
		return ftptest.Greeting(rest), nil
	case "without":
		return ftptest.Without(strings.Split(rest, ",")...), nil
	case "listline":
		return ftptest.ListLines(strings.Split(rest, "\n")...), nil
	default:
		return serverFault(option, rest)
	}
}

// serverFault reads the options without a value, and those that take a number.
func serverFault(option, rest string) (ftptest.Option, error) {
	n, _ := strconv.ParseInt(rest, 10, 64)
	switch option {
	case "named": // no anonymous login
		return ftptest.NoAnonymous(), nil
	case "readonly":
		return ftptest.ReadOnly(), nil
	case "ipv6":
		return ftptest.IPv6(), nil
	case "tls":
		return ftptest.TLS(), nil
	case "implicit":
		return ftptest.ImplicitTLS(), nil
	case "requiretls":
		return ftptest.RequireTLS(), nil
	case "reuse":
		return ftptest.RequireSessionReuse(), nil
	case "blackhole":
		return ftptest.BlackHolePassive(), nil
	case "refuse":
		return ftptest.RefusePassive(), nil
	case "never":
		return ftptest.NeverConnect(), nil
	case "dos":
		return ftptest.DOSListing(), nil
	case "ignorerest":
		return ftptest.IgnoreREST(), nil
	case "cut":
		return ftptest.Times(1, ftptest.CutData(n, "RETR", "STOR", "APPE")), nil
	case "drop":
		return ftptest.Times(1, ftptest.DropData(n, "RETR", "STOR")), nil
	case "stall":
		return ftptest.StallData(n), nil
	case "truncate":
		return ftptest.TruncateData(n, "RETR"), nil
	case "cutlist": // listings that break off after so many bytes
		return ftptest.CutData(n, "LIST", "MLSD"), nil
	case "maxconns":
		return ftptest.MaxConns(int(n)), nil
	case "bandwidth":
		return ftptest.Bandwidth(n), nil
	default:
		return nil, fmt.Errorf("unknown server option %q", option)
	}
}

// cmdServer looks at a server, or does something to it:
//
//	server NAME has PATH FILE    the file at PATH is the same as FILE
//	server NAME exists PATH
//	server NAME saw VERB [N]     at all, or N times
//	server NAME command LINE     exactly this command was received
//	server NAME moving N         wait until N bytes have moved
//	server NAME drop             cut every connection, and listen no more
//	server NAME clear            forget the faults
func cmdServer(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: server NAME WHAT [ARG...]")
	}
	srv := ts.Value(serversKey{}).(*servers).byName[args[0]]
	if srv == nil {
		ts.Fatalf("no server %s", args[0])
	}
	decoded := make([]string, 0, len(args))
	for _, a := range args[2:] {
		d, err := url.PathUnescape(a)
		ts.Check(err)
		decoded = append(decoded, d)
	}
	check := func(ok bool, format string, values ...any) {
		if ok == neg {
			ts.Fatalf(format, values...)
		}
	}
	switch args[1] {
	case "has":
		same := srv.Exists(decoded[0]) && bytes.Equal(srv.File(decoded[0]), []byte(ts.ReadFile(args[3])))
		check(same, "%q is, or is not, the same as %s", decoded[0], args[3])
	case "exists":
		check(srv.Exists(decoded[0]), "exists %q = %v", decoded[0], srv.Exists(decoded[0]))
	case "saw":
		got := srv.Count(decoded[0])
		ok := got > 0
		if len(decoded) > 1 {
			ok = strconv.Itoa(got) == decoded[1]
		}
		check(ok, "%s received %d times", decoded[0], got)
	case "command":
		found := false
		for _, c := range srv.Commands() {
			found = found || c == decoded[0]
		}
		check(found, "commands %q", srv.Commands())
	case "moving":
		n, err := strconv.ParseInt(decoded[0], 10, 64)
		ts.Check(err)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		ts.Check(srv.WaitMoved(ctx, n))
	case "drop":
		srv.StopListening()
		srv.DropAll()
	case "clear":
		srv.ClearFaults()
	default:
		ts.Fatalf("unknown: server %s", args[1])
	}
}

// cmdBytes writes a file of any bytes, or compares one:
//
//	bytes FILE big N      what a big file of the server holds
//	bytes FILE text TEXT  percent-decoded
//	[!] bytes FILE is N   has this size
//	[!] bytes FILE same F has the same bytes as the file F
func cmdBytes(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: bytes FILE big|text|is|same VALUE")
	}
	file, err := url.PathUnescape(args[0])
	ts.Check(err)
	file = ts.MkAbs(file)
	n, _ := strconv.ParseInt(args[2], 10, 64)
	switch args[1] {
	case "big":
		data, err := io.ReadAll(ftptest.BigContent(n))
		ts.Check(err)
		ts.Check(os.WriteFile(file, data, 0o600))
	case "text":
		text, err := url.PathUnescape(args[2])
		ts.Check(err)
		ts.Check(os.WriteFile(file, []byte(text), 0o600))
	case "is":
		info, err := os.Stat(file)
		ts.Check(err)
		if (info.Size() == n) == neg {
			ts.Fatalf("%s has %d bytes", args[0], info.Size())
		}
	case "same":
		data, err := os.ReadFile(file)
		ts.Check(err)
		if (string(data) == ts.ReadFile(args[2])) == neg {
			ts.Fatalf("%s is %q", args[0], data)
		}
	default:
		ts.Fatalf("unknown: bytes %s", args[1])
	}
}
