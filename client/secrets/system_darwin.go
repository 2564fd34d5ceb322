package secrets

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"

	"github.com/zalando/go-keyring"
)

// A keychain is the Keychain, through the system's program "security". It cannot be
// searched for our items without reading those of others.
type keychain struct{ ring }

// systemKeyring is the keyring of this system.
func systemKeyring() Backend { return keychain{} }

// Sweep removes every item of this program.
func (keychain) Sweep(context.Context) error { return judge("delete", keyring.DeleteAll(service)) }

// platformState judges by the exit code of "security", which is the low byte of an
// OSStatus (Security/SecBase.h).
func platformState(err error) State {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return Missing
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return keychainState(exit.ExitCode())
	}
	return Failed
}
