package secrets

import (
	"errors"
	"fmt"
	"runtime"

	"portside/client"
)

// A State says how the keyring stands, or what became of a call.
type State uint8

// The states. The zero value is Failed, so that what nobody has judged never reads as
// working.
const (
	Failed   State = iota // it has reported a fault that none of the others covers
	Works                 // it can be used
	NotFound              // it works, and holds nothing of that name
	Missing               // there is no keyring on this computer, or none in this session
	Locked                // it must be unlocked first
	Refused               // access was denied, or its question dismissed
	TimedOut              // it did not answer in time
	TooLong               // the secret is longer than this keyring takes
)

var stateNames = []string{"failed", "works", "not found", "missing", "locked", "refused", "timed out", "too long"}

// String returns the state's name in lower case.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// Sentence says the state to a person, and what can be done about it.
func (s State) Sentence() string { return s.sentence(runtime.GOOS) }

func (s State) sentence(goos string) string {
	switch s {
	case Works:
		return "The keyring works."
	case NotFound:
		return "The keyring holds nothing for this yet."
	case Missing:
		return missingSentence(goos)
	case Locked:
		return lockedSentence(goos)
	case Refused:
		return "The keyring denied access, or its question was dismissed. Try again, and allow it there."
	case TimedOut:
		return "The keyring did not answer in time. It may be waiting for you in a window of its own: answer it there, and try again."
	case TooLong:
		return fmt.Sprintf("This is longer than the keyring takes (%d bytes).", maxSecret(goos))
	case Failed:
	}
	return "The keyring reported a fault. Try again, or log in to the desktop anew."
}

func missingSentence(goos string) string {
	switch goos {
	case "darwin":
		return "There is no keychain in this session. Log in to the desktop, or create a login keychain in Keychain Access."
	case "windows":
		return "Windows has no Credential Manager for this session. Log in to the desktop, and see that the service VaultSvc runs."
	default:
		return "There is no keyring in this session. Install and start one, such as GNOME Keyring or KWallet, and log in to the desktop anew."
	}
}

func lockedSentence(goos string) string {
	switch goos {
	case "darwin":
		return "The keychain is locked. Unlock it in Keychain Access, and try again."
	case "windows":
		return "The Credential Manager is locked. Unlock the computer, and try again."
	default:
		return "The keyring is locked. Unlock it, for example in Passwords and Keys or KWalletManager, and try again."
	}
}

// ErrNotFound is what errors.Is finds in an Error whose state is NotFound.
var ErrNotFound = errors.New("not found in the keyring")

// errNoCollection says that a keyring service runs and has no keyring to put secrets in.
var errNoCollection = errors.New("the keyring service has no keyring yet")

// An Error is what a call to the keyring came to. It never holds a secret.
type Error struct {
	Op    string // "get", "set", "delete", "list", "look"
	State State
	Err   error // what the keyring said; may be nil
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("keyring: %s: %s", e.Op, e.State)
	}
	return fmt.Sprintf("keyring: %s: %s: %s", e.Op, e.State, shown(e.Err))
}

func (e *Error) Unwrap() error { return e.Err }

// Is reports true for ErrNotFound where the state is NotFound.
func (e *Error) Is(target error) bool { return target == ErrNotFound && e.State == NotFound }

// Sentence says the error to a person, and what can be done about it.
func (e *Error) Sentence() string {
	switch {
	case e.State == Missing && errors.Is(e.Err, errNoCollection):
		return "The keyring service runs, and has no keyring yet. Try again and let it make one, or create one in Passwords and Keys or KWalletManager."
	case e.State == Failed && e.Err != nil:
		return fmt.Sprintf("The keyring reported a fault: %s. Try again, or log in to the desktop anew.", shown(e.Err))
	default:
		return e.State.Sentence()
	}
}

// shown is the text of an error of the keyring's, fit for display and bounded.
func shown(err error) string {
	const most = 200
	text := []rune(client.Printable(err.Error()))
	if len(text) > most {
		text = append(text[:most], '…')
	}
	return string(text)
}

// Sentence says any error of this package to a person; "" for nil.
func Sentence(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Sentence()
	}
	return shown(err)
}

// StateOf is the state in err: Works for nil, Failed for an error of another kind.
func StateOf(err error) State {
	if err == nil {
		return Works
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.State
	}
	return Failed
}
