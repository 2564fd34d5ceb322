package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/listing"
	"portside/client/transcript"
)

// notes returns the notes of a transcript.
func notes(rec *transcript.Recorder) string {
	var b strings.Builder
	for _, l := range rec.Lines() {
		if l.Kind == transcript.Note {
			b.WriteString(l.Text + "\n")
		}
	}
	return b.String()
}

func TestDataConnectionFaults(t *testing.T) {
	file := ftptest.File("/a", "hello")
	cases := []struct {
		name  string
		opts  []ftptest.Option
		mode  client.ConnMode
		wait  time.Duration
		works bool
		check func(t *testing.T, srv *ftptest.Server, err error)
	}{
		{name: "passive port dropped, EPSV alone", opts: []ftptest.Option{ftptest.BlackHolePassive()}, mode: client.EPSV, wait: 2 * time.Second, check: wantStep(client.StepDial, true)},
		{name: "passive port refused", opts: []ftptest.Option{ftptest.RefusePassive()}, mode: client.Passive, check: wantStep(client.StepDial, false)},
		{name: "EPSV not known, PASV works", opts: []ftptest.Option{ftptest.Without("EPSV")}, works: true},
		{name: "EPSV dropped, PASV works", opts: []ftptest.Option{ftptest.BlackHolePassive("EPSV")}, wait: 2 * time.Second, works: true},
		{name: "EPRT not known, PORT works", opts: []ftptest.Option{ftptest.Without("EPRT")}, mode: client.Active, works: true},
		{name: "PORT refused and no fall-back to passive", opts: []ftptest.Option{ftptest.Reply("PORT", "500 Illegal PORT command.")}, mode: client.PORT, check: func(t *testing.T, srv *ftptest.Server, err error) {
			if re, ok := errors.AsType[*client.ReplyError](err); !ok || re.Verb != "PORT" {
				t.Errorf("error = %v, want the refused PORT", err)
			}
			if v := srv.Verbs(); slices.Contains(v, "PASV") || slices.Contains(v, "EPSV") {
				t.Error("fell back to passive behind the user's back")
			}
		}},
		{name: "active: 150 and never a connection", opts: []ftptest.Option{ftptest.NeverConnect()}, mode: client.PORT, wait: 2 * time.Second, check: wantStep(client.StepAccept, true)},
		{name: "active: 150, then 425", opts: []ftptest.Option{ftptest.Late425(50 * time.Millisecond)}, mode: client.PORT, check: func(t *testing.T, _ *ftptest.Server, err error) {
			de, ok := errors.AsType[*client.DataError](err)
			re, isReply := errors.AsType[*client.ReplyError](err)
			if !ok || de.Step != client.StepAccept || !isReply || re.Reply.Code != 425 {
				t.Errorf("error = %v, want a DataError of step accept with the 425", err)
			}
		}},
		{name: "no preliminary reply", opts: []ftptest.Option{ftptest.No150()}, works: true},
		{name: "two final replies", opts: []ftptest.Option{ftptest.DoubleFinalReply()}, works: true},
		{name: "250 for 226", opts: []ftptest.Option{ftptest.Final("250 Done.")}, works: true},
		{name: "227 with a private address", opts: []ftptest.Option{ftptest.PassiveAddress("10.0.0.5")}, mode: client.PASV, works: true},
		{name: "replies byte by byte", opts: []ftptest.Option{ftptest.Dribble(1, time.Millisecond)}, works: true},
		{name: "a stranger connects first", opts: []ftptest.Option{ftptest.Stranger("127.0.0.9")}, mode: client.PORT, works: true},
		{name: "reset in the middle", opts: []ftptest.Option{ftptest.CutData(2)}, check: wantStep(client.StepCopy, false)},
		{name: "cut short and 426", opts: []ftptest.Option{ftptest.TruncateData(2), ftptest.Final("426 Connection closed; transfer aborted.")}, check: wantCode(426)},
		{name: "the file's bytes, then 552", opts: []ftptest.Option{ftptest.Final("552 No.")}, check: wantCode(552)},
		{name: "stalls", opts: []ftptest.Option{ftptest.StallData(2)}, wait: 2 * time.Second, check: wantStep(client.StepCopy, true)},
		{name: "421 to PORT", opts: []ftptest.Option{ftptest.Reply421OnPort()}, mode: client.Active, check: wantCode(421)},
		{name: "no such file", opts: []ftptest.Option{ftptest.Reply("RETR", "550 No such file.")}, check: wantCode(550)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := ftptest.NewServer(t, append(c.opts, file)...)
			if c.wait == 0 {
				c.wait = 10 * time.Second
			}
			rec := transcript.New(0, nil)
			s := dial(t, srv, client.Options{Mode: c.mode, Timeout: c.wait, Transcript: rec})
			var b bytes.Buffer
			start := time.Now()
			_, err := s.Retrieve(t.Context(), "/a", &b, client.TransferOptions{})
			if took := time.Since(start); took > 4*c.wait {
				t.Errorf("took %v with a timeout of %v", took, c.wait)
			}
			if c.works {
				if err != nil || b.String() != "hello" {
					t.Fatalf("Retrieve = %q, %v\n%s", b.String(), err, notes(rec))
				}
				if noopErr := s.Noop(t.Context()); noopErr != nil {
					t.Errorf("the session is of no use after: %v", noopErr)
				}
				return
			}
			if err == nil {
				t.Fatalf("no error; got %q", b.String())
			}
			c.check(t, srv, err)
			if a := client.Explain(err); a.Sentence == "" || strings.Contains(a.Sentence, "%!") {
				t.Errorf("Explain(%v) = %+v", err, a)
			}
			if n := srv.OpenDataConns(); n > 1 { // one may be in the server's own stall
				t.Errorf("%d data connections are left", n)
			}
		})
	}
}

func wantStep(step string, timeout bool) func(*testing.T, *ftptest.Server, error) {
	return func(t *testing.T, _ *ftptest.Server, err error) {
		t.Helper()
		de, ok := errors.AsType[*client.DataError](err)
		if !ok || de.Step != step || de.Timeout() != timeout {
			t.Errorf("error = %v, want a DataError of step %s, timeout %v", err, step, timeout)
		}
	}
}

func wantCode(code int) func(*testing.T, *ftptest.Server, error) {
	return func(t *testing.T, _ *ftptest.Server, err error) {
		t.Helper()
		re, ok := errors.AsType[*client.ReplyError](err)
		if !ok || re.Reply.Code != code {
			t.Errorf("error = %v, want the reply %d", err, code)
		}
	}
}

func TestForeignPASVAddressIsNoted(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.PassiveAddress("10.0.0.5"), ftptest.File("/a", "x"))
	rec := transcript.New(0, nil)
	s := dial(t, srv, client.Options{Mode: client.PASV, Transcript: rec})
	get(t, s, "/a")
	if n := notes(rec); !strings.Contains(n, "10.0.0.5") {
		t.Errorf("the notes do not tell of the address:\n%s", n)
	}
}

func TestStrangerIsNoted(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Stranger("127.0.0.9"), ftptest.File("/a", "x"))
	rec := transcript.New(0, nil)
	s := dial(t, srv, client.Options{Mode: client.Active, Transcript: rec})
	get(t, s, "/a")
	if n := notes(rec); !strings.Contains(n, "127.0.0.9") {
		t.Errorf("the notes do not tell of the stranger:\n%s", n)
	}
}

func TestUploadRefusedInTheMiddle(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.CutData(1<<20, "STOR"), ftptest.Final("552 Quota exceeded.", "STOR"))
	s := dial(t, srv, client.Options{})
	_, err := s.Store(t.Context(), "/a", ftptest.BigContent(64<<20), client.TransferOptions{})
	wantCode(552)(t, srv, err)
	if a := client.Explain(err); a.Kind != client.KindSpace {
		t.Errorf("Explain = %+v", a)
	}
	if err := s.Noop(t.Context()); err != nil {
		t.Errorf("the session is of no use after: %v", err)
	}
}

// failingReader gives some bytes and then fails.
type failingReader struct{ left int }

func (f *failingReader) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, errors.New("disk trouble")
	}
	n := min(len(p), f.left)
	f.left -= n
	return n, nil
}

func TestSourceFails(t *testing.T) {
	for _, opts := range [][]ftptest.Option{nil, {ftptest.TLS()}} {
		srv := ftptest.NewServer(t, opts...)
		sec := client.SecurityOff
		if opts != nil {
			sec = client.SecurityRequire
		}
		s := dial(t, srv, optionsFor(srv, sec))
		_, err := s.Store(t.Context(), "/a", &failingReader{left: 300_000}, client.TransferOptions{})
		if _, ok := errors.AsType[*client.LocalIOError](err); !ok {
			t.Errorf("Store = %v, want a LocalIOError", err)
		}
		for _, tr := range srv.Transfers() {
			if tr.Verb == "STOR" && strings.HasPrefix(tr.Reply, "2") {
				t.Errorf("the server took a part for the whole: %+v", tr)
			}
		}
	}
}

func TestPlugPulled(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/big", 1<<30), ftptest.Bandwidth(8<<20))
	s := dial(t, srv, client.Options{Timeout: 2 * time.Second})
	started := make(chan struct{}, 1)
	done := make(chan error, 1)
	go func() {
		_, err := s.Retrieve(t.Context(), "/big", io.Discard, client.TransferOptions{Progress: func(int64) {
			select {
			case started <- struct{}{}:
			default:
			}
		}})
		done <- err
	}()
	<-started
	srv.DropAll()
	select {
	case err := <-done:
		if a := client.Explain(err); a.Kind != client.KindLost {
			t.Errorf("error %v, explained as %+v", err, a)
		}
	case <-time.After(hang): // all of it takes two minutes
		t.Fatal("the transfer goes on")
	}
	<-s.Done()
	if s.Err() == nil {
		t.Error("Err is nil after the loss")
	}
	if err := s.Noop(t.Context()); err == nil {
		t.Error("a call after the loss works")
	}
}

func TestIdleLossIsTold(t *testing.T) {
	srv := ftptest.NewServer(t)
	s := dial(t, srv, client.Options{})
	srv.DropAll()
	select {
	case <-s.Done():
	case <-time.After(hang):
		t.Fatal("Done is not closed")
	}
	if _, ok := errors.AsType[*client.LostError](s.Err()); !ok {
		t.Errorf("Err = %v, want a LostError", s.Err())
	}
}

func TestDialFaults(t *testing.T) {
	cases := []struct {
		name string
		opts []ftptest.Option
		opt  client.Options
		kind client.Kind
	}{
		{"silent server", []ftptest.Option{ftptest.Greeting("")}, client.Options{Timeout: 300 * time.Millisecond}, client.KindTimeout},
		{"SSH server", []ftptest.Option{ftptest.Greeting(ftptest.Raw("SSH-2.0-OpenSSH_9.2\r\n"))}, client.Options{}, client.KindOther},
		{"421 greeting", []ftptest.Option{ftptest.Greeting("421 Too many connections")}, client.Options{}, client.KindBusy},
		{"TLS required and not offered", nil, client.Options{Security: client.SecurityRequire}, client.KindTLS},
		{"TLS required and the greeting says 230", []ftptest.Option{ftptest.Greeting("230 Already logged in")}, client.Options{Security: client.SecurityRequire}, client.KindTLS},
		{"endless reply line", []ftptest.Option{ftptest.Greeting(ftptest.Raw("220 " + strings.Repeat("x", 100<<10)))}, client.Options{}, client.KindOther},
		{"endless reply", []ftptest.Option{ftptest.Greeting(ftptest.Raw("220-a\r\n" + strings.Repeat("220-"+strings.Repeat("y", 1000)+"\r\n", 1100)))}, client.Options{}, client.KindOther},
		{"text injected before the handshake", []ftptest.Option{ftptest.TLS(), ftptest.InjectAfterAuth("230 Logged in\r\n")}, client.Options{Security: client.SecurityRequire}, client.KindTLS},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := ftptest.NewServer(t, c.opts...)
			opt := c.opt
			if opt.Timeout == 0 {
				opt.Timeout = patience
			}
			if opt.Security == client.SecurityRequire {
				opt.RootCAs = srv.RootCAs()
			}
			s, err := client.Dial(t.Context(), srv.Addr, opt)
			if err == nil {
				_ = s.Close()
				t.Fatal("connected")
			}
			if a := client.Explain(err); a.Kind != c.kind || a.Sentence == "" {
				t.Errorf("%v is explained as %+v, want kind %s", err, a, c.kind)
			}
			if v := srv.Verbs(); slices.Contains(v, "USER") || slices.Contains(v, "PASS") {
				t.Errorf("the login went on: %v", v)
			}
		})
	}
}

func TestPreliminaryGreeting(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Greeting(ftptest.Raw("120 Soon\r\n220 Now\r\n")), ftptest.File("/a", "x"))
	get(t, dial(t, srv, client.Options{}), "/a")
}

func TestCertificates(t *testing.T) {
	ca, err := ftptest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	self, err := ftptest.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	good, err := ca.Server()
	if err != nil {
		t.Fatal(err)
	}
	expired, err := ca.Expired()
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := ca.WrongName()
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		opts []ftptest.Option
		opt  client.Options
		word string // in the sentence; empty: it connects
	}{
		{"good", []ftptest.Option{ftptest.Certificate(good)}, client.Options{RootCAs: ca.Pool()}, ""},
		{"self-signed", []ftptest.Option{ftptest.Certificate(self)}, client.Options{RootCAs: ca.Pool()}, "self-signed"},
		{"expired", []ftptest.Option{ftptest.Certificate(expired)}, client.Options{RootCAs: ca.Pool()}, "not valid today"},
		{"another name", []ftptest.Option{ftptest.Certificate(wrong)}, client.Options{RootCAs: ca.Pool()}, "wrong.example.org"},
		{"pinned", []ftptest.Option{ftptest.Certificate(self)}, client.Options{Pin: ftptest.Fingerprint(self)}, ""},
		{"another pinned", []ftptest.Option{ftptest.Certificate(good)}, client.Options{RootCAs: ca.Pool(), Pin: ftptest.Fingerprint(self)}, "not the one that was pinned"},
		{"no checks", []ftptest.Option{ftptest.Certificate(self)}, client.Options{Insecure: true}, ""},
		{"offered, self-signed", []ftptest.Option{ftptest.Certificate(self)}, client.Options{Security: client.SecurityAuto, RootCAs: ca.Pool()}, "self-signed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := ftptest.NewServer(t, append(c.opts, ftptest.TLS(), ftptest.File("/a", "x"))...)
			opt := c.opt
			opt.Timeout = patience
			if c.name != "offered, self-signed" {
				opt.Security = client.SecurityRequire
			}
			s, dialErr := client.Dial(t.Context(), srv.Addr, opt)
			if c.word == "" {
				if dialErr != nil {
					t.Fatal(dialErr)
				}
				get(t, s, "/a")
				if closeErr := s.Close(); closeErr != nil {
					t.Error(closeErr)
				}
				return
			}
			ce, ok := errors.AsType[*client.CertError](dialErr)
			if !ok || len(ce.Chain) == 0 || len(ce.Fingerprint) != 64 {
				t.Fatalf("Dial = %v, want a CertError with chain and fingerprint", dialErr)
			}
			if a := client.Explain(dialErr); a.Kind != client.KindCert || !strings.Contains(a.Sentence, c.word) {
				t.Errorf("explained as %+v, want %q in it", a, c.word)
			}
			if v := srv.Verbs(); slices.Contains(v, "USER") {
				t.Error("the user's name was sent")
			}
		})
	}
}

func TestDataConnectionIsChecked(t *testing.T) {
	ca, err := ftptest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	other, err := ca.Server()
	if err != nil {
		t.Fatal(err)
	}
	srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.DataCertificate(other), ftptest.File("/a", "x"))
	s := dial(t, srv, secure(srv, client.SecurityRequire))
	_, err = s.Retrieve(t.Context(), "/a", io.Discard, client.TransferOptions{})
	if !errors.Is(err, client.ErrForeignDataCert) {
		t.Errorf("another certificate on the data connection: %v", err)
	}
	plain := ftptest.NewServer(t, ftptest.TLS(), ftptest.PlainData(), ftptest.File("/a", "x"))
	s = dial(t, plain, secure(plain, client.SecurityRequire))
	var b bytes.Buffer
	if _, err = s.Retrieve(t.Context(), "/a", &b, client.TransferOptions{}); err == nil || b.Len() > 0 {
		t.Errorf("plain data on a protected session: %q, %v", b.String(), err)
	}
}

func TestPROTRefusedFails(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.Reply("PROT", "534 No."))
	opt := secure(srv, client.SecurityRequire)
	opt.Timeout = patience
	if _, err := client.Dial(t.Context(), srv.Addr, opt); client.Explain(err).Kind != client.KindTLS {
		t.Errorf("Dial = %v", err)
	}
}

func TestTruncatedTLS(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.NoCloseNotify(), ftptest.File("/a", "hello"))
	s := dial(t, srv, secure(srv, client.SecurityRequire))
	if got := get(t, s, "/a"); string(got) != "hello" {
		t.Errorf("got %q", got)
	}
	if err := srv.Apply(ftptest.TruncateData(2)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Retrieve(t.Context(), "/a", io.Discard, client.TransferOptions{}); !errors.Is(err, client.ErrUnverified) {
		t.Errorf("a file cut short: %v", err)
	}
}

func TestCancelledListingLeavesTheSession(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Times(1, ftptest.Delay("MLSD", 2*time.Second)), ftptest.File("/a", "x"))
	s := dial(t, srv, client.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_ = srv.WaitFor(ctx, "MLSD")
		cancel()
	}()
	if _, err := s.List(ctx, "/"); !errors.Is(err, context.Canceled) {
		t.Fatalf("List = %v", err)
	}
	l, err := s.List(t.Context(), "/")
	if err != nil || len(l.Entries) != 1 {
		t.Errorf("the next List = %v, %v", l, err)
	}
}

func TestListWithoutMLSD(t *testing.T) {
	opts := []ftptest.Option{ftptest.Without("MLSD", "MLST"), ftptest.File("/d d/.hidden", "x"), ftptest.File("/d d/b [1]", "y")}
	srv := ftptest.NewServer(t, opts...)
	s := dial(t, srv, client.Options{})
	for range 2 {
		l, err := s.List(t.Context(), "/d d")
		if err != nil || len(l.Entries) != 2 {
			t.Fatalf("List = %+v, %v", l, err)
		}
	}
	if e, err := s.Stat(t.Context(), "/d d"); err != nil || e.Type.String() != "dir" {
		t.Errorf("Stat = %+v, %v", e, err)
	}
	if e, err := s.Stat(t.Context(), "/d d/.hidden"); err != nil || e.Size != 1 {
		t.Errorf("Stat = %+v, %v", e, err)
	}
	if _, err := s.Stat(t.Context(), "/nothing"); client.Explain(err).Kind != client.KindNotFound {
		t.Errorf("Stat of nothing = %v", err)
	}
	noA := ftptest.NewServer(t, append(opts, ftptest.NoListOptions())...)
	s = dial(t, noA, client.Options{})
	if _, err := s.List(t.Context(), "/d d"); err != nil {
		t.Error(err)
	}
}

func TestRawBytesRoundTrip(t *testing.T) {
	names := []string{"汉字.txt", "مرحبا.txt", "😀 emoji.txt", "caf\xe9.txt", "\xff\xfe.bin", " lead and trail ", "a\\b", "-rf", "quote\"s", "ÿ"}
	for _, without := range [][]ftptest.Option{nil, {ftptest.Without("MLSD", "MLST")}} {
		srv := ftptest.NewServer(t, without...)
		s := dial(t, srv, client.Options{})
		for _, n := range names {
			put(t, s, "/"+n, "of "+n, client.TransferOptions{})
			if got := string(srv.File("/" + n)); got != "of "+n {
				t.Errorf("%q: the server has %q under that name; names %q", n, got, srv.Names("/"))
			}
			if got := string(get(t, s, "/"+n)); got != "of "+n {
				t.Errorf("%q came back as %q", n, got)
			}
		}
		l, err := s.List(t.Context(), "/")
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			if !slices.ContainsFunc(l.Entries, func(e listing.Entry) bool { return e.Name == n }) {
				t.Errorf("%q is not in the listing", n)
			}
		}
	}
}
