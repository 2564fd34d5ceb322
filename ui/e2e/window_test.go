//go:build e2e

package e2e

import (
	"bytes"
	"image/png"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/listing"
)

func random(n int, seed int64) []byte {
	data := make([]byte, n)
	rand.New(rand.NewSource(seed)).Read(data) //nolint:gosec // test data
	return data
}

// login puts a user and a password into a server's URL.
func login(url string) string { return strings.Replace(url, "ftp://", "ftp://joe:s3cret@", 1) }

// dial connects to a server by the engine, past the window.
func dial(t *testing.T, address string, opt client.Options) *client.Session {
	t.Helper()
	u, err := client.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	s, err := client.Dial(t.Context(), u.Addr(), u.Options(opt))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// retrieve reads a file of a server.
func retrieve(t *testing.T, s *client.Session, path string) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.Retrieve(t.Context(), path, &b, client.TransferOptions{}); err != nil {
		t.Fatalf("reading %s back: %v", path, err)
	}
	return b.Bytes()
}

// holds reports whether a file below the home folder has these bytes.
func (a *app) holds(name string, want []byte) bool {
	got, err := os.ReadFile(filepath.Join(a.home, name))
	return err == nil && bytes.Equal(got, want)
}

func TestBrowseAndTransfer(t *testing.T) {
	deep, flat, up := random(700_000, 1), random(1000, 2), random(300_000, 3)
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"),
		ftptest.File("/site/images/deep.bin", string(deep)), ftptest.File("/site/flat.bin", string(flat)), ftptest.File("/other/x.bin", string(flat)))
	a := start(t, map[string][]byte{"upload.bin": up})
	a.connect(login(srv.URL))
	a.sees("plain · passive EPSV")
	a.find("site", 0)

	a.drag("site", 300, 450) // onto the empty part of the local pane
	a.sees("Done, 2 entries")
	if !a.holds("site/images/deep.bin", deep) || !a.holds("site/flat.bin", flat) {
		t.Error("the folder that was dragged has other bytes")
	}
	a.find("site", 1) // the local pane shows it too

	a.click("other") // by key: select it and press Ctrl+Left
	a.keys("ctrl+Left")
	a.until("the second folder", func() bool { return a.holds("other/x.bin", flat) })

	a.click("upload.bin")
	a.keys("ctrl+Right")
	a.until("the upload", func() bool { return bytes.Equal(srv.File("/upload.bin"), up) })
	if got := retrieve(t, dial(t, login(srv.URL), client.Options{}), "/upload.bin"); !bytes.Equal(got, up) {
		t.Errorf("the server gives %d bytes back, want the %d that were uploaded", len(got), len(up))
	}
	a.find("upload.bin", 2) // both panes and the panel
	for _, seen := range a.dump() {
		if strings.Contains(seen.Text, "s3cret") {
			t.Errorf("the password is on the screen: %q", seen.Text)
		}
	}
}

func TestWrongPassword(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "a"))
	a := start(t, nil)
	a.connect(strings.Replace(srv.URL, "ftp://", "ftp://joe:wrong@", 1))
	a.sees("The server did not accept the user name or the password.")
	a.click("Enter the password")
	a.write("s3cret")
	a.keys("Return")
	a.sees("a.txt")
}

func TestThePlugIsPulled(t *testing.T) {
	data := random(6_000_000, 4)
	tree := []ftptest.Option{
		ftptest.User("joe", "s3cret"),
		ftptest.FileAt("/docs/big.bin", string(data), time.Date(2026, 11, 2, 14, 3, 0, 0, time.UTC), 0o644), // the same file again
	}
	srv := ftptest.NewServer(t, append(slices.Clone(tree), ftptest.Bandwidth(2_000_000))...)
	addr := srv.Addr
	a := start(t, nil)
	a.connect(login(srv.URL))
	a.click("docs")
	a.keys("Return")
	a.click("big.bin")
	a.keys("ctrl+Left")
	a.until("bytes that move", func() bool {
		for _, seen := range a.dump() {
			if strings.HasSuffix(seen.Text, " %") && seen.Text != "0 %" {
				return true
			}
		}
		return false
	})
	srv.Close()
	a.sees("The connection to joe@" + addr + " was lost.")
	again := ftptest.NewServer(t, append(slices.Clone(tree), ftptest.Addr(addr))...)
	a.click("Reconnect")
	a.until("the file, resumed", func() bool { return a.holds("big.bin", data) })
	a.sees("plain · passive EPSV")
	a.find("big.bin", 0)
	if !slices.ContainsFunc(again.Commands(), func(line string) bool { return strings.HasPrefix(line, "REST ") && line != "REST 0" }) {
		t.Errorf("the transfer began anew: %q", again.Commands())
	}
}

// demoAddress reads from the window where its demo server is.
func (a *app) demoAddress() string {
	a.t.Helper()
	address := ""
	a.until("the demo server's address", func() bool {
		for _, seen := range a.dump() {
			if strings.HasPrefix(seen.Text, "demo@127.0.0.1:") {
				address = "ftpes://" + strings.Replace(seen.Text, "@", ":demo@", 1)
			}
		}
		return address != ""
	})
	return address
}

func TestDemo(t *testing.T) {
	up := random(200_000, 5)
	a := start(t, map[string][]byte{"upload.bin": up}, "--demo", "--theme", "dark")
	a.sees("TLS 1.3 · passive EPSV")
	server := dial(t, a.demoAddress(), client.Options{Insecure: true}) // the window has pinned the certificate

	a.click("Documents")
	a.keys("ctrl+Left")
	a.sees("Done, ")
	list, err := server.List(t.Context(), "/Documents")
	if err != nil || len(list.Entries) == 0 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, e := range list.Entries {
		if e.Type == listing.File && !a.holds("Documents/"+e.Name, retrieve(t, server, "/Documents/"+e.Name)) {
			t.Errorf("%q has other bytes here than there", e.Name)
		}
	}

	a.click("upload.bin")
	a.keys("ctrl+Right")
	a.find("upload.bin", 2) // both panes and the panel
	a.sees("6 done")        // a folder of four files, and this one: the pane may show it before
	if got := retrieve(t, server, "/upload.bin"); !bytes.Equal(got, up) {
		t.Errorf("the server gives %d bytes back, want the %d that were uploaded", len(got), len(up))
	}

	a.click("Disconnect")
	a.sees("Not connected")
	a.click("Open the demo server")
	a.sees("TLS 1.3 · passive EPSV")
}

func TestScreenshotWithoutADisplay(t *testing.T) {
	need(t, "Xvfb")
	home := newHome(t)
	file := filepath.Join(home, "window.png")
	c := exec.CommandContext(t.Context(), program, "--demo", "--size", "1000x700", "--screenshot", file)
	c.Env = environment(home, "")
	in, err := c.StdinPipe() // the probe quits where its input ends
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Screenshot: "+file) {
		t.Fatalf("%v:\n%s", err, out)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != 1000 || size.Y != 700 {
		t.Errorf("the picture is %v", size)
	}
	colours := map[[4]uint32]bool{}
	for x := 0; x < 1000; x += 3 {
		for y := 0; y < 700; y += 3 {
			r, g, b, alpha := picture.At(x, y).RGBA()
			colours[[4]uint32{r, g, b, alpha}] = true
		}
	}
	if len(colours) < 40 {
		t.Errorf("the picture has %d colours: nothing was drawn", len(colours))
	}
}

func TestNoDisplayIsSaid(t *testing.T) {
	c := exec.CommandContext(t.Context(), program)
	c.Env = environment(newHome(t), "")
	out, err := c.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no display was found") {
		t.Errorf("%v:\n%s", err, out)
	}
}
