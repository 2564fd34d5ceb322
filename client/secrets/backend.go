package secrets

import (
	"context"
	"errors"

	"github.com/zalando/go-keyring"
)

// A Backend is a keyring. Its calls may hang, whatever ctx says. Errors: an *Error with
// its state, or whatever the keyring says, which is Failed.
type Backend interface {
	Get(ctx context.Context, item string) (string, error)
	Set(ctx context.Context, item, label, secret string) error
	Delete(ctx context.Context, item string) error
}

// A looker is a Backend that can say how it stands. Where ask is true it may ask the
// user to unlock it; where not it shows nothing.
type looker interface {
	Look(ctx context.Context, ask bool) error
}

// A lister is a Backend that can be searched for what this program has put there.
type lister interface {
	List(ctx context.Context) ([]listed, error)
}

// A sweeper is a Backend that can remove everything of this program at once.
type sweeper interface {
	Sweep(ctx context.Context) error
}

// A labeller is a Backend whose items have labels that can be changed.
type labeller interface {
	Label(ctx context.Context, item, label string) error
}

// A listed is an item that was found in a keyring.
type listed struct{ item, label string }

// ring is the keyring as go-keyring reaches it, the same on every system.
type ring struct{}

func (ring) Get(_ context.Context, item string) (string, error) {
	secret, err := keyring.Get(service, item)
	return secret, judge("get", err)
}

func (ring) Set(_ context.Context, item, _, secret string) error {
	return judge("set", keyring.Set(service, item, secret))
}

func (ring) Delete(_ context.Context, item string) error {
	return judge("delete", keyring.Delete(service, item))
}

// judge gives an error of go-keyring its state.
func judge(op string, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	var state State
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, keyring.ErrNotFound):
		return &Error{Op: op, State: NotFound}
	case errors.Is(err, keyring.ErrSetDataTooBig):
		state = TooLong
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		state = Missing
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		state = TimedOut
	default:
		state = platformState(err)
	}
	return &Error{Op: op, State: state, Err: err}
}

// maxSecret is the length in bytes of the longest secret: the bound of the Windows
// Credential Manager; what fits into a command line of the Keychain's program, which
// takes 4096 bytes and gets the secret in base64; and a bound of our own elsewhere.
func maxSecret(goos string) int {
	switch goos {
	case "windows":
		return 2560
	case "darwin":
		return 2900
	default:
		return 64 << 10
	}
}
