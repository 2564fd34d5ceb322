package keep

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// TryLock takes f for this open file alone, until it is closed. Where the file
// system has no locks, it does nothing. The byte that is locked lies beyond
// every file, since locks keep others from reading here.
func TryLock(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var locked error
	err = raw.Control(func(fd uintptr) {
		beyond := windows.Overlapped{Offset: 0, OffsetHigh: 0x7fffffff}
		locked = windows.LockFileEx(windows.Handle(fd),
			windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &beyond)
	})
	if err != nil {
		return err
	}
	if errors.Is(locked, windows.ERROR_LOCK_VIOLATION) {
		return ErrHeld
	}
	return nil
}
