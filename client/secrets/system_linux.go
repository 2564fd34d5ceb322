package secrets

import (
	"context"
	"errors"
	"net"

	"github.com/godbus/dbus/v5"
)

// systemKeyring is the keyring of this system.
func systemKeyring() Backend { return secretService{} }

// A secretService is the Secret Service (freedesktop.org, Secret Storage Specification).
// go-keyring stores and reads; what it cannot do is done here over a connection of its
// own, which ends with the context: to look without a prompt, to unlock and to remove
// with one that is known as dismissed, to search, and to name items.
type secretService struct{ ring }

// Look finds out whether secrets can be stored and read. Where ask is true and the
// keyring is locked, its service asks the user to unlock it; where there is none yet, to
// choose a password for a new one, as for any program that stores something.
func (secretService) Look(ctx context.Context, ask bool) error {
	b, err := connect(ctx)
	if err != nil {
		return inTime(ctx, "look", err)
	}
	defer b.close()
	col, err := b.collection()
	if ask && errors.Is(err, errNoCollection) {
		col, err = b.create()
	}
	if err != nil {
		return inTime(ctx, "look", err)
	}
	locked, err := b.locked(col)
	if err != nil {
		return inTime(ctx, "look", err)
	}
	if !locked {
		return nil
	}
	if !ask {
		return &Error{Op: "look", State: Locked}
	}
	return inTime(ctx, "unlock", b.unlock(col))
}

// List searches the Secret Service for items of this program.
func (secretService) List(ctx context.Context) ([]listed, error) {
	b, err := connect(ctx)
	if err != nil {
		return nil, inTime(ctx, "list", err)
	}
	defer b.close()
	paths, err := b.search(map[string]string{"service": service})
	if err != nil {
		return nil, inTime(ctx, "list", err)
	}
	items := make([]listed, 0, len(paths))
	for _, path := range paths {
		it, err := b.item(path)
		if err != nil {
			return nil, inTime(ctx, "list", err)
		}
		items = append(items, it)
	}
	return items, nil
}

// Label names an item for the programs that show a keyring.
func (secretService) Label(ctx context.Context, item, label string) error {
	b, err := connect(ctx)
	if err != nil {
		return inTime(ctx, "label", err)
	}
	defer b.close()
	paths, err := b.search(map[string]string{"service": service, "username": item})
	if err != nil {
		return inTime(ctx, "label", err)
	}
	if len(paths) == 0 {
		return &Error{Op: "label", State: NotFound}
	}
	for _, path := range paths {
		if err = b.setLabel(path, label); err != nil {
			return inTime(ctx, "label", err)
		}
	}
	return nil
}

// Set stores a secret and names it; go-keyring's own name says nothing to a person.
func (s secretService) Set(ctx context.Context, item, label, secret string) error {
	if err := s.ring.Set(ctx, item, label, secret); err != nil {
		return err
	}
	_ = s.Label(ctx, item, label) // the secret is there, and that is what counts
	return nil
}

// Delete removes an item, from every collection that has it. go-keyring would take a
// dismissed prompt for success.
func (secretService) Delete(ctx context.Context, item string) error {
	b, err := connect(ctx)
	if err != nil {
		return inTime(ctx, "delete", err)
	}
	defer b.close()
	paths, err := b.search(map[string]string{"service": service, "username": item})
	if err != nil {
		return inTime(ctx, "delete", err)
	}
	if len(paths) == 0 {
		return &Error{Op: "delete", State: NotFound}
	}
	for _, path := range paths {
		if err = b.remove(path); err != nil {
			return inTime(ctx, "delete", err)
		}
	}
	return nil
}

// platformState judges what D-Bus and the Secret Service say (Secret Storage
// Specification, errors; D-Bus Specification, standard errors).
func platformState(err error) State {
	if errors.Is(err, errNoCollection) {
		return Missing
	}
	if errors.Is(err, errDismissed) {
		return Refused
	}
	if e, ok := errors.AsType[dbus.Error](err); ok {
		return busState(e.Name)
	}
	if e, ok := errors.AsType[*dbus.Error](err); ok {
		return busState(e.Name)
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return Missing // the bus itself
	}
	if errors.Is(err, errNoBus) || errors.Is(err, dbus.ErrClosed) {
		return Missing
	}
	return Failed
}

func busState(name string) State {
	const std, secret = "org.freedesktop.DBus.Error.", "org.freedesktop.Secret.Error."
	switch name {
	case std + "ServiceUnknown", std + "NameHasNoOwner", std + "NoServer", std + "Disconnected", std + "FileNotFound",
		std + "Spawn.ServiceNotFound", std + "Spawn.ServiceNotValid", std + "Spawn.ExecFailed", std + "Spawn.ForkFailed",
		std + "Spawn.ChildExited", std + "Spawn.ChildSignaled", std + "Spawn.Failed", std + "Spawn.FileInvalid",
		std + "UnknownInterface", std + "UnknownObject", std + "UnknownMethod", secret + "NoSuchObject":
		return Missing
	case secret + "IsLocked":
		return Locked
	case std + "AccessDenied", std + "AuthFailed", std + "InteractiveAuthorizationRequired", "org.gnome.keyring.Error.Denied":
		return Refused
	case std + "NoReply", std + "Timeout", std + "TimedOut":
		return TimedOut
	default:
		return Failed
	}
}
