package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names of the Secret Storage Specification.
const (
	busName        = "org.freedesktop.secrets"
	servicePath    = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath      = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	serviceIface   = "org.freedesktop.Secret.Service"
	collectionFace = "org.freedesktop.Secret.Collection"
	itemIface      = "org.freedesktop.Secret.Item"
	promptIface    = "org.freedesktop.Secret.Prompt"
	noPath         = dbus.ObjectPath("/")
)

// maxFound bounds what is read of a search.
const maxFound = 100_000

var (
	errNoBus     = errors.New("there is no session bus")
	errDismissed = errors.New("the question was dismissed")
)

// A bus is a connection of our own to the session bus, gone with its context. The
// shared one of the D-Bus package knows no bounds, and carries the signals of others.
type bus struct {
	ctx  context.Context // a bus lives for one call, with its context
	conn *dbus.Conn
}

// connect never starts a bus: one that nobody else uses would hold no keyring.
func connect(ctx context.Context) (*bus, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoBus, err)
	}
	b := &bus{ctx: ctx, conn: conn}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err != nil {
		b.close()
		return nil, fmt.Errorf("%w: %w", errNoBus, err)
	}
	return b, nil
}

func (b *bus) close() { _ = b.conn.Close() } // nothing waits to be sent

func (b *bus) call(path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return b.conn.Object(busName, path).CallWithContext(b.ctx, method, 0, args...)
}

func (b *bus) property(path dbus.ObjectPath, iface, name string, into any) error {
	var v dbus.Variant
	if err := b.call(path, "org.freedesktop.DBus.Properties.Get", iface, name).Store(&v); err != nil {
		return err
	}
	return v.Store(into)
}

// collection is the one that go-keyring uses: the login keyring, else the default one.
func (b *bus) collection() (dbus.ObjectPath, error) {
	var all []dbus.ObjectPath
	if err := b.property(servicePath, serviceIface, "Collections", &all); err != nil {
		return "", err
	}
	if slices.Contains(all, loginPath) {
		return loginPath, nil
	}
	var alias dbus.ObjectPath
	if err := b.call(servicePath, serviceIface+".ReadAlias", "default").Store(&alias); err != nil {
		return "", err
	}
	if alias == noPath || alias == "" {
		return "", errNoCollection
	}
	return alias, nil
}

// create has the service make a default collection, for which it asks the user for a
// password.
func (b *bus) create() (dbus.ObjectPath, error) {
	label := map[string]dbus.Variant{collectionFace + ".Label": dbus.MakeVariant("Default keyring")}
	var made, prompt dbus.ObjectPath
	if err := b.call(servicePath, serviceIface+".CreateCollection", label, "default").Store(&made, &prompt); err != nil {
		return "", err
	}
	if prompt != noPath {
		start := time.Now()
		if err := b.prompt(prompt); errors.Is(err, errDismissed) && time.Since(start) < tooFast {
			return "", errNoCollection // nobody was asked, for want of a display
		} else if err != nil {
			return "", err
		}
	}
	return b.collection()
}

func (b *bus) locked(collection dbus.ObjectPath) (bool, error) {
	var locked bool
	err := b.property(collection, collectionFace, "Locked", &locked)
	return locked, err
}

// tooFast is what no person answers in: a prompt that is dismissed sooner was never
// shown, for want of a display.
const tooFast = 200 * time.Millisecond

// unlock has the service unlock a collection, for which it may ask the user.
func (b *bus) unlock(collection dbus.ObjectPath) error {
	var unlocked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	if err := b.call(servicePath, serviceIface+".Unlock", []dbus.ObjectPath{collection}).Store(&unlocked, &prompt); err != nil {
		return err
	}
	start := time.Now()
	if prompt != noPath {
		if err := b.prompt(prompt); err != nil {
			if errors.Is(err, errDismissed) && time.Since(start) < tooFast {
				return &Error{Op: "unlock", State: Locked, Err: err}
			}
			return err
		}
	}
	locked, err := b.locked(collection)
	if err == nil && locked {
		return &Error{Op: "unlock", State: Locked}
	}
	return err
}

// prompt shows a prompt of the service and waits for its end.
func (b *bus) prompt(path dbus.ObjectPath) error {
	if err := b.conn.AddMatchSignalContext(b.ctx, dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(promptIface)); err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 8)
	b.conn.Signal(signals)
	defer b.conn.RemoveSignal(signals)
	if err := b.call(path, promptIface+".Prompt", "").Err; err != nil {
		return err
	}
	for {
		select {
		case <-b.ctx.Done():
			return b.ctx.Err()
		case s, ok := <-signals:
			if !ok {
				return dbus.ErrClosed
			}
			if s.Path != path || s.Name != promptIface+".Completed" || len(s.Body) < 1 {
				continue
			}
			if dismissed, isBool := s.Body[0].(bool); !isBool || dismissed {
				return errDismissed
			}
			return nil
		}
	}
}

// search returns the items with the attributes, of every collection.
func (b *bus) search(attributes map[string]string) ([]dbus.ObjectPath, error) {
	var unlocked, locked []dbus.ObjectPath
	if err := b.call(servicePath, serviceIface+".SearchItems", attributes).Store(&unlocked, &locked); err != nil {
		return nil, err
	}
	all := append(unlocked, locked...)
	if len(all) > maxFound {
		return nil, fmt.Errorf("the keyring has found %d items", len(all))
	}
	return all, nil
}

// remove removes an item.
func (b *bus) remove(path dbus.ObjectPath) error {
	var prompt dbus.ObjectPath
	if err := b.call(path, itemIface+".Delete").Store(&prompt); err != nil {
		return err
	}
	if prompt == noPath {
		return nil
	}
	return b.prompt(prompt)
}

func (b *bus) item(path dbus.ObjectPath) (listed, error) {
	var all map[string]dbus.Variant
	if err := b.call(path, "org.freedesktop.DBus.Properties.GetAll", itemIface).Store(&all); err != nil {
		return listed{}, err
	}
	attributes, _ := all["Attributes"].Value().(map[string]string) // of an item that is locked or odd nothing is known
	label, _ := all["Label"].Value().(string)
	return listed{item: attributes["username"], label: label}, nil
}

func (b *bus) setLabel(path dbus.ObjectPath, label string) error {
	return b.call(path, "org.freedesktop.DBus.Properties.Set", itemIface, "Label", dbus.MakeVariant(label)).Err
}
