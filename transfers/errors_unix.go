//go:build !windows

package transfers

import (
	"errors"
	"syscall"
)

// systemKind sorts the errors that only this system has.
func systemKind(err error) LocalKind {
	switch {
	case errors.Is(err, syscall.EDQUOT):
		return LocalFull
	case errors.Is(err, syscall.EINVAL):
		// What file systems without such names (vfat, cifs) answer.
		return LocalBadName
	case errors.Is(err, syscall.ETXTBSY), errors.Is(err, syscall.EBUSY):
		return LocalBusy
	}
	return LocalOther
}
