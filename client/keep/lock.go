package keep

import (
	"errors"
	"os"
	"time"
)

// A file is held for one read and one write, some milliseconds. Who waits much
// longer waits for a program that is stopped.
const (
	lockWait = 2 * time.Second
	lockPoll = 5 * time.Millisecond
)

// ErrHeld is returned by TryLock where somebody else has the lock, in this program
// or another.
var ErrHeld = errors.New("the file is locked")

// lock takes the lock of the file at path, which is a file of its own beside it: the
// one at path is replaced while the lock is held. It stays there, empty, since to
// remove it would let two programs lock two files of that name. release is never nil.
func lock(path string) (release func(), err error) {
	file, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}, err
	}
	release = func() { _ = file.Close() } // nothing was written
	over := time.NewTimer(lockWait)
	defer over.Stop()
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	for {
		err = TryLock(file)
		if err == nil {
			return release, nil
		}
		if !errors.Is(err, ErrHeld) {
			release()
			return func() {}, err
		}
		select {
		case <-poll.C:
		case <-over.C:
			release()
			return func() {}, &BusyError{Path: path}
		}
	}
}
