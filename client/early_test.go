package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/transcript"
)

// noted reports whether the transcript holds a note with text.
func noted(rec *transcript.Recorder, text string) bool {
	for _, l := range rec.Lines() {
		if l.Kind == transcript.Note && strings.Contains(l.Text, text) {
			return true
		}
	}
	return false
}

// With More the server sees the EPSV for the next transfer before it has said a word to
// this one, so that a file takes one round trip on the control connection.
func TestMoreTakesOneRoundTrip(t *testing.T) {
	srv := ftptest.NewServer(t)
	s, _ := dialAhead(t, srv)
	const files = 5
	want := make([][]byte, files)
	for _, verb := range []string{"STOR", "RETR"} {
		before, asked, n := srv.Count(verb), srv.Count("EPSV"), 0
		if err := srv.Apply(ftptest.Handle(verb, func(c *ftptest.Conn, _ string) bool {
			if n++; n < files { // the last one says that nothing follows
				_ = srv.WaitForCount(c.Context(), "EPSV", asked+n+1)
			}
			return false
		})); err != nil {
			t.Fatal(err)
		}
		for i := range files {
			name := fmt.Sprintf("f%d", i)
			if verb == "STOR" {
				want[i] = bytes.Repeat([]byte{byte('a' + i)}, 100*i)
				store(t, s, name, string(want[i]), i < files-1)
				continue
			}
			var got bytes.Buffer
			if _, err := s.Retrieve(t.Context(), name, &got, client.TransferOptions{More: i < files-1}); err != nil || !bytes.Equal(got.Bytes(), want[i]) {
				t.Fatalf("retrieve %s: %d bytes, %v", name, got.Len(), err)
			}
		}
		if transfers, ports := srv.Count(verb)-before, srv.Count("EPSV")-asked; transfers != files || ports != files {
			t.Errorf("%d %s and %d EPSV, want %d of each", transfers, verb, ports, files)
		}
	}
}

// Whatever becomes of an EPSV that was sent ahead, the files arrive whole and once.
func TestEarlyEPSVGoesWrong(t *testing.T) {
	const odd = "/odd"
	closed := ftptest.ClosedPort(t)
	for _, c := range []struct {
		name string
		stor func(p *ownPort, c *ftptest.Conn) bool // for the file odd, in place of 150 and 226
		epsv func(p *ownPort, c *ftptest.Conn) bool // for the EPSV behind it
		off  bool                                   // nothing is sent ahead any more
		lost bool                                   // the connection is
		race bool                                   // it may be seen before the next STOR, or only then
	}{
		{
			name: "refused before the 226", off: true,
			stor: func(p *ownPort, c *ftptest.Conn) bool {
				c.Reply(150, "Go on.")
				c.Reply(500, "Unknown command.")
				return p.takeAll(c, odd) == nil && say(c, "226 Done.")
			},
			epsv: func(*ownPort, *ftptest.Conn) bool { return true },
		},
		{
			name: "refused after it", off: true,
			epsv: func(_ *ownPort, c *ftptest.Conn) bool { return say(c, "500 Unknown command.") },
		},
		{
			name: "swallowed", off: true,
			epsv: func(*ownPort, *ftptest.Conn) bool { return true },
		},
		{
			name: "answered late",
			epsv: func(p *ownPort, c *ftptest.Conn) bool {
				c.Sleep(200 * time.Millisecond)
				return p.epsv(c, "")
			},
		},
		{
			name: "421 in its place", lost: true,
			epsv: func(_ *ownPort, c *ftptest.Conn) bool {
				c.Close()
				return say(c, "421 Going down.")
			},
		},
		{
			name: "the port is dead", race: true,
			epsv: func(_ *ownPort, c *ftptest.Conn) bool {
				return say(c, fmt.Sprintf("229 Ready (|||%d|)", closed.Port()))
			},
		},
		{
			name: "no reply that names a port", off: true,
			epsv: func(_ *ownPort, c *ftptest.Conn) bool { return say(c, "229 Somewhere") },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := ftptest.NewServer(t)
			s, rec := dialAhead(t, srv)
			wrong := false
			p := newOwnPort(t)
			if err := srv.Apply(ftptest.Handle("EPSV", func(conn *ftptest.Conn, arg string) bool {
				if wrong {
					wrong = false
					return c.epsv(p, conn)
				}
				return p.epsv(conn, arg)
			}), ftptest.Handle("STOR", func(conn *ftptest.Conn, path string) bool {
				if wrong = path == odd; wrong && c.stor != nil {
					return c.stor(p, conn)
				}
				conn.Reply(150, "Go on.")
				if err := p.takeAll(conn, path); err != nil {
					return say(conn, "426 "+err.Error())
				}
				return say(conn, "226 Done.")
			})); err != nil {
				t.Fatal(err)
			}
			store(t, s, "before", "before", true)
			store(t, s, "odd", "odd", true)
			err := tryStore(t, s, "after", "after", client.TransferOptions{})
			if c.lost {
				var lost *client.LostError
				if !errors.As(err, &lost) || lost.Last == nil || lost.Last.Code != 421 {
					t.Errorf("store afterwards: %v, want the 421", err)
				}
				return
			}
			if err != nil {
				t.Fatalf("store afterwards: %v", err)
			}
			for _, name := range []string{"before", "odd", "after"} {
				if got := p.file("/" + name); string(got) != name {
					t.Errorf("%s holds %q", name, got)
				}
			}
			if off := noted(rec, "nothing is sent ahead"); off != c.off && !c.race {
				t.Errorf("switched off: %v, want %v", off, c.off)
			}
			if n := srv.Count("STOR"); n != 3+3 && (!c.race || n != 3+4) {
				t.Errorf("%d STOR, want 6", n)
			}
			if err = s.Noop(t.Context()); err != nil {
				t.Errorf("noop: %v", err)
			}
		})
	}
}

func say(c *ftptest.Conn, text string) bool {
	c.Send(text)
	return true
}

// A transfer that is cancelled while a connection is prepared leaves the session in step.
func TestCancelWhilePrepared(t *testing.T) {
	srv := ftptest.NewServer(t)
	s, _ := dialAhead(t, srv)
	store(t, s, "a", "a", true)
	stors := srv.Count("STOR")
	if err := srv.Apply(ftptest.Handle("STOR", func(c *ftptest.Conn, path string) bool {
		if path == "/held" {
			_ = srv.WaitForCount(c.Context(), "ABOR", 1)
			return say(c, "426 Aborted.")
		}
		return false
	})); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	f := localFile(t, "held")
	defer func() { _ = f.Close() }()
	go func() {
		_, err := s.Store(ctx, "held", f, client.TransferOptions{More: true})
		done <- err
	}()
	if err := srv.WaitForCount(t.Context(), "STOR", stors+1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled store: %v", err)
	}
	for i := range 3 {
		name := fmt.Sprintf("later-%d", i)
		store(t, s, name, name, true)
		if got := srv.File("/" + name); string(got) != name {
			t.Errorf("%s holds %q", name, got)
		}
		if n, err := s.Size(t.Context(), name); err != nil || n != int64(len(name)) {
			t.Errorf("size of %s: %d, %v", name, n, err)
		}
	}
}
