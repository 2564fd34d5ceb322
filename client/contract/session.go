package contract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"portside/client"
)

func checkSession(ctx context.Context, s *suite) error {
	info := s.c.Info()
	if info.Home == "" || info.Greeting == "" || !info.Remote.IsValid() || !info.Local.IsValid() {
		return fmt.Errorf("the session does not say where it is: %+v", info)
	}
	if info.FellBackToPlain {
		return errors.New("the session fell back to plain")
	}
	switch {
	case s.cfg.TLS == "" && info.TLS != nil:
		return fmt.Errorf("TLS is %s, want none", info.TLS.Version)
	case s.cfg.TLS != "" && (info.TLS == nil || info.TLS.Version != s.cfg.TLS || len(info.TLS.Fingerprint) < 64):
		return fmt.Errorf("TLS is %+v, want %s with a fingerprint", info.TLS, s.cfg.TLS)
	}
	if s.cfg.has(CanMachine) != s.c.Features().Has("MLST") {
		return fmt.Errorf("MLST in the features is %v", s.c.Features().Has("MLST"))
	}
	if err := s.c.Noop(ctx); err != nil {
		return err
	}
	wd, err := s.c.WorkingDir(ctx)
	if err != nil || wd != info.Home {
		return brokenf("working directory = %q, %v; want the home folder %q", wd, err, info.Home)
	}
	return s.c.Err()
}

func checkRaw(ctx context.Context, s *suite) error {
	r, err := s.c.Raw(ctx, "NOOP")
	if err != nil || r.Code/100 != 2 {
		return brokenf("NOOP = %v, %v; want a positive reply", r, err)
	}
	// A refusal is the answer to what was asked, and no end of the session.
	if r, err = s.c.Raw(ctx, "XYZZY"); err != nil && !isReply(err) || err == nil && r.Code/100 != 5 {
		return brokenf("XYZZY = %v, %v; want a refusal", r, err)
	}
	for _, line := range []string{"RETR x", "STOR x", "LIST", "MLSD", "PASV", "EPSV"} {
		if _, err := s.c.Raw(ctx, line); err == nil {
			return fmt.Errorf("%s was let through", line)
		}
	}
	return s.c.Noop(ctx)
}

// checkConcurrent uses the session from several goroutines, which take turns.
func checkConcurrent(ctx context.Context, s *suite) error {
	if err := s.put(ctx, "shared", []byte("shared content"), client.TransferOptions{}); err != nil {
		return err
	}
	const users, rounds = 4, 5
	results := make(chan error, users)
	for u := range users {
		go func() {
			var err error
			for range rounds {
				err = errors.Join(err, s.useShared(ctx, u))
			}
			results <- err
		}()
	}
	var err error
	for range users {
		err = errors.Join(err, <-results)
	}
	return errors.Join(err, s.c.Delete(ctx, s.at("shared")))
}

func (s *suite) useShared(ctx context.Context, user int) error {
	switch user {
	case 0:
		n, err := s.c.Size(ctx, s.at("shared"))
		if err != nil || n != int64(len("shared content")) {
			return brokenf("size = %d, %v", n, err)
		}
		return nil
	case 1:
		_, err := s.find(ctx, s.base, "shared")
		return err
	case 2:
		return s.c.Noop(ctx)
	default:
		var b buffer
		_, err := s.c.Retrieve(ctx, s.at("shared"), &b, client.TransferOptions{})
		return errors.Join(err, same("retrieve", b.data, []byte("shared content")))
	}
}

// checkCancelRetrieve cancels a download from within: it must end with the
// context's error within CancelWithin, and what comes after must be sound.
func checkCancelRetrieve(ctx context.Context, s *suite) error {
	data := noise(s.cfg.Big*2, 10)
	if err := s.put(ctx, "cancel.bin", data, client.TransferOptions{}); err != nil {
		return err
	}
	sub, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &slowWriter{cancel: cancel}
	_, err := s.c.Retrieve(sub, s.at("cancel.bin"), w, client.TransferOptions{})
	if err = w.judge(err); err != nil {
		return err
	}
	if err = s.afterCancel(ctx); err != nil {
		return err
	}
	got, err := s.get(ctx, "cancel.bin", client.TransferOptions{})
	if err != nil {
		return err
	}
	return errors.Join(same("the same file again", got, data), s.c.Delete(ctx, s.at("cancel.bin")))
}

// checkCancelStore cancels an upload that would never end by itself.
func checkCancelStore(ctx context.Context, s *suite) error {
	sub, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &endlessReader{cancel: cancel}
	_, err := s.c.Store(sub, s.at("cancelled.bin"), r, client.TransferOptions{})
	if err = r.judge(err); err != nil {
		return err
	}
	if err := s.afterCancel(ctx); err != nil {
		return err
	}
	if err := s.roundTrip(ctx, "after-cancel", []byte("sound")); err != nil {
		return err
	}
	return s.removePartial(ctx, "cancelled.bin")
}

// removePartial deletes what a cut upload has left: a server may keep the part
// or not, and may hold on to it for a moment longer than the client.
func (s *suite) removePartial(ctx context.Context, name string) error {
	l, err := s.c.List(ctx, s.base)
	if err != nil {
		return err
	}
	for _, e := range l.Entries {
		if e.Name == name {
			return s.c.Delete(ctx, s.at(name))
		}
	}
	return nil
}

// afterCancel holds that the session either works, with no reply out of step,
// or says plainly that it is over; then it is replaced.
func (s *suite) afterCancel(ctx context.Context) error {
	sub, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := s.c.Noop(sub); err == nil {
		// Twice, so that a reply that came late would be noticed.
		wd, err := s.c.WorkingDir(sub)
		if err != nil || wd == "" {
			return brokenf("the session is out of step after the cancel: %q, %v", wd, err)
		}
		return nil
	}
	select {
	case <-s.c.Done():
	case <-sub.Done():
		return errors.New("the session neither works after a cancel nor is it over")
	}
	s.drop()
	return s.ready(ctx)
}

func checkCancelledBefore(ctx context.Context, s *suite) error {
	sub, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.c.List(sub, s.base); !errors.Is(err, context.Canceled) {
		return brokenf("list: %v, want context.Canceled", err)
	}
	var b buffer
	if _, err := s.c.Retrieve(sub, s.at("x"), &b, client.TransferOptions{}); !errors.Is(err, context.Canceled) {
		return brokenf("retrieve: %v, want context.Canceled", err)
	}
	// Nothing was sent, so the session is as it was.
	if err := s.c.Noop(ctx); err != nil {
		return fmt.Errorf("the session afterwards: %w", err)
	}
	return nil
}

// checkClose holds that Close can be called twice and ends everything.
func checkClose(ctx context.Context, s *suite) error {
	c, err := s.open(ctx)
	if err != nil {
		return err
	}
	if err := c.Close(); err != nil {
		return err
	}
	if err := c.Close(); err != nil {
		return fmt.Errorf("a second time: %w", err)
	}
	select {
	case <-c.Done():
	default:
		return errors.New("after Close, Done is not closed")
	}
	if err := c.Noop(ctx); !errors.Is(err, client.ErrClosed) {
		return brokenf("a call after Close: %v, want ErrClosed", err)
	}
	return nil
}

// cancelled measures a transfer from its cancel on.
type cancelled struct{ at time.Time }

func (c *cancelled) judge(err error) error {
	switch {
	case c.at.IsZero():
		return fmt.Errorf("the transfer ended before it was cancelled: %w", err)
	case !errors.Is(err, context.Canceled):
		return brokenf("the cancelled transfer returned %v, want context.Canceled", err)
	case time.Since(c.at) > CancelWithin:
		return fmt.Errorf("the cancelled transfer went on for %v", time.Since(c.at))
	}
	return nil
}

// A slowWriter cancels after its first bytes.
type slowWriter struct {
	cancelled
	cancel context.CancelFunc
}

func (w *slowWriter) Write(p []byte) (int, error) {
	if w.at.IsZero() {
		w.at = time.Now()
		w.cancel()
	}
	return len(p), nil
}

// An endlessReader cancels after its first MiB, and gives up after 4 GiB.
type endlessReader struct {
	cancelled
	cancel context.CancelFunc
	n      int64
}

func (r *endlessReader) Read(p []byte) (int, error) {
	r.n += int64(len(p))
	if r.n > 1<<20 && r.at.IsZero() {
		r.at = time.Now()
		r.cancel()
	}
	if r.n > 4<<30 {
		return 0, io.EOF
	}
	return len(p), nil
}
