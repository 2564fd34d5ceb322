package transfers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/transfers/internal/servertest"
)

// A slowSession has a speed of its own, as many servers and lines give to each
// connection.
type slowSession struct {
	*client.Session
	limit *transfers.Limiter
}

func (s *slowSession) Retrieve(ctx context.Context, path string, dst io.Writer, opt client.TransferOptions) (int64, error) {
	inner := opt.Pace
	opt.Pace = func(ctx context.Context, n int) (int, error) {
		n, err := inner(ctx, n)
		if err != nil || n <= 0 {
			return n, err
		}
		return s.limit.Pace(ctx, n)
	}
	return s.Session.Retrieve(ctx, path, dst, opt)
}

// On a real server, with and without TLS: several connections where that pays, a
// program that is killed at any moment, and what it left gone on from.
func TestSegmentsOnRealServer(t *testing.T) {
	program := servertest.Build(t)
	plain := servertest.Start(t, program, "vsftpd")
	protected, tlsOpt := startTLS(t, program, "vsftpd")
	plainOpt := client.Options{User: plain.User, Password: plain.Password, Security: client.SecurityOff, Timeout: 15 * time.Second}
	data := pattern(40 << 20)
	for _, tt := range []struct {
		name string
		srv  servertest.Server
		opt  client.Options
	}{{"plain", plain, plainOpt}, {"tls", protected, tlsOpt}} {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(tt.srv.Root, "big"), data, 0o644); err != nil {
				t.Fatal(err)
			}
			dials := 0
			sessions := func(ctx context.Context) (transfers.RemoteCloser, error) {
				dials++
				s, err := client.Dial(ctx, tt.srv.Addr, tt.opt)
				if err != nil {
					return nil, err
				}
				return &slowSession{s, transfers.NewLimiter(10 << 20)}, nil
			}
			dir, killed := t.TempDir(), t.TempDir()
			f := transfers.File{Remote: "/big", Root: dir, Local: "big"}
			copied := false
			opt := transfers.Options{Times: true, Progress: func(p transfers.Progress) {
				if p.FileBytes > 25<<20 && !copied {
					copied = true // what would be there had the program been killed
					for _, name := range []string{".big.portside-map", ".big.portside-segments"} {
						b, err := os.ReadFile(filepath.Join(dir, name))
						if err == nil {
							err = os.WriteFile(filepath.Join(killed, name), b, 0o600)
						}
						if err != nil {
							t.Error(err)
						}
					}
				}
			}}
			start := time.Now()
			out, err := transfers.MoveSegmented(t.Context(), sessions, f, opt, quickly(3))
			if err != nil || out.Size != int64(len(data)) {
				t.Fatalf("%+v, %v", out, err)
			}
			t.Logf("40 MiB at 10 MiB/s a connection: %v over %d connections; one takes 4 s", time.Since(start).Round(time.Millisecond), dials)
			sameFile(t, filepath.Join(dir, "big"), data)
			if dials < 2 || !copied {
				t.Fatalf("%d connections", dials)
			}
			f.Root, f.GoOn = killed, true
			out, err = transfers.MoveSegmented(t.Context(), sessions, f, transfers.Options{}, quickly(3))
			if err != nil || out.Moved > int64(len(data))*9/10 {
				t.Fatalf("%+v, %v", out, err)
			}
			sameFile(t, filepath.Join(killed, "big"), data)
			if entries, _ := os.ReadDir(killed); len(entries) != 1 {
				t.Errorf("left: %v", entries)
			}
		})
	}
}

func sameFile(t *testing.T, name string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes, want %d, or they differ", name, len(got), len(want))
	}
}

// What it costs to look for more speed where there is none: one connection that
// is as fast as the computer.
func BenchmarkSegmentsOnLoopback(b *testing.B) {
	program := filepath.Join(b.TempDir(), "serve")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", program, "portside/client/internal/realserver/serve")
	if out, err := build.CombinedOutput(); err != nil {
		b.Skipf("%v\n%s", err, out)
	}
	const size = 1 << 30
	srv, stop, err := serveFor(b.Context(), program)
	if err != nil {
		b.Skip(err)
	}
	defer stop()
	name := filepath.Join(srv.Root, "big")
	if err = os.WriteFile(name, pattern(64<<20), 0o644); err != nil {
		b.Fatal(err)
	}
	if err = os.Truncate(name, size); err != nil {
		b.Fatal(err)
	}
	opt := client.Options{User: srv.User, Password: srv.Password, Security: client.SecurityOff, Timeout: 15 * time.Second}
	sessions := func(ctx context.Context) (transfers.RemoteCloser, error) { return client.Dial(ctx, srv.Addr, opt) }
	for _, segmented := range []bool{false, true} {
		b.Run(fmt.Sprintf("segmented=%v", segmented), func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				f := transfers.File{Remote: "/big", Root: b.TempDir(), Local: "big"}
				most := 1
				if segmented {
					most = 4
				}
				if _, err := transfers.MoveSegmented(b.Context(), sessions, f, transfers.Options{}, transfers.SegmentOptions{Max: most}); err != nil {
					b.Fatal(err)
				}
				if err := os.Remove(filepath.Join(f.Root, "big")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// serveFor starts a plain vsftpd.
func serveFor(ctx context.Context, program string) (srv servertest.Server, stop func(), err error) {
	cmd := exec.CommandContext(ctx, program, "-stdin", "-kind", "vsftpd")
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err = errors.Join(err1, err2); err != nil {
		return srv, nil, err
	}
	if err = cmd.Start(); err != nil {
		return srv, nil, err
	}
	stop = func() {
		_ = in.Close() // ends it
		_ = cmd.Wait()
	}
	if err = json.NewDecoder(out).Decode(&srv); err != nil {
		stop()
	}
	return srv, stop, err
}
