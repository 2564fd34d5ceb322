package ftptest_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client/ftptest"
)

func TestCommands(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	srv := ftptest.NewServer(t, ftptest.User("joe", "secret"), ftptest.FileAt("/docs/a b.txt", "hello", at, 0o640))
	sum := sha256.Sum256([]byte("hello"))
	c := connect(t, srv)
	c.expect(220)
	for _, step := range []struct {
		line string
		code int
		text string
	}{
		{"PWD", 530, ""},
		{"PASS x", 503, ""},
		{"USER joe", 331, ""},
		{"PASS wrong", 530, ""},
		{"USER joe", 331, ""},
		{"PASS secret", 230, ""},
		{"ACCT x", 202, ""},
		{"PWD", 257, `"/"`},
		{"NONE", 500, ""},
		{"CWD docs", 250, ""},
		{"CWD a b.txt", 550, "Not a directory"},
		{"XPWD", 257, `"/docs"`},
		{"SIZE a b.txt", 550, "ASCII"},
		{"TYPE E", 504, ""},
		{"TYPE I", 200, ""},
		{"MODE Z", 504, ""},
		{"STRU F", 200, ""},
		{"SIZE a b.txt", 213, "5"},
		{"SIZE none", 550, "No such file"},
		{"SIZE /docs", 550, "Is a directory"},
		{"MDTM /docs/a b.txt", 213, "20240229120000"},
		{"MLST a b.txt", 250, "type=file;size=5;modify=20240229120000;perm=adfrw;UNIX.mode=0640;"},
		{"OPTS MLST size;type;", 200, "MLST OPTS type;size;"},
		{"MLST a b.txt", 250, " type=file;size=5; /docs/a b.txt"},
		{"HASH a b.txt", 213, "SHA-256 0-5 " + hex.EncodeToString(sum[:]) + " a b.txt"},
		{"XSHA256 \"a b.txt\"", 250, strings.ToUpper(hex.EncodeToString(sum[:]))},
		{"XMD5 a b.txt", 250, "5D41402ABC4B2A76B9719D911017C592"},
		{"XSHA1 a b.txt", 250, "AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D"},
		{"XCRC a b.txt", 250, "3610A686"},
		{"OPTS HASH MD5", 200, "MD5"},
		{"OPTS HASH MD17", 501, ""},
		{"HASH a b.txt", 213, "MD5 0-5 5d41402abc4b2a76b9719d911017c592 a b.txt"},
		{"MFMT 20200101000000 a b.txt", 213, "Modify=20200101000000; a b.txt"},
		{"MDTM a b.txt", 213, "20200101000000"},
		{"MDTM 20210101000000 a b.txt", 253, ""},
		{"MDTM a b.txt", 213, "20210101000000"},
		{"SITE CHMOD 755 a b.txt", 200, ""},
		{"SITE HELP", 214, "CHMOD"},
		{"SITE NONE", 504, ""},
		{"STAT a b.txt", 213, "-rwxr-xr-x"},
		{"STAT", 211, "joe"},
		{"MKD new \"dir\"", 257, `"/docs/new ""dir"""`},
		{"MKD new \"dir\"", 550, "File exists"},
		{"RNTO x", 503, ""},
		{"RNFR none", 550, ""},
		{"RNFR a b.txt", 350, ""},
		{"RNTO new \"dir\"/c.txt", 250, ""},
		{"RMD new \"dir\"", 550, "Directory not empty"},
		{"DELE new \"dir\"", 550, "Is a directory"},
		{"DELE new \"dir\"/c.txt", 250, ""},
		{"RMD new \"dir\"", 250, ""},
		{"CDUP", 250, ""},
		{"PWD", 257, `"/"`},
		{"EPSV 2", 522, "(1)"},
		{"EPSV ALL", 200, ""},
		{"PASV", 501, ""},
		{"PORT 127,0,0,1,200,1", 501, ""},
		{"LIST", 425, ""},
		{"NOOP", 200, ""},
		{"AUTH TLS", 502, ""},
		{"PROT P", 503, ""},
		{"REST x", 501, ""},
		{"ALLO 5", 202, ""},
		{"QUIT", 221, ""},
	} {
		if msg := c.cmd(step.code, "%s", step.line); !strings.Contains(msg, step.text) {
			t.Errorf("%s: reply %q, want %q in it", step.line, msg, step.text)
		}
	}
	if _, err := c.tp.ReadLine(); !errors.Is(err, io.EOF) {
		t.Errorf("after QUIT: %v, want EOF", err)
	}
	if got := srv.Names("/docs"); len(got) != 0 {
		t.Errorf("left in /docs: %q", got)
	}
	if got := srv.Conns()[0].User; got != "joe" {
		t.Errorf("user = %q", got)
	}
}

func TestMethods(t *testing.T) {
	type network struct {
		name    string
		opts    []ftptest.Option
		methods []string
	}
	networks := []network{
		{"IPv4", nil, []string{"EPSV", "PASV", "EPRT", "PORT"}},
		{"IPv6", []ftptest.Option{ftptest.IPv6()}, []string{"EPSV", "EPRT"}},
	}
	protections := map[string]ftptest.Option{
		"plain":   nil,
		"TLS 1.2": ftptest.TLSVersions(tls.VersionTLS12, tls.VersionTLS12),
		"TLS 1.3": ftptest.TLSVersions(tls.VersionTLS13, tls.VersionTLS13),
	}
	for _, n := range networks {
		for name, prot := range protections {
			for _, first := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s connect first %t", n.name, name, first), func(t *testing.T) {
					opts := n.opts
					if first {
						opts = append(slices.Clip(opts), ftptest.ConnectFirst())
					}
					if prot == nil {
						srv := ftptest.NewServer(t, opts...)
						checkMethods(t, srv, func() *rawClient { return login(t, srv) }, n.methods)
						return
					}
					srv := ftptest.NewServer(t, append(slices.Clip(opts), prot, ftptest.RequireTLS(), ftptest.RequireSessionReuse(), ftptest.RequireCloseNotify())...)
					checkMethods(t, srv, func() *rawClient { return loginTLS(t, srv, clientConfig(srv)) }, n.methods)
				})
			}
		}
	}
}

func checkMethods(t *testing.T, srv *ftptest.Server, connect func() *rawClient, methods []string) {
	t.Helper()
	c := connect()
	content, err := io.ReadAll(ftptest.BigContent(300_000))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range methods {
		wantPrefix(t, m+" STOR", c.put(m, content, "STOR /up-%s", m), "226")
		if !bytes.Equal(srv.File("/up-"+m), content) {
			t.Errorf("%s: stored file differs", m)
		}
		got, reply := c.get(m, "RETR /up-%s", m)
		wantPrefix(t, m+" RETR", reply, "226")
		if !bytes.Equal(got, content) {
			t.Errorf("%s: retrieved file differs", m)
		}
		c.cmd(350, "REST 299000")
		if got, _ = c.get(m, "RETR /up-%s", m); !bytes.Equal(got, content[299000:]) {
			t.Errorf("%s: REST and RETR gave %d bytes, want 1000", m, len(got))
		}
		c.cmd(350, "REST 5")
		c.put(m, []byte("XYZ"), "STOR /up-%s", m)
		c.put(m, []byte("end"), "APPE /up-%s", m)
		want := slices.Concat(content[:5], []byte("XYZ"), content[8:], []byte("end"))
		if !bytes.Equal(srv.File("/up-"+m), want) {
			t.Errorf("%s: REST and STOR, then APPE: file differs", m)
		}
	}
	for _, tr := range srv.Transfers() {
		if tr.TLS != c.prot || (c.prot && !tr.Resumed) || !tr.Clean || !strings.HasPrefix(tr.Reply, "226") {
			t.Errorf("transfer %+v: want TLS and resumption %t, clean, 226", tr, c.prot)
		}
	}
}

func TestListings(t *testing.T) {
	at := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	now := time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC)
	srv := ftptest.NewServer(
		t,
		ftptest.Now(func() time.Time { return now }),
		ftptest.FileAt("/d/a.txt", "hello", at, 0o600),
		ftptest.FileAt("/d/.dot", "", at.AddDate(-2, 0, 0), 0o644),
		ftptest.FileAt("/d/caf\xe9", "x", at, 0o644),
		ftptest.Symlink("/d/link", "a.txt"),
		ftptest.Dir("/d/sub"),
		ftptest.Entry("/d", "../../evil", "gotcha"),
	)
	c := login(t, srv)
	for _, step := range []struct{ cmd, want string }{
		{
			"LIST /d", "-rw-------   1 ftp      ftp                 5 Jan  2 03:04 a.txt\r\n" +
				"-rw-r--r--   1 ftp      ftp                 1 Jan  2 03:04 caf\xe9\r\n" +
				"lrwxrwxrwx   1 ftp      ftp                 0 Mar  1 00:00 link -> a.txt\r\n" +
				"drwxr-xr-x   2 ftp      ftp                 0 Mar  1 00:00 sub\r\n" +
				"-rw-r--r--   1 ftp      ftp                 6 Mar  1 00:00 ../../evil\r\n",
		},
		{"LIST /d/a.txt", "-rw-------   1 ftp      ftp                 5 Jan  2 03:04 a.txt\r\n"},
		{"NLST -a /d", "/d/.\r\n/d/..\r\n/d/.dot\r\n/d/a.txt\r\n/d/caf\xe9\r\n/d/link\r\n/d/sub\r\n/d/../../evil\r\n"},
		{
			"MLSD /d/", "type=cdir;modify=20200301000000;perm=cdeflmp;UNIX.mode=0755;UNIX.owner=ftp;UNIX.group=ftp; .\r\n" +
				"type=pdir;modify=20200301000000;perm=cdeflmp;UNIX.mode=0755;UNIX.owner=ftp;UNIX.group=ftp; ..\r\n" +
				"type=file;size=0;modify=20180102030405;perm=adfrw;UNIX.mode=0644;UNIX.owner=ftp;UNIX.group=ftp; .dot\r\n" +
				"type=file;size=5;modify=20200102030405;perm=adfrw;UNIX.mode=0600;UNIX.owner=ftp;UNIX.group=ftp; a.txt\r\n" +
				"type=file;size=1;modify=20200102030405;perm=adfrw;UNIX.mode=0644;UNIX.owner=ftp;UNIX.group=ftp; caf\xe9\r\n" +
				"type=OS.unix=slink:a.txt;size=0;modify=20200301000000;perm=adfrw;UNIX.mode=0777;UNIX.owner=ftp;UNIX.group=ftp; link\r\n" +
				"type=dir;modify=20200301000000;perm=cdeflmp;UNIX.mode=0755;UNIX.owner=ftp;UNIX.group=ftp; sub\r\n" +
				"type=file;size=6;modify=20200301000000;perm=adfrw;UNIX.mode=0644;UNIX.owner=ftp;UNIX.group=ftp; ../../evil\r\n",
		},
		{"RETR /d/link", "hello"},
		{"RETR /d/caf\xe9", "x"},
		{"RETR /d/../../evil", "gotcha"},
	} {
		got, reply := c.get("EPSV", "%s", step.cmd)
		if string(got) != step.want {
			t.Errorf("%s:\n%q\nwant\n%q", step.cmd, got, step.want)
		}
		wantPrefix(t, step.cmd, reply, "226")
	}
	if err := srv.Apply(ftptest.DOSListing()); err != nil {
		t.Fatal(err)
	}
	got, _ := c.get("PASV", "LIST /d/a.txt")
	if want := "01-02-20  03:04AM                    5 a.txt\r\n"; string(got) != want {
		t.Errorf("DOS listing %q, want %q", got, want)
	}
	c.cmd(501, "MLSD /d/a.txt")
	c.cmd(550, "LIST /none")
}

func TestASCII(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/unix", "one\ntwo\r\n\n"))
	c := login(t, srv)
	c.cmd(200, "TYPE A")
	got, _ := c.get("EPSV", "RETR /unix")
	if want := "one\r\ntwo\r\n\r\n"; string(got) != want {
		t.Errorf("RETR in ASCII = %q, want %q", got, want)
	}
	c.put("EPSV", []byte("a\r\nb\rc\n\r"), "STOR /in")
	if got, want := string(srv.File("/in")), "a\nb\rc\n\r"; got != want {
		t.Errorf("STOR in ASCII = %q, want %q", got, want)
	}
	c.cmd(501, "REST 3")
}

func TestFeat(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.Without("MFMT", "OPTS UTF8"))
	c := connect(t, srv)
	c.expect(220)
	msg := c.cmd(211, "FEAT")
	for _, line := range []string{"AUTH TLS", "PROT", "REST STREAM", "MLST type*;size*;modify*;perm*;UNIX.mode*;UNIX.owner*;UNIX.group*;", "HASH SHA-256*;SHA-1;MD5;CRC32", "UTF8"} {
		if !strings.Contains(msg, "\n "+line+"\n") {
			t.Errorf("FEAT has no %q:\n%s", line, msg)
		}
	}
	if strings.Contains(msg, "MFMT") {
		t.Errorf("FEAT lists MFMT:\n%s", msg)
	}
	c.cmd(500, "OPTS UTF8 ON")
	if err := srv.Apply(ftptest.Feat("MDTM", "UTF8")); err != nil {
		t.Fatal(err)
	}
	if got, want := c.cmd(211, "FEAT"), "Features:\n MDTM\n UTF8\nEnd"; got != want {
		t.Errorf("FEAT = %q, want %q", got, want)
	}
	if err := srv.Apply(ftptest.NoFeat()); err != nil {
		t.Fatal(err)
	}
	c.cmd(502, "FEAT")
}

func TestWideListing(t *testing.T) {
	const n = 20_000
	srv := ftptest.NewServer(t, ftptest.WideListing("/wide", n))
	c := login(t, srv)
	got, reply := c.get("EPSV", "LIST /wide")
	wantPrefix(t, "LIST", reply, "226")
	if lines := bytes.Count(got, []byte("\r\n")); lines != n {
		t.Errorf("%d lines, want %d", lines, n)
	}
	c.cmd(213, "SIZE /wide/file-0000123.dat")
	if data, _ := c.get("EPSV", "RETR /wide/file-0000123.dat"); len(data) != 123 {
		t.Errorf("made-up file has %d bytes, want 123", len(data))
	}
	c.cmd(550, "SIZE /wide/file-0020001.dat")
	c.cmd(550, "DELE /wide/file-0000001.dat")
}

func TestBigFile(t *testing.T) {
	const size = 3_000_000
	srv := ftptest.NewServer(t, ftptest.BigFile("/big", size), ftptest.DiscardUploads())
	c := login(t, srv)
	want, err := io.ReadAll(ftptest.BigContent(size))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := c.get("EPSV", "RETR /big")
	if !bytes.Equal(got, want) {
		t.Error("big file differs from BigContent")
	}
	c.cmd(350, "REST 1234567")
	if got, _ = c.get("EPSV", "RETR /big"); !bytes.Equal(got, want[1234567:]) {
		t.Error("big file from an offset differs from BigContent")
	}
	c.put("EPSV", want, "STOR /up")
	if msg := c.cmd(213, "SIZE /up"); msg != fmt.Sprint(size) {
		t.Errorf("SIZE of a discarded upload = %s", msg)
	}
}

func TestSTOU(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/ftp.1", "taken"), ftptest.WideListing("/wide", 3))
	c := login(t, srv)
	c.prepare("EPSV")
	c.send("STOU")
	conn := c.open()
	if got := c.expect(150); got != "FILE: ftp.2" {
		t.Errorf("reply to STOU = %q", got)
	}
	if _, err := io.WriteString(conn, "unique"); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	c.expect(226)
	if got := string(srv.File("/ftp.2")); got != "unique" {
		t.Errorf("/ftp.2 = %q", got)
	}
	c.put("EPSV", []byte("real"), "STOR /wide/file-0000002.dat")
	if got := string(srv.File("/wide/file-0000002.dat")); got != "real" {
		t.Errorf("a made-up entry written over = %q", got)
	}
}
