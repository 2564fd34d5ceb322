package handover

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"portside/client/keep"
)

const (
	// Patience is how long a start of the program waits for the window that is open.
	Patience = 2 * time.Second
	// takeTime is what the window has for a request, so that its answer, or its silence,
	// is known before Patience is over: what was given up is not done as well.
	takeTime = 1500 * time.Millisecond
	// again is how often one tries who has found a window that does not listen yet.
	again = 20 * time.Millisecond
)

// The words of the window.
const (
	greeting = "portside 1"
	taken    = "taken"
	refused  = "refused"
)

var (
	// ErrRefused says that the window is there and did not take the request.
	ErrRefused = errors.New("the window that is open did not take it")
	// ErrStranger says that somebody else listens, or another program.
	ErrStranger = errors.New("what listens in the place of the window is no window of this user")

	// ErrSilent says that the window is there and does not answer within Patience.
	ErrSilent = errors.New("the window that is open does not answer")

	errNobody = errors.New("no window listens")
)

// Enter hands req to the window that listens at path, and reports that. Where none
// listens the caller becomes the window that does: Enter returns its Door. Both nil and
// false is neither; the error then says why, and the caller opens a window that nothing
// is handed to. A nil req is not handed over: it only asks for the Door.
//
// ctx bounds Enter, as Patience does, and not the Door.
func Enter(ctx context.Context, path string, req *Request) (door *Door, handed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	for {
		if req != nil {
			if err = send(ctx, path, *req); err == nil {
				return nil, true, nil
			}
			if !errors.Is(err, errNobody) {
				return nil, false, err
			}
		}
		door, err = open(ctx, path)
		if !errors.Is(err, keep.ErrHeld) || req == nil {
			return door, false, err
		}
		select { // the window has only just begun, or is about to end
		case <-ctx.Done():
			return nil, false, fmt.Errorf("waiting for the window: %w", ctx.Err())
		case <-time.After(again):
		}
	}
}

// dial connects to the window. Its error is errNobody where none listens.
func dial(ctx context.Context, path string) (*net.UnixConn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("waiting for the window: %w", ctx.Err())
		}
		return nil, errNobody
	}
	return c.(*net.UnixConn), nil //nolint:forcetypeassert // of that network
}

// send hands req to the window at path.
func send(ctx context.Context, path string, req Request) error {
	until, ok := ctx.Deadline()
	if !ok {
		until = time.Now().Add(Patience)
	}
	if _, err := (message{Request: req}).encode(); err != nil {
		return err
	}
	c, err := dial(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if !peerIsUs(c) {
		return ErrStranger
	}
	_ = c.SetDeadline(until) // its error is that of the next read
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	words := bufio.NewReader(io.LimitReader(c, 256))
	word, err := line(words)
	if err != nil {
		return err
	}
	if word != greeting {
		return ErrStranger
	}
	data, err := message{req, time.Until(until).Milliseconds()}.encode()
	if err != nil {
		return err
	}
	if _, err = c.Write(data); err == nil {
		err = c.CloseWrite()
	}
	if err != nil {
		return fmt.Errorf("handing over to the window: %w", err)
	}
	if word, err = line(words); err == nil && word != taken {
		err = ErrRefused
	}
	return err
}

// line reads a word of the window.
func line(from *bufio.Reader) (string, error) {
	text, err := from.ReadString('\n')
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "", ErrSilent
	}
	if err != nil {
		return "", fmt.Errorf("waiting for the window: %w", err)
	}
	return strings.TrimSuffix(text, "\n"), nil
}

// open takes the lock and listens, in place of what a killed window has left. Its error
// is keep.ErrHeld where another window is there.
func open(ctx context.Context, path string) (*Door, error) {
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err = keep.TryLock(lock); err != nil {
		_ = lock.Close() // nothing was written
		return nil, err
	}
	listener, err := listen(ctx, path)
	if err != nil {
		_ = lock.Close() // nothing was written
		return nil, err
	}
	return &Door{listener: listener, lock: lock}, nil
}

func listen(ctx context.Context, path string) (*net.UnixListener, error) {
	c, err := dial(ctx, path)
	if err == nil { // a file system without locks
		_ = c.Close()
		return nil, keep.ErrHeld
	}
	if !errors.Is(err, errNobody) {
		return nil, err
	}
	if err = os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var cfg net.ListenConfig
	l, err := cfg.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err = os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l.(*net.UnixListener), nil //nolint:forcetypeassert // of that network
}
