package client_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
)

// A lingerer is a server whose last word on a download waits for the acknowledgement of
// the data's end, which comes when the other side has ended, or 60 ms late.
type lingerer struct {
	port    *ownPort
	ended   atomic.Int32 // downloads whose data connection the client had ended before
	kept    atomic.Int32 // and those where it had not
	abort   int          // takes the end for the end of the transfer, and says this
	short   bool         // the same, and calls it complete
	nothing bool         // the same, before it has said that it begins
	prompt  atomic.Bool  // it does not wait
}

const lingering = 60 * time.Millisecond

func (l *lingerer) retr(c *ftptest.Conn, _ string) bool {
	return l.send(c, bytes.Repeat([]byte("x"), halfSize))
}

func (l *lingerer) list(c *ftptest.Conn, _ string) bool {
	return l.send(c, []byte("type=file;size=2048; f\r\n"))
}

func (l *lingerer) send(c *ftptest.Conn, data []byte) bool {
	nc, err := l.port.accept(c)
	if err != nil {
		c.Reply(425, err.Error())
		return true
	}
	defer func() { _ = nc.Close() }()
	ended := hasEnded(nc)
	if !ended || !l.nothing {
		c.Reply(150, "Here it comes.")
	}
	if ended {
		l.ended.Add(1)
	} else {
		l.kept.Add(1)
	}
	if ended && (l.abort > 0 || l.short || l.nothing) {
		if !l.nothing {
			_, _ = nc.Write(data[:10])
		}
		_ = nc.Close()
		if l.short {
			c.Reply(226, "Done.")
		} else {
			c.Reply(max(l.abort, 426), "Connection closed; transfer aborted.")
		}
		return true
	}
	_, _ = nc.Write(data)
	_ = nc.(*net.TCPConn).CloseWrite()
	if !ended && !l.prompt.Load() {
		c.Sleep(lingering)
	}
	c.Reply(226, "Done.")
	return true
}

// hasEnded reports whether the other side of nc ends within a moment.
func hasEnded(nc net.Conn) bool {
	_ = nc.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	_, err := nc.Read(make([]byte, 1))
	return errors.Is(err, io.EOF)
}

const (
	halfSize = 2048
	halfNote = "end sooner where this side of their data connections is closed at once"
)

// newLingerer starts the server and a Session that has found out what it takes ahead.
func newLingerer(t *testing.T, l *lingerer) (*client.Session, func(name string) bool) {
	t.Helper()
	srv := ftptest.NewServer(t)
	s, rec := dialAhead(t, srv, func(o *client.Options) { o.Timeout = patience })
	l.port = newOwnPort(t)
	if err := srv.Apply(ftptest.Handle("EPSV", l.port.epsv), ftptest.Handle("RETR", l.retr), ftptest.Handle("MLSD", l.list)); err != nil {
		t.Fatal(err)
	}
	return s, func(text string) bool { return noted(rec, text) }
}

// fetch downloads a file of halfSize bytes.
func fetch(t *testing.T, s *client.Session, opt client.TransferOptions) (int64, error) {
	t.Helper()
	f, err := os.Create(t.TempDir() + "/f")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	return s.Retrieve(t.Context(), "f", f, opt)
}

func fetchAll(t *testing.T, s *client.Session, n int, opt client.TransferOptions) {
	t.Helper()
	for range n {
		if got, err := fetch(t, s, opt); err != nil || got != halfSize {
			t.Fatalf("Retrieve = %d, %v", got, err)
		}
	}
}

// Where the last word comes late the data connection is closed on this side at once, for
// small files of known size that others follow.
func TestHalfCloseHelps(t *testing.T) {
	t.Parallel()
	var l lingerer
	s, noted := newLingerer(t, &l)
	small := client.TransferOptions{More: true, Size: halfSize}
	fetchAll(t, s, 6, small)
	if ended, kept := l.ended.Load(), l.kept.Load(); ended < 3 || kept > 3 {
		t.Errorf("%d downloads were closed on this side and %d not, want nearly all", ended, kept)
	}
	if !noted(halfNote) {
		t.Error("the transcript does not say so")
	}
	ended := l.ended.Load()
	if _, err := s.ListWith(t.Context(), "", client.ListOptions{More: true}); err != nil {
		t.Error(err)
	}
	if l.ended.Load() != ended {
		t.Error("the data connection of a listing was closed on this side")
	}
	for name, opt := range map[string]client.TransferOptions{
		"nothing follows":        {Size: halfSize},
		"the size is not known":  {More: true},
		"the file is large":      {More: true, Size: 10 << 20},
		"the file has no end":    {More: true, Size: -1},
		"the rest of a file":     {More: true, Size: halfSize, Offset: halfSize},
		"the ends are converted": {More: true, Size: halfSize, ASCII: true},
	} {
		ended = l.ended.Load()
		if _, err := fetch(t, s, opt); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if l.ended.Load() != ended {
			t.Errorf("%s, and the data connection was closed on this side", name)
		}
	}
}

// Where the last word comes at once, and late only now and then, nothing is changed.
func TestHalfCloseIsNotNeeded(t *testing.T) {
	t.Parallel()
	for try := 0; ; try++ { // a busy computer makes a prompt one late
		var l lingerer
		s, _ := newLingerer(t, &l)
		for i := range 8 {
			l.prompt.Store(i%2 == 1)
			fetchAll(t, s, 1, client.TransferOptions{More: true, Size: halfSize})
		}
		n := l.ended.Load()
		if n == 0 {
			return
		}
		if try == 3 {
			t.Fatalf("%d downloads were closed on this side, want none", n)
		}
	}
}

// A server that takes the end of this side for the end of the transfer loses one download
// of one Session, which is told, and sees no other such end.
func TestHalfCloseIsTakenForTheEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		l    *lingerer
	}{
		{"and says so", &lingerer{abort: 426}},
		{"and says so as IIS does", &lingerer{abort: 550}},
		{"and says that all is well", &lingerer{short: true}},
		{"before anything has come", &lingerer{nothing: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := c.l
			s, noted := newLingerer(t, l)
			bad := 0
			for range 8 {
				n, err := fetch(t, s, client.TransferOptions{More: true, Size: halfSize})
				var refused *client.ReplyError
				switch {
				case l.abort > 0 && errors.As(err, &refused) && refused.Reply.Code == l.abort, l.short && err == nil && n == 10:
					bad++
				case err != nil || n != halfSize:
					t.Fatalf("Retrieve = %d, %v", n, err)
				}
			}
			want := 1
			if l.nothing {
				want = 0 // it was made again
			}
			if n := l.ended.Load(); n != 1 || bad != want {
				t.Errorf("%d downloads were closed on this side, want 1, and %d went wrong, want %d", n, bad, want)
			}
			if noted(halfNote) {
				t.Error("the transcript says that it helps")
			}
		})
	}
}
