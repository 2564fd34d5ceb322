package ftptest_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"portside/client/ftptest"
)

func TestReplies(t *testing.T) {
	srv := ftptest.NewServer(
		t,
		ftptest.Reply("SYST", "215 one", "500 two"),
		ftptest.Reply("NOOP", ftptest.Default, "211-a\n211-b\n211 c"),
		ftptest.Times(2, ftptest.Reply("PWD", "450 Busy.")),
		ftptest.Reply("SITE CHMOD", "202 Superfluous."),
		ftptest.Reply("CDUP", ftptest.Raw("250 no CR\n250-spare\r\n250 line\r\n")),
		ftptest.Reply("QUIT", ftptest.ThenClose("421 Gone.")),
	)
	c := login(t, srv)
	c.cmd(215, "SYST")
	c.cmd(500, "SYST")
	c.cmd(500, "SYST")
	c.cmd(200, "NOOP")
	if got, want := c.cmd(211, "NOOP"), "a\nb\nc"; got != want {
		t.Errorf("multi-line reply = %q, want %q", got, want)
	}
	c.cmd(450, "PWD")
	c.cmd(450, "PWD")
	c.cmd(257, "PWD")
	c.cmd(202, "SITE CHMOD 644 x")
	c.cmd(214, "SITE HELP")
	c.cmd(250, "CDUP")
	c.expect(250)
	c.cmd(421, "QUIT")
	if _, err := c.tp.ReadLine(); !errors.Is(err, io.EOF) {
		t.Errorf("after ThenClose: %v, want EOF", err)
	}
	want := []string{"USER", "PASS", "TYPE", "SYST", "SYST", "SYST", "NOOP", "NOOP", "PWD", "PWD", "PWD", "SITE", "SITE", "CDUP", "QUIT"}
	if got := srv.Verbs(); !slices.Equal(got, want) {
		t.Errorf("verbs = %q, want %q", got, want)
	}
	if got := srv.Commands()[1]; got != "PASS x@" {
		t.Errorf("second command = %q", got)
	}
}

func TestConnectionEnds(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Reply("SYST", ftptest.CloseConn), ftptest.Reply("NOOP", ftptest.ResetConn), ftptest.Reply("PWD", ftptest.Silence))
	c := login(t, srv)
	c.send("SYST")
	if _, err := c.tp.ReadLine(); !errors.Is(err, io.EOF) {
		t.Errorf("CloseConn: %v, want EOF", err)
	}
	c = login(t, srv)
	c.send("PWD")
	c.send("NOOP")
	if _, err := c.tp.ReadLine(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("Silence and ResetConn: %v, want a reset", err)
	}
	if err := srv.Apply(ftptest.CutControlAfter(4)); err != nil {
		t.Fatal(err)
	}
	c = login(t, srv)
	c.cmd(200, "TYPE I")
	c.send("TYPE I")
	if _, err := c.tp.ReadLine(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("CutControlAfter(4): fifth command: %v, want a reset", err)
	}
}

func TestGreetings(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Greeting("120 Soon.\n220-Hello\n220 Ready.", ftptest.CloseConn, "421 Full."))
	c := connect(t, srv)
	c.expect(120)
	if got := c.expect(220); got != "Hello\nReady." {
		t.Errorf("greeting = %q", got)
	}
	c = connect(t, srv)
	if _, err := c.tp.ReadLine(); !errors.Is(err, io.EOF) {
		t.Errorf("second connection: %v, want EOF", err)
	}
	connect(t, srv).expect(421)
}

func TestLogins(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.RequireAccount("dept"), ftptest.NoAnonymous(), ftptest.User("joe", ""), ftptest.Home("/home/joe"))
	c := connect(t, srv)
	c.expect(220)
	c.cmd(331, "USER ftp")
	c.cmd(530, "PASS x")
	c.cmd(503, "ACCT dept")
	c.cmd(331, "USER joe")
	c.cmd(332, "PASS ")
	c.cmd(530, "PWD")
	c.cmd(530, "ACCT other")
	c.cmd(230, "ACCT dept")
	if got := c.cmd(257, "PWD"); !strings.HasPrefix(got, `"/home/joe"`) {
		t.Errorf("PWD = %q", got)
	}
	if err := srv.Apply(ftptest.NoPassword(), ftptest.MaxConns(2)); err != nil {
		t.Fatal(err)
	}
	c2 := connect(t, srv)
	c2.expect(220)
	c2.cmd(230, "USER joe")
	connect(t, srv).expect(421)
	c2.cmd(221, "QUIT")
	if err := srv.WaitConns(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	connect(t, srv).expect(220)
}

func TestHandle(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Handle("NOOP", func(c *ftptest.Conn, arg string) bool {
		if arg == "" {
			return false
		}
		c.Reply(299, "You said\n"+arg+"\nas "+c.User())
		return true
	}))
	c := login(t, srv)
	c.cmd(200, "NOOP")
	if got, want := c.cmd(299, "NOOP hi"), "You said\nhi\nas anonymous"; got != want {
		t.Errorf("handled reply = %q, want %q", got, want)
	}
}

func TestDeadPassivePorts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault ftptest.Option
		want  func(error) bool
	}{
		{"refuse", ftptest.RefusePassive(), func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		{"black hole", ftptest.BlackHolePassive("EPSV"), isTimeout},
	} {
		for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
			t.Run(tt.name+" "+addr, func(t *testing.T) {
				srv := ftptest.NewServer(t, ftptest.Addr(addr), ftptest.DataTimeout(50*time.Millisecond), ftptest.Times(1, tt.fault))
				c := login(t, srv)
				c.prepare("EPSV")
				d := net.Dialer{Timeout: time.Second}
				if _, err := d.DialContext(t.Context(), "tcp", c.addr); !tt.want(err) {
					t.Errorf("dial: %v", err)
				}
				c.send("LIST")
				c.expect(150)
				c.expect(425)
				_, reply := c.get("EPSV", "LIST")
				wantPrefix(t, "LIST when the fault is over", reply, "226")
			})
		}
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func TestPassiveReplies(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.PassiveAddress("10.0.0.5"))
	c := login(t, srv)
	if got := c.cmd(227, "PASV"); !strings.Contains(got, "(10,0,0,5,") {
		t.Errorf("227 = %q", got)
	}
	_, reply := c.get("PASV", "LIST")
	wantPrefix(t, "LIST", reply, "226")
	if err := srv.Apply(ftptest.PassiveFormat("PASV", "227 ={h},{p} or {port}")); err != nil {
		t.Fatal(err)
	}
	if got := c.cmd(227, "PASV"); !strings.HasPrefix(got, "=10,0,0,5,") || strings.Contains(got, "{") {
		t.Errorf("227 = %q", got)
	}
}

func TestActiveFaults(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Times(1, ftptest.Late425(10*time.Millisecond)))
	c := login(t, srv)
	c.cmd(500, "PORT 127,0,0,9,200,1")
	c.cmd(500, "PORT 127,0,0,1,0,25")
	c.cmd(501, "PORT 127,0,0,1,0")
	c.cmd(522, "EPRT |2|127.0.0.1|2000|")
	c.prepare("PORT")
	c.send("LIST")
	c.expect(150)
	c.expect(425)
	_, reply := c.get("PORT", "LIST")
	wantPrefix(t, "LIST after 425", reply, "226")

	if err := srv.Apply(ftptest.NeverConnect("RETR"), ftptest.File("/f", "x")); err != nil {
		t.Fatal(err)
	}
	c.prepare("EPRT")
	c.send("RETR /f")
	c.expect(150)
	c.cmd(426, "ABOR")
	c.expect(226)
	if err := srv.Apply(ftptest.Reply421OnPort()); err != nil {
		t.Fatal(err)
	}
	c.cmd(421, "EPRT |1|127.0.0.1|20000|")
	if _, err := c.tp.ReadLine(); !errors.Is(err, io.EOF) {
		t.Errorf("after 421: %v, want EOF", err)
	}
}

func TestStranger(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Stranger("127.0.0.77"), ftptest.File("/f", "content"))
	c := login(t, srv)
	c.prepare("PORT")
	c.send("RETR /f")
	c.expect(150)
	ln := c.ln
	stranger, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	if host, _, _ := net.SplitHostPort(stranger.RemoteAddr().String()); host != "127.0.0.77" {
		t.Errorf("first connection from %s", host)
	}
	data, err := io.ReadAll(c.open())
	if err != nil || string(data) != "content" {
		t.Errorf("second connection: %q, %v", data, err)
	}
	c.expect(226)
}

func TestFromPort20(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("port 20 needs root")
	}
	srv := ftptest.NewServer(t, ftptest.FromPort20(), ftptest.ConnectFirst())
	c := login(t, srv)
	for range 2 {
		c.prepare("EPRT")
		c.send("LIST")
		reply := c.final()
		if strings.HasPrefix(reply, "425") && strings.Contains(reply, "in use") {
			t.Skip("another program on this machine uses port 20: " + reply)
		}
		wantPrefix(t, "LIST", reply, "150")
		conn := c.open()
		if _, port, _ := net.SplitHostPort(conn.RemoteAddr().String()); port != "20" {
			t.Errorf("data connection from port %s, want 20", port)
		}
		_ = conn.Close()
		c.expect(226)
	}
}

func TestReplyFaults(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/f", "content"), ftptest.No150("RETR"), ftptest.DoubleFinalReply("LIST"), ftptest.Final("552 Quota exceeded.", "STOR"))
	c := login(t, srv)
	c.prepare("EPSV")
	c.send("RETR /f")
	if data, err := io.ReadAll(c.open()); err != nil || string(data) != "content" {
		t.Errorf("RETR without 150: %q, %v", data, err)
	}
	c.expect(226)
	_, reply := c.get("EPSV", "LIST")
	wantPrefix(t, "LIST", reply, "226")
	c.expect(226)
	wantPrefix(t, "STOR", c.put("EPSV", []byte("x"), "STOR /g"), "552 Quota")
	if got := srv.Transfers(); got[0].Verb != "RETR" || got[0].Sent != 7 || got[2].Read != 1 || got[2].Reply != "552 Quota exceeded." {
		t.Errorf("transfers = %+v", got)
	}
}

func TestDataFaults(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 20_000)
	for _, tt := range []struct {
		name  string
		fault ftptest.Option
		get   string // final reply of RETR
		got   int    // bytes of RETR; -1: any number
		put   string // final reply of STOR
		kept  int    // bytes of STOR
	}{
		{"cut", ftptest.CutData(1000), "426", -1, "426", 1000},
		{"cut at the end", ftptest.CutData(200_000), "426", -1, "426", 200_000},
		{"truncate", ftptest.TruncateData(1000), "226", 1000, "226", 1000},
		{"drop", ftptest.DropData(1000), "error", -1, "error", 1000},
		{"beyond the end", ftptest.CutData(200_001), "226", 200_000, "226", 200_000},
		{"only LIST", ftptest.CutData(0, "LIST"), "226", 200_000, "226", 200_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := ftptest.NewServer(t, ftptest.File("/f", string(content)), tt.fault)
			data, reply := login(t, srv).get("EPSV", "RETR /f")
			wantPrefix(t, "RETR", reply, tt.get)
			if tt.got >= 0 && len(data) != tt.got {
				t.Errorf("RETR gave %d bytes, want %d", len(data), tt.got)
			}
			wantPrefix(t, "STOR", login(t, srv).put("EPRT", content, "STOR /up"), tt.put)
			if n := len(srv.File("/up")); n != tt.kept {
				t.Errorf("STOR kept %d bytes, want %d", n, tt.kept)
			}
		})
	}
}

func TestStallAndAbort(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/f", 1<<20), ftptest.StallData(5000))
	c := login(t, srv)
	c.prepare("EPSV")
	c.send("RETR /f")
	conn := c.open()
	c.expect(150)
	if err := srv.WaitMoved(t.Context(), 5000); err != nil {
		t.Fatal(err)
	}
	c.cmd(211, "STAT")
	if n := srv.OpenDataConns(); n != 1 {
		t.Errorf("%d data connections while stalled, want 1", n)
	}
	// RFC 959, 4.1.3: the Telnet IP and Synch signals come before ABOR.
	c.send("\xff\xf4\xff\xf2ABOR")
	c.expect(426)
	c.expect(226)
	if data, _ := io.ReadAll(conn); len(data) != 5000 {
		t.Errorf("got %d bytes before the stall, want 5000", len(data))
	}
	// A client that closes the data connection ends a stall too.
	c.prepare("EPSV")
	c.send("RETR /f")
	conn = c.open()
	c.expect(150)
	if err := srv.WaitMoved(t.Context(), 10000); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	c.expect(426)
	// So does one that goes away.
	c.prepare("PORT")
	c.send("STOR /up")
	c.expect(150)
	conn = c.open()
	if _, err := conn.Write(make([]byte, 6000)); err != nil {
		t.Fatal(err)
	}
	if err := srv.WaitMoved(t.Context(), 15000); err != nil {
		t.Fatal(err)
	}
	_ = c.nc.Close()
	if err := srv.WaitConns(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if n := srv.OpenDataConns(); n != 0 {
		t.Errorf("%d data connections left", n)
	}
}

func TestRawListing(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.ListLines("total 1", "what is this"), ftptest.MLSDLines("type=file; x"), ftptest.ListBytes([]byte("no end\x00"), "NLST"))
	c := login(t, srv)
	for cmd, want := range map[string]string{"LIST": "total 1\r\nwhat is this\r\n", "MLSD": "type=file; x\r\n", "NLST": "no end\x00"} {
		if got, _ := c.get("EPSV", "%s", cmd); string(got) != want {
			t.Errorf("%s = %q, want %q", cmd, got, want)
		}
	}
}

func TestREST(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/f", "0123456789"), ftptest.IgnoreREST())
	c := login(t, srv)
	c.cmd(350, "REST 5")
	if got, _ := c.get("EPSV", "RETR /f"); string(got) != "0123456789" {
		t.Errorf("RETR with REST ignored = %q", got)
	}
	if err := srv.Apply(ftptest.NoREST()); err != nil {
		t.Fatal(err)
	}
	c.cmd(502, "REST 5")
	if feat := c.cmd(211, "FEAT"); strings.Contains(feat, "REST") {
		t.Errorf("FEAT = %q", feat)
	}
	srv2 := ftptest.NewServer(t, ftptest.File("/f", "0123456789"))
	c = login(t, srv2)
	c.cmd(350, "REST 11")
	c.cmd(554, "RETR /f")
	// The position counts once.
	if got, _ := c.get("EPSV", "RETR /f"); string(got) != "0123456789" {
		t.Errorf("RETR after a failed one = %q", got)
	}
}

func TestPace(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/f", 20_000), ftptest.Bandwidth(100_000))
	c := login(t, srv)
	start := time.Now()
	c.get("EPSV", "RETR /f")
	if took := time.Since(start); took < 150*time.Millisecond {
		t.Errorf("20 kB at 100 kB/s took %v", took)
	}
	srv = ftptest.NewServer(t, ftptest.RTT(500*time.Millisecond))
	c = login(t, srv)
	start = time.Now()
	for range 10 {
		c.send("NOOP")
	}
	for range 10 {
		c.expect(200)
	}
	if took := time.Since(start); took < 500*time.Millisecond || took > 4*time.Second {
		t.Errorf("ten commands at once took %v, want about half a second", took)
	}
	srv = ftptest.NewServer(t, ftptest.Dribble(1, time.Millisecond), ftptest.Delay("NOOP", 50*time.Millisecond), ftptest.DataDelay(50*time.Millisecond))
	c = login(t, srv)
	start = time.Now()
	c.cmd(200, "NOOP")
	if took := time.Since(start); took < 60*time.Millisecond {
		t.Errorf("delayed NOOP, byte by byte, took %v", took)
	}
	start = time.Now()
	c.get("EPSV", "LIST")
	if took := time.Since(start); took < 50*time.Millisecond {
		t.Errorf("delayed LIST took %v", took)
	}
}

func TestDropAll(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/f", 1<<30), ftptest.Bandwidth(1<<20))
	c := login(t, srv)
	c.prepare("EPSV")
	c.send("RETR /f")
	conn := c.open()
	c.expect(150)
	if err := srv.WaitMoved(t.Context(), 100_000); err != nil {
		t.Fatal(err)
	}
	srv.DropAll()
	if _, err := io.Copy(io.Discard, conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("data connection: %v, want a reset", err)
	}
	if _, err := c.tp.ReadLine(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("control connection: %v, want a reset", err)
	}
	if err := srv.WaitConns(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	login(t, srv).cmd(200, "NOOP")
	srv.StopListening()
	var d net.Dialer
	if _, err := d.DialContext(t.Context(), "tcp", srv.Addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after StopListening: %v, want a refusal", err)
	}
}

func TestCloseDuringTransfers(t *testing.T) {
	srv, err := ftptest.Start(ftptest.BigFile("/f", 1<<40), ftptest.NeverConnect("LIST"))
	if err != nil {
		t.Fatal(err)
	}
	busy := login(t, srv)
	busy.prepare("EPSV")
	busy.send("RETR /f")
	busy.open() // and nobody reads
	busy.expect(150)
	waiting := login(t, srv)
	waiting.prepare("PORT")
	waiting.send("LIST")
	waiting.expect(150)
	passive := login(t, srv)
	passive.prepare("EPSV")
	passive.send("LIST")
	passive.expect(150)
	login(t, srv)
	srv.Close()
	srv.Close()
	if n := srv.OpenConns() + srv.OpenDataConns(); n != 0 {
		t.Errorf("%d connections after Close", n)
	}
}
