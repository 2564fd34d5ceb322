package ui

import (
	"bytes"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers/queue"
	"portside/ui/uitest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
)

func TestTransfersBothWays(t *testing.T) {
	data := make([]byte, 300_000)
	rand.New(rand.NewSource(1)).Read(data) //nolint:gosec // test data
	srv := ftptest.NewServer(t, ftptest.File("/site/img/a.bin", string(data)), ftptest.File("/site/b.txt", "b"))
	b := openWindow(t, nil)
	if err := os.WriteFile(filepath.Join(b.home, "up.bin"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	b.w.local.Relist()
	b.reads("up.bin")
	b.connect(srv.URL)
	b.isUp()

	b.w.remote.Select("site")
	b.w.remote.Focus()
	b.Chord(ctrl, fyne.KeyLeft)
	b.sees("the downloads", func() bool { return len(b.jobs()) == 1 && !b.w.transferring() })
	got, err := os.ReadFile(filepath.Join(b.home, "site", "img", "a.bin"))
	if err != nil || !bytes.Equal(got, data) {
		t.Fatalf("downloaded %d bytes, %v; want %d", len(got), err, len(data))
	}
	b.reads("Done, 2 entries")
	b.sees("the new folder in the local pane", func() bool { return countTexts(b, "site") == 2 }) // there and here

	from, ok := uitest.PosOf(b.Canvas(), "up.bin")
	if !ok {
		t.Fatal("up.bin is not seen")
	}
	b.Drag(from, fyne.NewPos(1000, 400))
	b.sees("the upload", func() bool { return srv.Exists("/up.bin") && !b.w.transferring() })
	if !bytes.Equal(srv.File("/up.bin"), data) {
		t.Error("other bytes arrived")
	}
	b.sees("the file in the remote pane", func() bool { return countTexts(b, "up.bin") >= 2 })
}

// items are what the queue holds.
func (b *bench) items() []queue.Item {
	b.t.Helper()
	q := b.w.queue.get()
	if q == nil {
		return nil
	}
	items, _, err := q.List(b.t.Context(), queue.Filter{}, 0, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	return items
}

// jobs are what was added to the queue.
func (b *bench) jobs() []queue.Item {
	b.t.Helper()
	return slices.DeleteFunc(b.items(), func(it queue.Item) bool { return it.Parent != 0 })
}

func countTexts(b *bench, text string) (n int) {
	for _, s := range uitest.Texts(b.Canvas()) {
		if s == text {
			n++
		}
	}
	return n
}

func TestConflictsAreAskedBesideTheWork(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "new a"), ftptest.File("/b.txt", "new b"), ftptest.File("/c.txt", "new c"))
	b := openWindow(t, nil)
	for _, name := range []string{"a.txt", "b.txt"} {
		if err := os.WriteFile(filepath.Join(b.home, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("a.txt", "b.txt", "c.txt")
	b.w.remote.TransferSelected()
	b.reads("exists here, in")
	b.sees("the transfer that nothing is in the way of", func() bool {
		data, err := os.ReadFile(filepath.Join(b.home, "c.txt"))
		return err == nil && string(data) == "new c"
	})
	if b.w.sheets.Open() {
		t.Error("the question is in the way of work")
	}
	if got, err := os.ReadFile(filepath.Join(b.home, "a.txt")); err != nil || string(got) != "old" {
		t.Fatalf("a.txt was %q, %v before anybody answered", got, err)
	}
	b.press("For all")
	b.press("Overwrite")
	b.sees("the end", func() bool { return !b.w.transferring() })
	for name, want := range map[string]string{"a.txt": "new a", "b.txt": "new b"} {
		if got, err := os.ReadFile(filepath.Join(b.home, name)); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
}

// TestFoldersAreDeletedBesideTheWork has a folder deleted while the pane is used.
func TestFoldersAreDeletedBesideTheWork(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/old/deep/a.txt", "a"), ftptest.File("/old/b.txt", "b"), ftptest.File("/c.txt", "c"),
		ftptest.File("/d.txt", "d"), ftptest.Dir("/docs"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.w.panel.pauseAll(false)
	b.sees("the pause", func() bool { return b.w.panel.snap.paused })
	b.w.remote.Select("old", "c.txt")
	b.w.remote.DeleteSelected()
	b.press("Delete")
	b.sees("the file deleted at once", func() bool { return !srv.Exists("/c.txt") && !b.w.remote.Busy() })
	b.sees("the folder in the queue", func() bool {
		items := b.items()
		return len(items) == 1 && items[0].Kind == queue.Delete && items[0].Remote == "/old" && items[0].State == queue.Queued
	})
	if !srv.Exists("/old/b.txt") {
		t.Fatal("it was deleted by the pane")
	}
	b.press("Go on")
	b.sees("the deletion", func() bool { return !srv.Exists("/old") && !b.w.transferring() })
	b.sees("the folder listed again", func() bool {
		b.w.remote.Select("old")
		return len(b.w.remote.Selection()) == 0
	})
}

func TestFilesDroppedFromTheDesktopAreUploaded(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Dir("/incoming"))
	b := openWindow(t, nil)
	outside := t.TempDir()
	if err := os.MkdirAll(filepath.Join(outside, "album", "2026"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"one.txt": "1", "album/2026/two.txt": "2"} {
		if err := os.WriteFile(filepath.Join(outside, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	uris := []fyne.URI{
		storage.NewFileURI(filepath.Join(outside, "one.txt")), storage.NewFileURI(filepath.Join(outside, "album")),
		storage.NewFileURI(filepath.Join(outside, "gone.txt")),
	}
	b.w.dropped(fyne.NewPos(1000, 400), uris)
	if b.w.adding > 0 || len(b.items()) != 0 {
		t.Error("something was queued without a server")
	}
	b.connect(srv.URL)
	b.isUp()
	b.w.dropped(fyne.NewPos(1000, 400), uris)
	b.sees("the uploads", func() bool { return len(b.jobs()) == 2 && !b.w.transferring() })
	if string(srv.File("/one.txt")) != "1" || string(srv.File("/album/2026/two.txt")) != "2" {
		t.Errorf("arrived: %q", srv.Names("/"))
	}
	b.reads("gone.txt") // what could not be read is said
}

func TestATransferCanBeCancelled(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/big.bin", 1<<30), ftptest.Bandwidth(1<<20))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("big.bin")
	b.w.remote.TransferSelected()
	b.sees("bytes that move", func() bool {
		items := b.items()
		return len(items) == 1 && items[0].State == queue.Running && items[0].Bytes > 0
	})
	b.w.panel.cancelAll()
	b.sees("the end", func() bool { return !b.w.transferring() })
	b.reads("Cancelled")
}

func TestDownloadToAsksForAFolder(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("a.txt")
	b.w.downloadTo(b.w.remote, b.w.remote.Selection())
	b.press("Download here")
	b.sees("the file", func() bool { _, err := os.Stat(filepath.Join(b.home, "a.txt")); return err == nil })
}

// TestTransfersOverTheOnlyConnection has a server that lets in one connection, and
// that one browses.
func TestTransfersOverTheOnlyConnection(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "over the only one"), ftptest.MaxConns(1))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("a.txt")
	b.w.remote.TransferSelected()
	b.sees("the download", func() bool {
		data, err := os.ReadFile(filepath.Join(b.home, "a.txt"))
		return err == nil && string(data) == "over the only one" && !b.w.transferring()
	})
	b.isUp()
}

// TestConsentToAskTheRouter is given in the menu, kept, and taken back.
func TestConsentToAskTheRouter(t *testing.T) {
	b := openWindow(t, nil)
	var opt client.Options
	if b.w.mapping(&opt); opt.Announce != nil || b.w.mapForDiagnosis() != nil {
		t.Fatal("the router may be asked though nobody has allowed it")
	}
	b.w.menus.mapping.Action()
	if b.w.mapping(&opt); opt.Announce == nil || !b.w.menus.mapping.Checked {
		t.Error("the consent is not used")
	}
	b.sees("the settings on disk", func() bool {
		kept, err := (&settingsBook{path: b.w.keptFile("settings.json")}).Read()
		return err == nil && kept.MapPorts
	})
	b.w.menus.mapping.Action()
	opt = client.Options{}
	if b.w.mapping(&opt); opt.Announce != nil {
		t.Error("the consent was not taken back")
	}
}
