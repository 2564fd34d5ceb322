package sites

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"portside/client/keep"
)

// The test binary runs itself as another Portside: childVar says what it does there.
const (
	childVar = "PORTSIDE_SITES_CHILD" // "add NAME" or "save"
	pathVar  = "PORTSIDE_SITES_FILE"
)

func TestMain(m *testing.M) {
	if job := os.Getenv(childVar); job != "" {
		if err := child(job, os.Getenv(pathVar)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is what another process does.
func child(job, path string) error {
	b, err := Open(path)
	if err != nil {
		return err
	}
	if name, ok := strings.CutPrefix(job, "add "); ok {
		for i := range 100 {
			err = patiently(func() error {
				_, addErr := b.Add(Site{Name: fmt.Sprint(name, i), Host: "h", Folder: []string{name}})
				return addErr
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Println("ready")
	for {
		if err = b.change(nextGeneration); err != nil {
			return err
		}
	}
}

// patiently calls do again while the file is in use, which a slow machine may bring.
func patiently(do func() error) error {
	for {
		err := do()
		if _, busy := errors.AsType[*keep.BusyError](err); !busy {
			return err
		}
	}
}

// generations is how many sites are saved at once by the program that is killed.
const generations = 40

// nextGeneration changes every site in the same way.
func nextGeneration(d *document) error {
	n, err := strconv.Atoi(strings.TrimLeft(d.entries[0].Notes, "."))
	if err != nil {
		return err
	}
	for i := range d.entries {
		d.entries[i].Notes = strings.Repeat(".", 50*(n%100)) + strconv.Itoa(n+1) // of various lengths
	}
	return nil
}

// generation returns the generation that all sites are of.
func generation(path string) (int, error) {
	b, err := Open(path)
	if err != nil {
		return 0, err
	}
	c := b.Content()
	if len(c.Sites) != generations {
		return 0, fmt.Errorf("the file holds %d sites", len(c.Sites))
	}
	for _, s := range c.Sites {
		if s.Notes != c.Sites[0].Notes {
			return 0, fmt.Errorf("%q and %q are of different saves", c.Sites[0].Notes, s.Notes)
		}
	}
	return strconv.Atoi(strings.TrimLeft(c.Sites[0].Notes, "."))
}

func command(t *testing.T, job, path string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childVar+"="+job, pathVar+"="+path)
	return cmd
}

// Two programs that add sites at once lose none.
func TestTwoProcessesAdd(t *testing.T) {
	t.Parallel()
	path := bookPath(t)
	var running []*exec.Cmd
	for _, name := range []string{"a", "b"} {
		cmd := command(t, "add "+name, path)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	c := openBook(t, path).Content()
	names := map[string]bool{}
	for _, s := range c.Sites {
		names[s.Path()] = true
	}
	if len(c.Sites) != 200 || len(names) != 200 || len(c.Folders) != 2 {
		t.Errorf("%d sites of %d names in %v", len(c.Sites), len(names), c.Folders)
	}
}

// However a program ends, the file is the old one or the new one.
func TestKilledWhileSaving(t *testing.T) {
	t.Parallel()
	kills := 200
	if testing.Short() {
		kills = 20
	}
	path := bookPath(t)
	list := make([]Site, generations)
	for i := range list {
		list[i] = Site{Name: fmt.Sprint("site ", i), Host: "h", Notes: "0"}
	}
	if _, err := openBook(t, path).Add(list...); err != nil {
		t.Fatal(err)
	}
	last, inSave, saved := 0, 0, 0
	span := 30 * time.Millisecond // within which a program is killed
	enough := func() bool { return inSave >= kills/20 && saved >= kills/10 }
	for n := 0; n < kills || !enough() && n < 3*kills; n++ {
		if saved < n/10 && span < time.Second {
			span *= 2 // this computer needs longer for a save
		}
		killChild(t, path, span)
		if _, err := os.Lstat(path + ".new"); err == nil {
			inSave++ // the new file was being written
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		now, err := generation(path)
		if err != nil {
			t.Fatalf("after kill %d: %v", n+1, err)
		}
		if now < last {
			t.Fatalf("after kill %d the file is of save %d, and was of %d before", n+1, now, last)
		}
		saved += now - last
		last = now
	}
	t.Logf("%d kills or more, %d of them while the new file was written; %d saves in between", kills, inSave, saved)
	if !enough() {
		t.Errorf("of %d kills or more %d hit a save, and %d saves were made: nothing was tried", kills, inSave, saved)
	}
	if err := openBook(t, path).change(nextGeneration); err != nil {
		t.Errorf("saving afterwards: %v", err)
	}
}

// killChild starts a program that saves all the time, and kills it at some moment within
// span.
func killChild(t *testing.T, path string, span time.Duration) {
	t.Helper()
	cmd := command(t, "save", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, readErr := bufio.NewReader(out).ReadString('\n'); readErr != nil || line != "ready\n" {
		t.Errorf("the program said %q, %v", line, readErr)
	}
	moment := time.NewTimer(time.Duration(rand.Int64N(int64(span)))) //nolint:gosec // any moment will do
	<-moment.C
	if err = cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err = cmd.Wait(); err == nil || cmd.ProcessState.Exited() && os.PathSeparator == '/' {
		t.Errorf("the program ended by itself: %v", cmd.ProcessState)
	}
}
