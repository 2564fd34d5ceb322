package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"portside/client/listing"
	"portside/ui/state"
	"portside/ui/uitest"
)

// fakeTree is a Source in memory, which can be told to wait or to fail.
type fakeTree struct {
	mu      sync.Mutex // guards all below
	folders map[string][]state.Row
	calls   []string
	fail    map[string]error         // by call, as "list /a"
	gates   map[string]chan struct{} // by call: waited for, or ctx
	ended   []string                 // calls that ctx ended
}

var errFake = errors.New("the fake refuses")

func newFakeTree(paths ...string) *fakeTree {
	f := &fakeTree{folders: map[string][]state.Row{"/": {}}, fail: map[string]error{}, gates: map[string]chan struct{}{}}
	for _, path := range paths {
		f.add(path)
	}
	return f
}

// add adds a file, or with a slash at its end a folder, and what is above it.
func (f *fakeTree) add(path string) {
	row := state.Row{Size: 1000, Type: listing.File, Mode: 0o644}
	if strings.HasSuffix(path, "/") {
		row.Type, row.Size, row.Mode = listing.Dir, listing.UnknownSize, 0o755
		path = strings.TrimSuffix(path, "/")
		if f.folders[path] == nil {
			f.folders[path] = []state.Row{}
		}
	}
	dir := state.SlashPaths.Parent(path)
	row.Name = state.SlashPaths.Base(path)
	row.Text = f.Text(row.Name)
	if f.folders[dir] == nil && dir != "/" {
		f.add(dir + "/")
	}
	f.folders[dir] = append(f.folders[dir], row)
}

// call notes a call, waits at its gate and fails where it was told to.
func (f *fakeTree) call(ctx context.Context, format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	f.mu.Lock()
	f.calls = append(f.calls, call)
	gate, err := f.gates[call], f.fail[call]
	f.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			f.mu.Lock()
			defer f.mu.Unlock()
			f.ended = append(f.ended, call)
			return ctx.Err()
		}
	}
	return err
}

// hold makes a call wait until the returned function is called.
func (f *fakeTree) hold(call string) (release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	gate := make(chan struct{})
	f.gates[call] = gate
	return sync.OnceFunc(func() { close(gate) })
}

func (f *fakeTree) failWith(call string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail[call] = err
}

// made returns the calls of these verbs so far.
func (f *fakeTree) made(verbs ...string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, call := range f.calls {
		verb, _, _ := strings.Cut(call, " ")
		if slices.Contains(verbs, verb) {
			out = append(out, call)
		}
	}
	return out
}

func (f *fakeTree) cancelled() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ended)
}

func (f *fakeTree) List(ctx context.Context, path string) (Listing, error) {
	if err := f.call(ctx, "list %s", path); err != nil {
		return Listing{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	rows, ok := f.folders[path]
	if !ok {
		return Listing{}, errFake
	}
	return Listing{Rows: slices.Clone(rows)}, nil
}

func (f *fakeTree) Home(context.Context) (string, error) { return "/home", nil }

func (f *fakeTree) Mkdir(ctx context.Context, path string) error {
	if err := f.call(ctx, "mkdir %s", path); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(path + "/")
	return nil
}

func (f *fakeTree) Rename(ctx context.Context, from, to string) error {
	if err := f.call(ctx, "rename %s %s", from, to); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.remove(from)
	f.add(to)
	return nil
}

func (f *fakeTree) Delete(ctx context.Context, path string, _ state.Row) error {
	if err := f.call(ctx, "delete %s", path); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.remove(path)
	return nil
}

func (f *fakeTree) remove(path string) {
	dir, name := state.SlashPaths.Parent(path), state.SlashPaths.Base(path)
	f.folders[dir] = slices.DeleteFunc(f.folders[dir], func(r state.Row) bool { return r.Name == name })
}

func (f *fakeTree) Style() state.PathStyle { return state.SlashPaths }

// Text and Encode are those of Latin-1: a raw byte is a character.
func (f *fakeTree) Text(raw string) string {
	runes := make([]rune, len(raw))
	for i := range len(raw) {
		runes[i] = rune(raw[i])
	}
	return string(runes)
}

func (f *fakeTree) Encode(text string) (string, error) {
	raw := []byte{}
	for _, r := range text {
		if r > 0xff {
			return "", errFake
		}
		raw = append(raw, byte(r))
	}
	return string(raw), nil
}

func (f *fakeTree) Explain(err error) (sentence, next string) {
	return "It did not work: " + err.Error() + ".", "Do something else."
}

func (f *fakeTree) Address(path string) string { return "ftp://fake" + path }

// paneBench is two panes in a window with somebody to use them.
type paneBench struct {
	t     *testing.T
	loop  *uitest.Loop
	clock *uitest.Clock
	user  *uitest.User
	left  *Pane
	right *Pane
	board *DragBoard
	calls []string // of the callbacks, as "transfer a b"

	question string // what Confirm was asked
	yes      func()
	nameFor  string // the name that AskName suggested
	named    func(string)
	check    func(string) error
}

func newPaneBench(t *testing.T) *paneBench {
	t.Helper()
	lightApp(t)
	b := &paneBench{t: t, loop: uitest.NewLoop(t), clock: uitest.NewClock()}
	note := func(format string, args ...any) { b.calls = append(b.calls, fmt.Sprintf(format, args...)) }
	opt := PaneOptions{
		Context: t.Context(), Do: b.loop.Do, After: b.clock.After,
		Confirm: func(title, sentence, verb string, yes func()) {
			b.question, b.yes = title+" | "+sentence+" | "+verb, yes
		},
		AskName: func(_, name string, check func(string) error, done func(string)) {
			b.nameFor, b.check, b.named = name, check, done
		},
		OnTransfer:   func(p *Pane, rows []state.Row) { note("transfer %s %s", p.opt.Name, rowNames(rows)) },
		OnTransferTo: func(p *Pane, rows []state.Row) { note("transfer to %s %s", p.opt.Name, rowNames(rows)) },
		OnDrop: func(from, to *Pane, rows []state.Row, dir string) {
			note("drop %s %s %s %s", from.opt.Name, to.opt.Name, dir, rowNames(rows))
		},
		OnDropURIs: func(to *Pane, uris []fyne.URI, dir string) { note("desktop %s %s %d", to.opt.Name, dir, len(uris)) },
		OnPath:     func(_ *Pane, path string) { note("path %s", path) },
		OnError:    func(_ *Pane, err error) { note("error %v", err) },
	}
	left, right := opt, opt
	left.Name, left.Transfer = "Local", "Upload"
	right.Name, right.Transfer = "Remote", "Download"
	b.left, b.right = NewPane(left), NewPane(right)
	t.Cleanup(b.left.Close)
	t.Cleanup(b.right.Close)
	b.board = NewDragBoard(b.left, b.right)
	window := test.NewTempWindow(t, container.NewStack(container.NewGridWithColumns(2, b.left, b.right), b.board.Layer()))
	window.SetPadded(false)
	window.Resize(fyne.NewSize(1000, 500))
	b.user = uitest.NewUser(t, window.Canvas())
	return b
}

// openTree is a paneBench whose left pane shows the home folder of a tree.
func openTree(t *testing.T, paths ...string) (*paneBench, *fakeTree) {
	t.Helper()
	b := newPaneBench(t)
	tree := newFakeTree(paths...)
	b.left.SetSource(tree, "")
	b.idle()
	b.calls = nil
	b.left.Focus()
	return b, tree
}

func rowNames(rows []state.Row) string {
	names := make([]string, len(rows))
	for i := range rows {
		names[i] = rows[i].Name
	}
	return strings.Join(names, " ")
}

// idle waits until both panes have nothing to do.
func (b *paneBench) idle() {
	b.t.Helper()
	b.loop.Until("the panes to be idle", func() bool { return !b.left.Busy() && !b.right.Busy() })
}

func (b *paneBench) sees(text string) bool { return uitest.HasText(b.user.Canvas(), text) }

func (b *paneBench) wantSeen(what string, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !b.sees(text) {
			b.t.Errorf("%s: %q is not seen in %q", what, text, uitest.Texts(b.user.Canvas()))
		}
	}
}

func (b *paneBench) wantUnseen(what string, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if b.sees(text) {
			b.t.Errorf("%s: %q is seen", what, text)
		}
	}
}

func (b *paneBench) wantPath(what, path string) {
	b.t.Helper()
	b.idle()
	if b.left.Path() != path {
		b.t.Errorf("%s: at %q, want %q", what, b.left.Path(), path)
	}
}

func (b *paneBench) wantCalls(what string, want ...string) {
	b.t.Helper()
	if !slices.Equal(b.calls, want) {
		b.t.Errorf("%s: %q, want %q", what, b.calls, want)
	}
	b.calls = nil
}

func (b *paneBench) wantSelected(what, want string) {
	b.t.Helper()
	if got := rowNames(b.left.Selection()); got != want {
		b.t.Errorf("%s: %q is selected, want %q", what, got, want)
	}
}
