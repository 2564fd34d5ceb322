package transfers

import (
	"errors"

	"golang.org/x/sys/windows"
)

// systemKind sorts the errors that only this system has.
func systemKind(err error) LocalKind {
	switch {
	case errors.Is(err, windows.ERROR_DISK_FULL),
		errors.Is(err, windows.ERROR_HANDLE_DISK_FULL),
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED):
		return LocalFull
	case errors.Is(err, windows.ERROR_INVALID_NAME),
		errors.Is(err, windows.ERROR_FILENAME_EXCED_RANGE):
		return LocalBadName
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION),
		errors.Is(err, windows.ERROR_LOCK_VIOLATION):
		return LocalBusy
	case errors.Is(err, windows.ERROR_WRITE_PROTECT):
		return LocalReadOnly
	case errors.Is(err, windows.ERROR_FILE_TOO_LARGE):
		return LocalTooBig
	}
	return LocalOther
}
