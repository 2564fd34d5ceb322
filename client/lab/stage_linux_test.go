package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"portside/client/diagnose"
	"portside/client/ftptest"
)

// warmRuns is how many listings are taken from memory.
const warmRuns = 5

// A result is what happened in a scene. The first process of the scene prints
// it as JSON.
type result struct {
	Cannot string            `json:",omitempty"` // why it was not played
	Found  map[string]string // method to what plain sockets found
	Cold   call              // the first listing
	Get    call
	Put    call
	Warm   []call // listings from memory
	Later  *call  `json:",omitempty"` // a listing from memory once the network has changed
	Active *call  `json:",omitempty"` // the first listing with --mode active
	Judged call   // diagnose
	Report *diagnose.Report
	Said   string // what the server heard and said
}

// A call is one run of portside-cli.
type call struct {
	Args       []string
	Exit       int
	Seconds    float64
	Method     string // as --json has it
	Wrong      string // what is wrong with the files
	Err        string // stderr
	Transcript string
}

// ok reports whether it did what it had to do.
func (c call) ok() bool { return c.Exit == 0 && c.Wrong == "" && len(c.Args) > 0 }

// runScene is the role of the first process of a scene: it sets the stage,
// lets everybody play, and prints what happened.
func runScene(ctx context.Context, sc *scene) error {
	w, err := newWorld(sc)
	if err != nil {
		return err
	}
	if err = w.build(ctx); err != nil {
		return err
	}
	err = w.cast(ctx)
	var without *cannot
	if errors.As(err, &without) {
		return json.NewEncoder(os.Stdout).Encode(result{Cannot: without.reason})
	}
	if err != nil {
		return err
	}
	if os.Getenv(cliVar) == "" {
		ready()
		<-ctx.Done()
		return nil
	}
	r, err := w.play(ctx)
	if err != nil {
		return err
	}
	said, err := os.ReadFile(w.path("said.log"))
	if err == nil {
		r.Said = string(said)
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// cast starts everybody but the client.
func (w *world) cast(ctx context.Context) error {
	if w.scene.stranger {
		if err := w.start(ctx, atStranger, "stranger"); err != nil {
			return err
		}
	}
	if w.scene.down {
		return nil
	}
	if err := w.start(ctx, atServer, "server"); err != nil {
		return err
	}
	if w.scene.inspect != "" {
		if err := w.start(ctx, atNear, "inspect"); err != nil {
			return err
		}
	}
	if w.scene.ghost {
		return w.start(ctx, atClient, "ghost")
	}
	return nil
}

// play runs the client's part.
func (w *world) play(ctx context.Context) (*result, error) {
	r := &result{}
	var err error
	if os.Getenv(onlyVar) == onlyWarm {
		r.Cold = w.list(ctx, "one")
		w.warm(ctx, "one", r)
		return r, nil
	}
	if !w.scene.down {
		if r.Found, err = w.check(ctx); err != nil {
			return nil, err
		}
	}
	home := "one"
	r.Cold = w.list(ctx, home)
	if len(w.scene.truth.finds) > 0 && r.Cold.ok() {
		r.Get = w.get(ctx, home)
		r.Put = w.put(ctx, home)
		w.warm(ctx, home, r)
	}
	if w.scene.truth.byChoice || w.scene.stranger {
		c := w.list(ctx, "two", "--mode", "active")
		r.Active = &c
	}
	if w.scene.laterRules != "" {
		if err = w.in(ctx, atFar, w.scene.laterRules, "nft", "-f", "-"); err != nil {
			return nil, err
		}
		c := w.list(ctx, home)
		r.Later = &c
	}
	r.Report, r.Judged = w.diagnose(ctx)
	return r, nil
}

// warm takes listings from memory.
func (w *world) warm(ctx context.Context, home string, r *result) {
	for range warmRuns {
		r.Warm = append(r.Warm, w.list(ctx, home))
	}
}

// check runs the plain sockets.
func (w *world) check(ctx context.Context) (map[string]string, error) {
	cmd, err := w.helper(ctx, atClient, "check")
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("plain sockets: %w: %s", err, stderr.String())
	}
	var found map[string]string
	return found, json.Unmarshal(out, &found)
}

// url is an address on the server.
func url(path string) string { return "ftp://" + user + ":" + password + "@" + serverName + "/" + path }

func (w *world) list(ctx context.Context, home string, option ...string) call {
	c, out := w.cli(ctx, home, w.bounded(append([]string{"ls", "--json", url("")}, option...)...)...)
	var said struct {
		Entries    []struct{ Name string }
		Connection struct{ Method string }
	}
	if c.Exit != 0 {
		return c
	}
	if err := json.Unmarshal(out, &said); err != nil {
		c.Wrong = err.Error()
	} else if len(said.Entries) != 3 {
		c.Wrong = fmt.Sprintf("%d entries, want 3", len(said.Entries))
	}
	c.Method = said.Connection.Method
	return c
}

func (w *world) get(ctx context.Context, home string) call {
	c, _ := w.cli(ctx, home, w.bounded("get", "--quiet", url("data.bin"), w.path("down.bin"))...)
	if c.Exit == 0 {
		c.Wrong = w.differs("down.bin")
	}
	return c
}

// put sends a file and fetches it again.
func (w *world) put(ctx context.Context, home string) call {
	if err := os.WriteFile(w.path("up.bin"), dataBytes(), 0o600); err != nil {
		return call{Exit: -1, Err: err.Error()}
	}
	c, _ := w.cli(ctx, home, w.bounded("put", "--quiet", w.path("up.bin"), url("up/"))...)
	if c.Exit != 0 {
		return c
	}
	back, _ := w.cli(ctx, home, "get", "--quiet", url("up/up.bin"), w.path("back.bin"))
	if back.Exit != 0 {
		c.Wrong = "cannot be fetched again: " + back.Err
		return c
	}
	c.Wrong = w.differs("back.bin")
	return c
}

// bounded adds a bound where the truth is that nothing comes: half a minute of
// it proves no more.
func (w *world) bounded(arg ...string) []string {
	if w.scene.stall {
		return append(arg, "--timeout", "3s")
	}
	return arg
}

// differs says how a file differs from /data.bin; "" if it does not.
func (w *world) differs(name string) string {
	got, err := os.ReadFile(w.path(name))
	switch {
	case err != nil:
		return err.Error()
	case !bytes.Equal(got, dataBytes()):
		return fmt.Sprintf("%s: %d bytes that are not those of the server's file of %d", name, len(got), dataSize)
	}
	return ""
}

// dataBytes is the content of /data.bin.
func dataBytes() []byte {
	b, err := io.ReadAll(ftptest.BigContent(dataSize))
	if err != nil {
		panic(err) // it reads from nowhere
	}
	return b
}

// diagnose runs the diagnosis, as somebody who was never here.
func (w *world) diagnose(ctx context.Context) (*diagnose.Report, call) {
	c, out := w.cli(ctx, "three", "diagnose", "--json", url(""))
	report := &diagnose.Report{}
	if err := json.Unmarshal(out, report); err != nil {
		c.Wrong = fmt.Sprintf("diagnose --json: %v", err)
		return nil, c
	}
	return report, c
}

// cli runs portside-cli on the client, with a home folder of that name, which
// is empty at first.
func (w *world) cli(ctx context.Context, home string, arg ...string) (call, []byte) {
	c := call{Args: arg}
	place := w.path(home)
	transcript := w.path("transcript")
	if err := os.MkdirAll(place, 0o700); err != nil {
		return call{Exit: -1, Err: err.Error()}, nil
	}
	_ = os.Remove(transcript)
	arg = append(arg, "--transcript="+transcript)
	cmd := exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", atClient, os.Getenv(cliVar)}, arg...)...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + place, "LC_ALL=C.UTF-8", "TZ=UTC",
		"XDG_CONFIG_HOME=" + filepath.Join(place, "config"), "XDG_CACHE_HOME=" + filepath.Join(place, "cache"),
		"XDG_DATA_HOME=" + filepath.Join(place, "data"), "XDG_STATE_HOME=" + filepath.Join(place, "state"),
	}
	if w.scene.tls {
		cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+caFile)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	c.Seconds = time.Since(began).Seconds()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		c.Exit = exit.ExitCode()
	case err != nil:
		c.Exit = -1
		stderr.WriteString(err.Error())
	}
	c.Err = strings.TrimSpace(stderr.String())
	if said, err := os.ReadFile(transcript); err == nil {
		c.Transcript = string(said)
	}
	return c, stdout.Bytes()
}
