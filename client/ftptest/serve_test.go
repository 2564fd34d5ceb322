package ftptest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portside/client/ftptest"
)

// TestMain runs the tests, or with -ftptest.serve the server.
func TestMain(m *testing.M) {
	s := newServing(flag.CommandLine)
	flag.Parse()
	if s.addr == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := s.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ftptest:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serving is what the flags say.
type serving struct {
	addr   string
	dir    string
	cafile string
	opts   []ftptest.Option
}

func newServing(fs *flag.FlagSet) *serving {
	s := &serving{}
	fs.StringVar(&s.addr, "ftptest.serve", "", "serve on `address` until interrupted")
	fs.StringVar(&s.dir, "ftptest.dir", "", "copy `folder` into memory")
	fs.StringVar(&s.cafile, "ftptest.cafile", "", "write the CA certificate to `file`")
	s.switches(fs)
	s.values(fs)
	s.durations(fs)
	return s
}

// switches are the flags without a value.
func (s *serving) switches(fs *flag.FlagSet) {
	for _, f := range []struct {
		name, usage string
		opt         ftptest.Option
	}{
		{"tls", "offer AUTH TLS", ftptest.TLS()},
		{"implicit", "implicit TLS", ftptest.ImplicitTLS()},
		{"requiretls", "refuse logins without TLS", ftptest.RequireTLS()},
		{"reuse", "demand TLS session reuse", ftptest.RequireSessionReuse()},
		{"nofeat", "refuse FEAT", ftptest.NoFeat()},
		{"blackhole", "passive ports never answer", ftptest.BlackHolePassive()},
		{"refuse", "passive ports refuse", ftptest.RefusePassive()},
		{"never", "active: never connect", ftptest.NeverConnect()},
		{"connectfirst", "open data connections before 150", ftptest.ConnectFirst()},
		{"no150", "no preliminary reply", ftptest.No150()},
		{"double", "two final replies", ftptest.DoubleFinalReply()},
		{"ignorerest", "accept REST and ignore it", ftptest.IgnoreREST()},
	} {
		fs.BoolFunc("ftptest."+f.name, f.usage, func(v string) error {
			if v == "true" {
				s.opts = append(s.opts, f.opt)
			}
			return nil
		})
	}
}

// values are the flags with a text or a number.
func (s *serving) values(fs *flag.FlagSet) {
	text := func(name, usage string, fn func(string) (ftptest.Option, error)) {
		fs.Func("ftptest."+name, usage, func(v string) error {
			o, err := fn(v)
			s.opts = append(s.opts, o)
			return err
		})
	}
	number := func(name, usage string, fn func(int64) ftptest.Option) {
		text(name, usage, func(v string) (ftptest.Option, error) {
			var n int64
			_, err := fmt.Sscan(v, &n)
			return fn(n), err
		})
	}
	text("user", "accept `name:password` only", func(v string) (ftptest.Option, error) {
		name, pass, _ := strings.Cut(v, ":")
		s.opts = append(s.opts, ftptest.NoAnonymous())
		return ftptest.User(name, pass), nil
	})
	text("reply", "reply to a verb: `VERB=text`", func(v string) (ftptest.Option, error) {
		verb, reply, ok := strings.Cut(v, "=")
		if !ok {
			return nil, errors.New("VERB=text is needed")
		}
		return ftptest.Reply(verb, strings.ReplaceAll(reply, `\n`, "\n")), nil
	})
	text("greeting", "greet with `text`", func(v string) (ftptest.Option, error) {
		return ftptest.Greeting(strings.ReplaceAll(v, `\n`, "\n")), nil
	})
	text("without", "unknown `verbs`", func(v string) (ftptest.Option, error) {
		return ftptest.Without(strings.Split(v, ",")...), nil
	})
	text("passive", "`address` to announce in 227", func(v string) (ftptest.Option, error) {
		return ftptest.PassiveAddress(v), nil
	})
	text("final", "final reply of transfers: `text`", func(v string) (ftptest.Option, error) {
		return ftptest.Final(v), nil
	})
	number("big", "a file /big.bin of `n` bytes", func(n int64) ftptest.Option { return ftptest.BigFile("/big.bin", n) })
	number("wide", "a folder /wide of `n` entries", func(n int64) ftptest.Option { return ftptest.WideListing("/wide", int(n)) })
	number("bandwidth", "`n` bytes a second and data connection", ftptest.Bandwidth)
	number("cut", "reset data connections after `n` bytes", func(n int64) ftptest.Option { return ftptest.CutData(n) })
	number("stall", "stop after `n` bytes of data", func(n int64) ftptest.Option { return ftptest.StallData(n) })
	number("maxconns", "at most `n` control connections", func(n int64) ftptest.Option { return ftptest.MaxConns(int(n)) })
}

// durations are the flags with a duration.
func (s *serving) durations(fs *flag.FlagSet) {
	add := func(name, usage string, fn func(time.Duration) ftptest.Option) {
		fs.Func("ftptest."+name, usage, func(v string) error {
			d, err := time.ParseDuration(v)
			s.opts = append(s.opts, fn(d))
			return err
		})
	}
	add("rtt", "round-trip time `d`", ftptest.RTT)
	add("late425", "active: 425 after `d`", func(d time.Duration) ftptest.Option { return ftptest.Late425(d) })
	add("dribble", "send replies byte by byte, `d` apart", func(d time.Duration) ftptest.Option { return ftptest.Dribble(1, d) })
	fs.Func("ftptest.delay", "wait before answering a verb: `VERB=d`", func(v string) error {
		verb, text, _ := strings.Cut(v, "=")
		d, err := time.ParseDuration(text)
		s.opts = append(s.opts, ftptest.Delay(verb, d))
		return err
	})
}

// run serves until ctx ends.
func (s *serving) run(ctx context.Context) error {
	var mu sync.Mutex // guards standard output
	tree, err := s.tree()
	if err != nil {
		return err
	}
	opts := append([]ftptest.Option{ftptest.Addr(s.addr), ftptest.Log(func(conn int, dir, line string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf("%d %s %q\n", conn, dir, line)
	})}, tree...)
	srv, err := ftptest.Start(append(opts, s.opts...)...) //nolint:contextcheck // it ends with Close
	if err != nil {
		return err
	}
	defer srv.Close()
	if s.cafile != "" {
		if err := os.WriteFile(s.cafile, srv.CA().PEM(), 0o600); err != nil {
			return err
		}
	}
	mu.Lock()
	fmt.Println("serving", srv.URL)
	mu.Unlock()
	<-ctx.Done()
	return nil
}

// tree is the folder to serve, or a small one.
func (s *serving) tree() ([]ftptest.Option, error) {
	if s.dir == "" {
		return []ftptest.Option{
			ftptest.File("/readme.txt", "A test server. Nothing here is kept.\n"),
			ftptest.BigFile("/data/100MB.bin", 100_000_000),
			ftptest.Dir("/upload"),
		}, nil
	}
	var opts []ftptest.Option
	root := os.DirFS(s.dir)
	err := fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			opts = append(opts, ftptest.Dir(p))
		case i.Mode().IsRegular():
			data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(p)))
			if err != nil {
				return err
			}
			opts = append(opts, ftptest.FileAt(p, string(data), i.ModTime(), uint32(i.Mode().Perm())))
		}
		return nil
	})
	return opts, err
}

// TestServe parses flags, serves, and asks the server over the network.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("from disk"), 0o640); err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(dir, "ca.pem")
	set := flag.NewFlagSet("test", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	s := newServing(set)
	if err := set.Parse([]string{
		"-ftptest.serve", "127.0.0.1:0", "-ftptest.dir", dir, "-ftptest.cafile", ca, "-ftptest.tls", "-ftptest.user", "joe:secret",
		"-ftptest.reply", `SYST=215-a\n215 b`, "-ftptest.without", "MLSD,MLST", "-ftptest.cut", "4", "-ftptest.late425", "1ms", "-ftptest.delay", "NOOP=1ms",
	}); err != nil {
		t.Fatal(err)
	}
	tree, err := s.tree()
	if err != nil {
		t.Fatal(err)
	}
	srv := ftptest.NewServer(t, append(tree, s.opts...)...)
	c := connect(t, srv)
	c.expect(220)
	c.cmd(331, "USER joe")
	c.cmd(230, "PASS secret")
	if got := c.cmd(215, "SYST"); got != "a\nb" {
		t.Errorf("SYST = %q", got)
	}
	c.cmd(500, "MLST")
	_, reply := c.get("EPSV", "RETR a.txt")
	wantPrefix(t, "RETR", reply, "426")
	if got := string(srv.File("/a.txt")); got != "from disk" {
		t.Errorf("/a.txt = %q", got)
	}
	if err := set.Parse([]string{"-ftptest.rtt", "soon"}); err == nil {
		t.Error("a bad duration was accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.run(ctx); err != nil {
		t.Fatal(err)
	}
	if pem, err := os.ReadFile(ca); err != nil || !strings.HasPrefix(string(pem), "-----BEGIN CERTIFICATE") {
		t.Errorf("CA file: %q, %v", pem, err)
	}
}
