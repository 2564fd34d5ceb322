package transfers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"portside/client"
)

func TestJudge(t *testing.T) {
	login := func(code int) error {
		return &client.DialError{Op: client.OpLogin, Err: &client.LoginError{Verb: "PASS", Reply: client.Reply{Code: code}}}
	}
	tests := []struct {
		name        string
		err         error
		again, gone bool
	}{
		{"550", refuse("RETR", 550, ""), false, false},
		{"450", refuse("RETR", 450, ""), true, false},
		{"421", refuse("RETR", 421, ""), true, true},
		{"lost", lostConn(), true, true},
		{"EOF", fmt.Errorf("read: %w", io.EOF), true, true},
		{"closed", client.ErrClosed, true, true},
		{"timeout", &client.TimeoutError{What: "the reply"}, true, true},
		{"data", brokenData(), true, false},
		{"data refused for good", &client.DataError{Step: client.StepNegotiate, Err: refuse("EPSV", 522, "")}, false, false},
		{"data refused for now", &client.DataError{Step: client.StepAccept, Err: refuse("", 425, "")}, true, false},
		{"protocol", &client.ProtocolError{Line: "SSH-2.0"}, true, false},
		{"foreign certificate", &client.DataError{Step: client.StepTLS, Err: client.ErrForeignDataCert}, false, false},
		{"login", login(530), false, false},
		{"login, not now", login(421), true, true},
		{"certificate", &client.DialError{Op: client.OpTLS, Err: &client.CertError{Reason: errors.New("expired")}}, false, false},
		{"no route", &client.DialError{Op: client.OpConnect, Err: errors.New("no route")}, true, true},
		{"limit", &client.LimitError{What: "a reply"}, false, false},
		{"listing limit", &client.ListingLimitError{}, false, false},
		{"unsupported", fmt.Errorf("%w: SIZE", client.ErrUnsupported), false, false},
		{"bad name", client.ErrBadName, false, false},
		{"size", &SizeError{}, true, false},
		{"local", &LocalError{Op: "write", Err: io.EOF}, false, false},
		{"kept local", &KeptError{Err: &LocalError{Op: "write", Err: io.EOF}}, false, false},
		{"anything", errors.New("anything"), false, false},
	}
	for _, tt := range tests {
		again, gone := judge(fmt.Errorf("download a: %w", tt.err))
		if again != tt.again || gone != tt.gone {
			t.Errorf("%s: again %v, gone %v; want %v, %v", tt.name, again, gone, tt.again, tt.gone)
		}
	}
}

// The waits double, up to half a minute, and are spread.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, jitter := range []float64{0, 0.5, 0.999} {
			var waits []time.Duration
			task := newTask(newFake(), Downloading, Options{
				Retries: 8, Jitter: func() float64 { return jitter },
				OnRetry: func(_ error, d time.Duration) { waits = append(waits, d) },
			})
			start := time.Now()
			err := task.simply(t.Context(), func(context.Context) error { return refuse("RETR", 450, "") })
			if !isReply(450)(err) {
				t.Errorf("error = %v", err)
			}
			var want []time.Duration
			var sum time.Duration
			for _, s := range []float64{1, 2, 4, 8, 16, 30, 30, 30} {
				d := time.Duration(s * (0.5 + jitter) * float64(time.Second))
				want, sum = append(want, d), sum+d
			}
			if !slices.Equal(waits, want) || time.Since(start) != sum {
				t.Errorf("waited %v, in all %v; want %v", waits, time.Since(start), want)
			}
		}
	})
}

func TestRetriesOption(t *testing.T) {
	for retries, want := range map[int]int{0: 1 + DefaultRetries, -1: 1, 1: 2, 5: 6} {
		opt := quick(Overwrite)
		opt.Retries = retries
		task := newTask(newFake(), Downloading, opt)
		tries := 0
		err := task.simply(t.Context(), func(context.Context) error {
			tries++
			return refuse("RETR", 450, "")
		})
		if err == nil || tries != want {
			t.Errorf("Retries %d: %d tries (%v), want %d", retries, tries, err, want)
		}
	}
}

// A try that showed that large packets get lost is repeated at once and does not count,
// but not without end.
func TestSmallPacketsAreTriedAtOnce(t *testing.T) {
	lost := &client.DataError{Method: client.MethodEPSV, Step: client.StepCopy, Err: client.ErrNarrow}
	for narrow, want := range map[int]bool{1: true, maxNarrow: true, maxNarrow + 1: false} {
		opt := quick(Overwrite)
		opt.Retries = -1
		opt.OnRetry = func(error, time.Duration) { t.Error("it waits") }
		tries := 0
		err := newTask(newFake(), Uploading, opt).simply(t.Context(), func(context.Context) error {
			if tries++; tries <= narrow {
				return lost
			}
			return nil
		})
		if (err == nil) != want || tries != min(narrow, maxNarrow)+1 {
			t.Errorf("lost %d times: %d tries, %v", narrow, tries, err)
		}
	}
}

// A try that brought something does not count, so that a long download over a
// bad line comes to its end.
func TestProgressRenewsRetries(t *testing.T) {
	f := newFake().file("/a", bytesOf(2_000_000, 1))
	f.noHASH = true
	f.cut = always(200_000, brokenData())
	name := filepath.Join(t.TempDir(), "a")
	if _, err := Download(t.Context(), f, "/a", name, quick(Overwrite)); err != nil {
		t.Fatal(err)
	}
	wantFile(t, name, bytesOf(2_000_000, 1))
	if n := len(f.lines("RETR")); n < 10 {
		t.Errorf("%d tries", n)
	}
}

func TestRedialFails(t *testing.T) {
	f := newFake().file("/a", bytesOf(300_000, 1))
	f.cut = nth(1, 200_000, lostConn())
	opt := quick(Overwrite)
	dials := 0
	opt.Redial = func(context.Context) (Remote, error) {
		dials++
		return nil, &client.DialError{Op: client.OpConnect, Err: errors.New("network is unreachable")}
	}
	dir := t.TempDir()
	_, err := Download(t.Context(), f, "/a", filepath.Join(dir, "a"), opt)
	if !isA[*client.DialError](err) || !isA[*KeptError](err) || dials != DefaultRetries {
		t.Errorf("error = %v after %d dials", err, dials)
	}
	// A refused login is not repeated.
	f = newFake().file("/a", bytesOf(300_000, 1))
	f.cut = nth(1, 200_000, lostConn())
	dials = 0
	opt.Redial = func(context.Context) (Remote, error) {
		dials++
		return nil, &client.LoginError{Verb: "PASS", Reply: client.Reply{Code: 530}}
	}
	if _, err = Download(t.Context(), f, "/a", filepath.Join(dir, "a"), opt); !isA[*client.LoginError](err) || dials != 1 {
		t.Errorf("error = %v after %d dials", err, dials)
	}
}

// Cancelling ends a wait at once.
func TestCancelWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake().file("/a", nil)
		f.on = func(verb, _ string) error { return refuse(verb, 450, "Busy.") }
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := Download(ctx, f, "/a", filepath.Join(t.TempDir(), "a"), Options{Backoff: time.Hour})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 10*time.Millisecond {
			t.Errorf("error = %v after %v", err, time.Since(start))
		}
	})
}
