//go:build linux

package secretstest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// A Fault is what is wrong with a made-up Secret Service.
type Fault int

// The faults.
const (
	Hangs        Fault = iota // answers nothing
	HangsAtOpen               // answers what is asked first, and then nothing
	Denies                    // refuses everything
	Dismisses                 // is locked; its prompt is dismissed after a moment
	Prompts                   // is locked; its prompt is never answered
	Discards                  // asks before it stores anything, and its prompt is dismissed
	NoCollection              // has no keyring
)

const (
	serviceAt    = dbus.ObjectPath("/org/freedesktop/secrets")
	collectionAt = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	promptAt     = dbus.ObjectPath("/org/freedesktop/secrets/prompt/p1")
	sessionAt    = dbus.ObjectPath("/org/freedesktop/secrets/session/s1")
	nowhere      = dbus.ObjectPath("/")

	// A person needs some time to dismiss a prompt.
	humanTime = 400 * time.Millisecond
)

// A Service is a made-up Secret Service on the bus of a session.
type Service struct {
	conn  *dbus.Conn
	fault Fault
	over  <-chan struct{} // closed with the test

	mu    sync.Mutex // guards what follows
	calls []string
}

// Fake starts a session with a made-up Secret Service.
func Fake(tb testing.TB, fault Fault) (*Session, *Service) {
	tb.Helper()
	s := Bus(tb)
	f := &Service{conn: s.Conn(), fault: fault, over: tb.Context().Done()}
	export := func(methods map[string]any, path dbus.ObjectPath, iface string) {
		if err := f.conn.ExportMethodTable(methods, path, iface); err != nil {
			tb.Fatal(err)
		}
	}
	properties := map[string]any{"Get": f.get}
	export(properties, serviceAt, "org.freedesktop.DBus.Properties")
	export(properties, collectionAt, "org.freedesktop.DBus.Properties")
	export(map[string]any{"ReadAlias": f.readAlias, "Unlock": f.unlock, "OpenSession": f.openSession, "SearchItems": f.searchAll}, serviceAt, "org.freedesktop.Secret.Service")
	export(map[string]any{"SearchItems": f.search, "CreateItem": f.createItem}, collectionAt, "org.freedesktop.Secret.Collection")
	export(map[string]any{"Prompt": f.prompt}, promptAt, "org.freedesktop.Secret.Prompt")
	export(map[string]any{"Close": func() *dbus.Error { return nil }}, sessionAt, "org.freedesktop.Secret.Session")
	s.own(f.conn, secretsName)
	return s, f
}

// Prompted reports whether the service was made to show a prompt.
func (f *Service) Prompted() bool { return f.Count("Prompt") > 0 }

// Count returns how often a method was called.
func (f *Service) Count(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c == method {
			n++
		}
	}
	return n
}

// enter notes a call; it hangs or refuses where that is the fault.
func (f *Service) enter(method string) *dbus.Error {
	f.mu.Lock()
	f.calls = append(f.calls, method)
	f.mu.Unlock()
	switch {
	case f.fault == Hangs, f.fault == HangsAtOpen && slices.Contains([]string{"OpenSession", "Unlock"}, method):
		<-f.over
		return dbus.NewError("org.freedesktop.DBus.Error.NoReply", []any{"the test is over"})
	case f.fault == Denies:
		return dbus.NewError("org.freedesktop.DBus.Error.AccessDenied", []any{"not for you"})
	}
	return nil
}

func (f *Service) get(_, name string) (dbus.Variant, *dbus.Error) {
	if err := f.enter("Get"); err != nil {
		return dbus.MakeVariant(""), err
	}
	if name == "Collections" {
		list := []dbus.ObjectPath{collectionAt}
		if f.fault == NoCollection {
			list = []dbus.ObjectPath{}
		}
		return dbus.MakeVariant(list), nil
	}
	return dbus.MakeVariant(f.fault == Dismisses || f.fault == Prompts), nil
}

func (f *Service) readAlias(string) (dbus.ObjectPath, *dbus.Error) {
	err := f.enter("ReadAlias")
	if f.fault == NoCollection {
		return nowhere, err
	}
	return collectionAt, err
}

func (f *Service) unlock(what []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	if err := f.enter("Unlock"); err != nil {
		return nil, nowhere, err
	}
	if f.fault == Dismisses || f.fault == Prompts {
		return []dbus.ObjectPath{}, promptAt, nil
	}
	return what, nowhere, nil
}

func (f *Service) openSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	err := f.enter("OpenSession")
	return dbus.MakeVariant(""), sessionAt, err
}

func (f *Service) search(map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	return []dbus.ObjectPath{}, f.enter("SearchItems")
}

func (f *Service) searchAll(map[string]string) (unlocked, locked []dbus.ObjectPath, err *dbus.Error) {
	return []dbus.ObjectPath{}, []dbus.ObjectPath{}, f.enter("SearchItems")
}

// wireSecret is a secret on the bus: session, parameters, value, type of content.
type wireSecret struct {
	Session    dbus.ObjectPath
	Parameters []byte
	Value      []byte
	Type       string
}

func (f *Service) createItem(map[string]dbus.Variant, wireSecret, bool) (item, prompt dbus.ObjectPath, err *dbus.Error) {
	return nowhere, promptAt, f.enter("CreateItem")
}

func (f *Service) prompt(string) *dbus.Error {
	if err := f.enter("Prompt"); err != nil {
		return err
	}
	if f.fault == Prompts {
		return nil
	}
	go func() {
		t := time.NewTimer(humanTime)
		defer t.Stop()
		select {
		case <-t.C:
		case <-f.over:
		}
		_ = f.conn.Emit(promptAt, "org.freedesktop.Secret.Prompt.Completed", true, dbus.MakeVariant("")) // the bus may be gone
	}()
	return nil
}

// HangingPrompter is what a display does to a locked gnome-keyring: its prompt appears
// and waits for a person. It returns how often one appeared.
func (s *Session) HangingPrompter() (shown func() int) {
	s.tb.Helper()
	conn := s.Conn()
	var mu sync.Mutex
	n := 0
	begin := func(dbus.ObjectPath) *dbus.Error {
		mu.Lock()
		defer mu.Unlock()
		n++
		return nil
	}
	err := conn.ExportMethodTable(map[string]any{"BeginPrompting": begin}, "/org/gnome/keyring/Prompter", "org.gnome.keyring.internal.Prompter")
	if err != nil {
		s.tb.Fatal(err)
	}
	s.own(conn, "org.gnome.keyring.SystemPrompter")
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}
