package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
)

// A meteredPace grants at most so many bytes at a time, and counts.
type meteredPace struct {
	most    int
	granted int64
	back    int64
	asked   int
}

func (p *meteredPace) pace(_ context.Context, n int) (int, error) {
	if n < 0 {
		p.back -= int64(n)
		return 0, nil
	}
	p.asked++
	n = min(n, p.most)
	p.granted += int64(n)
	return n, nil
}

// Every copy path moves what its Pace has granted and no more.
func TestPaceCountsEveryByte(t *testing.T) {
	text := strings.Repeat("a line of text\n", 10_000)
	wire := int64(len(strings.ReplaceAll(text, "\n", "\r\n")))
	for _, sec := range []client.Security{client.SecurityOff, client.SecurityRequire} {
		for _, kind := range []string{"file", "memory", "ascii"} {
			t.Run(sec.String()+" "+kind, func(t *testing.T) {
				srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.File("/down", text))
				s := dial(t, srv, optionsFor(srv, sec))
				ascii := kind == "ascii"
				down, up := &meteredPace{most: 1000}, &meteredPace{most: 1000}
				f, err := os.Create(filepath.Join(t.TempDir(), "f"))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = f.Close() }()
				var b bytes.Buffer
				dst := io.Writer(f)
				if kind != "file" {
					dst = &b
				}
				largest := int64(0)
				opt := client.TransferOptions{ASCII: ascii, Pace: down.pace, Progress: func(n int64) { largest = max(largest, n) }}
				if _, err = s.Retrieve(t.Context(), "/down", dst, opt); err != nil {
					t.Fatal(err)
				}
				want := int64(len(text))
				if ascii {
					want = wire
				}
				if got := down.granted - down.back; got != want {
					t.Errorf("download: %d bytes were granted and used, want %d", got, want)
				}
				if largest > 1000 {
					t.Errorf("download: %d bytes moved at once, 1000 were granted", largest)
				}
				src := io.Reader(&b)
				if kind == "file" {
					if _, err = f.Seek(0, io.SeekStart); err != nil {
						t.Fatal(err)
					}
					src = f
				}
				largest = 0
				opt.Pace = up.pace
				if _, err = s.Store(t.Context(), "/up", src, opt); err != nil {
					t.Fatal(err)
				}
				if got := up.granted - up.back; got != want {
					t.Errorf("upload: %d bytes were granted and used, want %d", got, want)
				}
				if largest > 1000 {
					t.Errorf("upload: %d bytes moved at once, 1000 were granted", largest)
				}
				if got := string(srv.File("/up")); got != text {
					t.Errorf("the server has %d bytes, want %d, or they differ", len(got), len(text))
				}
			})
		}
	}
}

// Time spent waiting for a Pace is not the server's silence, and an error of it
// ends the transfer.
func TestPaceThatWaits(t *testing.T) {
	const timeout = time.Second
	text := strings.Repeat("x", 300_000)
	srv := ftptest.NewServer(t, ftptest.File("/f", text), ftptest.Bandwidth(1<<20))
	s := dial(t, srv, client.Options{Security: client.SecurityOff, Timeout: timeout})
	waits := 0
	slow := func(ctx context.Context, n int) (int, error) {
		if waits++; waits == 3 {
			select {
			case <-time.After(2 * timeout):
			case <-ctx.Done():
				return 0, context.Cause(ctx)
			}
		}
		return max(min(n, 50_000), 0), nil
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if n, rerr := s.Retrieve(t.Context(), "/f", f, client.TransferOptions{Pace: slow}); rerr != nil || n != int64(len(text)) {
		t.Errorf("%d bytes, %v", n, rerr)
	}
	failing := errors.New("no more bytes")
	_, err = s.Retrieve(t.Context(), "/f", io.Discard, client.TransferOptions{Pace: func(context.Context, int) (int, error) { return 0, failing }})
	if !errors.Is(err, failing) {
		t.Errorf("error = %v, want that of the Pace", err)
	}
}

// A transfer that waits for its Pace ends with ctx.
func TestPaceEndsWithContext(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/f", 1<<30))
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := s.Retrieve(ctx, "/f", io.Discard, client.TransferOptions{Pace: func(ctx context.Context, _ int) (int, error) {
		cancel()
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}
