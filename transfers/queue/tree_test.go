package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
	"portside/transfers/queue"
)

// fetchTree downloads /top into a folder.
func fetchTree(t *testing.T, dir string, opt queue.Options, server ...ftptest.Option) *bench {
	t.Helper()
	b := start(t, opt, map[string][]ftptest.Option{"a": server})
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/top", Local: dir, Dir: true, Rule: transfers.Overwrite})
	b.wait()
	return b
}

// sendTree uploads a folder to /up.
func sendTree(t *testing.T, dir string, opt queue.Options, server ...ftptest.Option) *bench {
	t.Helper()
	b := start(t, opt, map[string][]ftptest.Option{"a": server})
	b.add(queue.Job{Kind: queue.Upload, Site: "a", Remote: "/up", Local: dir, Dir: true, Rule: transfers.Overwrite})
	b.wait()
	return b
}

// finds returns the items in a state.
func (b *bench) finds(s queue.State) []queue.Item {
	b.t.Helper()
	items, _, err := b.q.List(b.t.Context(), queue.Filter{States: []queue.State{s}}, 0, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return items
}

// notes reports whether an item in a state says something.
func (b *bench) notes(s queue.State, text string) bool {
	return slices.ContainsFunc(b.finds(s), func(it queue.Item) bool { return strings.Contains(it.Note+it.Reason.Sentence, text) })
}

// plant writes files.
func plant(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// links makes symbolic links.
func links(t *testing.T, dir string, to map[string]string) {
	t.Helper()
	for name, target := range to {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
}

// TestTreeNamesBothWays has names in several scripts, one that is no UTF-8, empty files
// and folders go there and back.
func TestTreeNamesBothWays(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"a.txt": "hello\n", "sub/big": string(pattern(300_000, 1)), "sub/deep/中文 🚢": "ship", "caf\xe9": "latin", "عربى": "arabic", "empty": "",
	}
	var opts []ftptest.Option
	for name, data := range want {
		opts = append(opts, ftptest.File("/top/"+name, data))
	}
	dir := filepath.Join(t.TempDir(), "new", "copy")
	b := fetchTree(t, dir, queue.Options{}, append(opts, ftptest.Dir("/top/void"))...)
	same(t, dir, want)
	b.add(queue.Job{Kind: queue.Upload, Site: "a", Remote: "/back", Local: dir, Dir: true})
	b.wait()
	for name, data := range want {
		if got := string(b.srvs["a"].File("/back/" + name)); got != data {
			t.Errorf("%q came back with %d bytes of %d\n%s", name, len(got), len(data), b.dump())
		}
	}
	if !b.srvs["a"].Exists("/back/void") {
		t.Error("the empty folder did not come back")
	}
}

// TestTreeCharset has names in another character set, which are text here and the same
// bytes there.
func TestTreeCharset(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, ftptest.File("/top/caf\xe9.txt", "latin"))
	dir := t.TempDir()
	plant(t, dir, map[string]string{"中": "not in this set"})
	b := start(t, queue.Options{Dial: func(ctx context.Context, _ string) (transfers.RemoteCloser, error) {
		return client.Dial(ctx, srv.Addr, client.Options{Security: client.SecurityOff, Charset: "latin1"})
	}}, map[string][]ftptest.Option{"a": nil})
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/top", Local: dir, Dir: true})
	b.wait()
	if got, err := os.ReadFile(filepath.Join(dir, "café.txt")); err != nil || string(got) != "latin" {
		t.Fatalf("%q, %v\n%s", got, err, b.dump())
	}
	b.add(queue.Job{Kind: queue.Upload, Site: "a", Remote: "/back", Local: dir, Dir: true})
	b.wait()
	if got := srv.Names("/back"); !slices.Equal(got, []string{"caf\xe9.txt"}) {
		t.Errorf("the server has %q", got)
	}
	if n := len(b.finds(queue.Failed)); n != 1 {
		t.Errorf("%d failed, want the name that the server cannot have\n%s", n, b.dump())
	}
}

// TestTreeHostileNames has a server that would write elsewhere: nothing leaves the
// target folder, and what fails does not stop the rest.
func TestTreeHostileNames(t *testing.T) {
	t.Parallel()
	opts := []ftptest.Option{ftptest.File("/top/good", "1"), ftptest.File("/top/last", "2")}
	hostile := []string{"../evil", "/tmp/evil", "a/b", "sub/../../evil"}
	for _, name := range hostile {
		opts = append(opts, ftptest.Entry("/top", name, "evil"))
	}
	outer := t.TempDir()
	dir := filepath.Join(outer, "target")
	b := fetchTree(t, dir, queue.Options{}, opts...)
	same(t, outer, map[string]string{"target/good": "1", "target/last": "2"})
	for _, it := range b.finds(queue.Failed) {
		if it.Reason.Sentence == "" {
			t.Errorf("%q failed without a reason", it.Remote)
		}
	}
	if n := len(b.finds(queue.Failed)); n != len(hostile) {
		t.Errorf("%d failed, want %d\n%s", n, len(hostile), b.dump())
	}
}

// TestTreeLocalLinks has links in the target folder: those that lead out of it are not
// followed, neither for a folder nor for a file.
func TestTreeLocalLinks(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	links(t, dir, map[string]string{"sub": outside, "b": filepath.Join(outside, "b"), "in": "real"})
	b := fetchTree(t, dir, queue.Options{}, ftptest.File("/top/sub/a", "a"), ftptest.File("/top/b", "b"), ftptest.File("/top/in/c", "c"))
	same(t, outside, nil)
	failed := b.finds(queue.Failed)
	if len(failed) != 1 || failed[0].Remote != "/top/sub" {
		t.Errorf("want the escape refused\n%s", b.dump())
	}
	for name, want := range map[string]string{"b": "b", "real/c": "c"} {
		if got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestTreeRemoteLinks(t *testing.T) {
	t.Parallel()
	server := []ftptest.Option{
		ftptest.File("/else/x", "x"), ftptest.File("/else/y", "yy"), ftptest.File("/top/plain", "p"),
		ftptest.Symlink("/top/file", "/else/x"), ftptest.Symlink("/top/folder", "/else"), ftptest.Symlink("/top/broken", "/nowhere"),
	}
	dir := t.TempDir()
	b := fetchTree(t, dir, queue.Options{}, server...)
	same(t, dir, map[string]string{"file": "x", "plain": "p"})
	if !b.notes(queue.Skipped, "not followed") || !b.notes(queue.Skipped, "leads nowhere") {
		t.Errorf("what was left out is not said\n%s", b.dump())
	}
	dir = t.TempDir()
	fetchTree(t, dir, queue.Options{FollowLinks: true}, server...)
	same(t, dir, map[string]string{"file": "x", "plain": "p", "folder/x": "x", "folder/y": "yy"})
}

// TestTreeLoops has a folder that contains itself: that ends by itself, through the
// likeness of the listings.
func TestTreeLoops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := fetchTree(t, dir, queue.Options{FollowLinks: true}, ftptest.File("/top/a", "a"), ftptest.Symlink("/top/loop", "/top"))
	if !b.notes(queue.Skipped, "contains itself") {
		t.Errorf("the loop is not said\n%s", b.dump())
	}
	if n := b.srvs["a"].Count("MLSD"); n > 5 {
		t.Errorf("%d listings of a loop", n)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "a")); err != nil || string(got) != "a" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestTreeDepth has more levels than are allowed: what is above them is fetched.
func TestTreeDepth(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := fetchTree(t, dir, queue.Options{MaxDepth: 5}, ftptest.File("/top"+strings.Repeat("/d", 10)+"/x", "x"), ftptest.File("/top/near", "n"))
	same(t, dir, map[string]string{"near": "n"})
	if failed := b.finds(queue.Failed); len(failed) != 1 || !b.notes(queue.Failed, "5 levels") {
		t.Errorf("want one folder that is too deep\n%s", b.dump())
	}
}

// TestTreeMapsNames has names that are kept for unfinished downloads: they come under
// others, which a note says.
func TestTreeMapsNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := fetchTree(t, dir, queue.Options{}, ftptest.File("/top/.x.portside-part", "x"), ftptest.File("/top/.y.portside-part/a", "a"))
	same(t, dir, map[string]string{"%2Ex.portside-part": "x", "%2Ey.portside-part/a": "a"})
	if !b.notes(queue.Done, "%2Ex.portside-part") {
		t.Errorf("the other name is not said\n%s", b.dump())
	}
}

// TestTreeOddListings has devices, and lines that nobody understands.
func TestTreeOddListings(t *testing.T) {
	t.Parallel()
	b := fetchTree(t, t.TempDir(), queue.Options{}, ftptest.Dir("/top"), ftptest.Without("MLSD", "MLST"), ftptest.ListLines(
		"brw-rw----   1 root     disk       8,   0 Jan  1  2026 dev", "-rw-r--r--   1 u        g             0 Jan  1  2026 a", "total nonsense, truly"))
	if !b.notes(queue.Done, "neither file nor folder") || !b.notes(queue.Done, "could not be understood") {
		t.Errorf("what was left out is not said\n%s", b.dump())
	}
}

// refusing answers 550 to a verb with a path.
func refusing(verb, path string) ftptest.Option {
	return ftptest.Handle(verb, func(c *ftptest.Conn, arg string) bool {
		if arg != path {
			return false
		}
		c.Reply(550, "Permission denied.")
		return true
	})
}

// TestTreeFailures has a file and a folder that are refused: the others are fetched.
func TestTreeFailures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := fetchTree(t, dir, queue.Options{Tries: -1}, ftptest.File("/top/a", "a"), ftptest.File("/top/b", "b"), ftptest.File("/top/c", "c"),
		ftptest.File("/top/locked/x", "x"), refusing("RETR", "/top/b"),
		refusing("MLSD", "/top/locked"), refusing("LIST", "/top/locked"), refusing("CWD", "/top/locked"))
	same(t, dir, map[string]string{"a": "a", "c": "c"})
	if failed := b.finds(queue.Failed); len(failed) != 2 {
		t.Errorf("want the file and the folder\n%s", b.dump())
	}
}

// TestTreeOfFile has jobs for folders that are none.
func TestTreeOfFile(t *testing.T) {
	t.Parallel()
	b := fetchTree(t, t.TempDir(), queue.Options{Tries: -1}, ftptest.File("/top", "a file"))
	b.only(map[queue.State]int{queue.Failed: 1})
	b = fetchTree(t, t.TempDir(), queue.Options{Tries: -1})
	b.only(map[queue.State]int{queue.Failed: 1})
	dir := t.TempDir()
	plant(t, dir, map[string]string{"a": "a"})
	b = sendTree(t, filepath.Join(dir, "a"), queue.Options{Tries: -1})
	b.only(map[queue.State]int{queue.Failed: 1})
	b = sendTree(t, dir, queue.Options{Tries: -1}, ftptest.File("/up", "a file"))
	b.only(map[queue.State]int{queue.Failed: 1})
}

// TestTreeUploadLinks has links, unfinished downloads and an empty folder.
func TestTreeUploadLinks(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	plant(t, dir, map[string]string{"a": "a", "sub/b": "b", ".x.portside-part": "half"})
	plant(t, outside, map[string]string{"linked": "l"})
	if err := os.Mkdir(filepath.Join(dir, "void"), 0o700); err != nil {
		t.Fatal(err)
	}
	links(t, dir, map[string]string{"ln": filepath.Join(outside, "linked"), "dirln": outside, "broken": "nowhere"})
	b := sendTree(t, dir, queue.Options{})
	if got := b.srvs["a"].Names("/up"); !slices.Equal(got, []string{"a", "ln", "sub", "void"}) {
		t.Errorf("the server has %q\n%s", got, b.dump())
	}
	if string(b.srvs["a"].File("/up/ln")) != "l" {
		t.Error("a link to a file did not go as the file")
	}
	for _, what := range []string{"link to a folder, not followed", "link that leads nowhere", "unfinished download"} {
		if !b.notes(queue.Done, what) {
			t.Errorf("%s: not said\n%s", what, b.dump())
		}
	}
	links(t, dir, map[string]string{filepath.Join("sub", "loop"): dir})
	b = sendTree(t, dir, queue.Options{FollowLinks: true})
	if !b.srvs["a"].Exists("/up/dirln/linked") || b.srvs["a"].Exists("/up/sub/loop") {
		t.Errorf("want links to folders followed, and loops not\n%s", b.dump())
	}
}

// TestTreeUploadFailures has a file and a folder that the server refuses.
func TestTreeUploadFailures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plant(t, dir, map[string]string{"a": "a", "b": "b", "sub/c": "c"})
	b := sendTree(t, dir, queue.Options{Tries: -1}, refusing("STOR", "/up/a"), refusing("MKD", "/up/sub"))
	if got := b.srvs["a"].Names("/up"); !slices.Equal(got, []string{"b"}) || len(b.finds(queue.Failed)) != 2 {
		t.Errorf("the server has %q\n%s", got, b.dump())
	}
}

// TestTreeUploadAgain has a tree sent into what is there already: each folder is
// listed once, and nothing moves.
func TestTreeUploadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plant(t, dir, map[string]string{"a": "a", "sub/b": "bb", "sub/c": "ccc"})
	b := sendTree(t, dir, queue.Options{})
	stored, listed := b.srvs["a"].Count("STOR"), b.srvs["a"].Count("MLSD")
	if stored != 3 || listed != 0 {
		t.Errorf("%d files stored, %d listings of new folders", stored, listed)
	}
	b.add(queue.Job{Kind: queue.Upload, Site: "a", Remote: "/up", Local: dir, Dir: true, Rule: transfers.SizeDiffers})
	b.wait()
	if n := b.srvs["a"].Count("STOR"); n != stored || len(b.finds(queue.Skipped)) != 3 {
		t.Errorf("%d more files stored\n%s", n-stored, b.dump())
	}
	if n := b.srvs["a"].Count("MLSD"); n != 2 {
		t.Errorf("%d listings of two folders", n)
	}
}

// TestTreeOverFlakyServer has a server that ends every connection after some commands.
func TestTreeOverFlakyServer(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	opts := []ftptest.Option{ftptest.CutControlAfter(25)}
	for i := range 30 {
		name := fmt.Sprintf("%02d", i)
		want[name] = string(pattern(100_000+i, uint32(i)))
		opts = append(opts, ftptest.File("/top/"+name, want[name]))
	}
	dir := t.TempDir()
	b := fetchTree(t, dir, queue.Options{DialRetries: -1}, opts...)
	same(t, dir, want)
	if n := len(b.srvs["a"].Conns()); n < 3 {
		t.Errorf("%d connections: the fault was not met", n)
	}
}

// TestCopyGoesOn has both data connections of a copy cut in the middle.
func TestCopyGoesOn(t *testing.T) {
	t.Parallel()
	data := pattern(2_000_000, 3)
	b := start(t, queue.Options{}, map[string][]ftptest.Option{
		"a": {
			ftptest.FileAt("/big", string(data), time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), 0o644),
			ftptest.Times(1, ftptest.CutData(700_000, "RETR")),
		},
		"b": {ftptest.Times(1, ftptest.CutData(400_000, "STOR"))},
	})
	b.add(queue.Job{Kind: queue.Copy, Site: "a", Remote: "/big", ToSite: "b", ToRemote: "/copy"})
	b.wait()
	if !bytes.Equal(b.srvs["b"].File("/copy"), data) {
		t.Errorf("%d bytes\n%s", len(b.srvs["b"].File("/copy")), b.dump())
	}
	if !slices.ContainsFunc(b.srvs["b"].Commands(), func(c string) bool { return strings.HasPrefix(c, "REST ") }) {
		t.Errorf("it did not go on from what was there: %q", b.srvs["b"].Commands())
	}
}
