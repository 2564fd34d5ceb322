package transfers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"portside/client"
)

// A session is told that another file follows only where one is left for it when
// all that are at work have taken theirs.
func TestMirrorKnowsWhatFollows(t *testing.T) {
	for sessions, want := range map[int][]bool{1: {true, true, false}, 2: {true, false, false}, 9: {false, false, false}} {
		m := &mirrorRun{work: make([]*MirrorEntry, 3)}
		for i := range m.work {
			m.work[i] = &MirrorEntry{}
		}
		m.atWork(sessions)
		for i := range want {
			if e, more := m.next(); e == nil || more != want[i] {
				t.Errorf("%d sessions, file %d: more = %v", sessions, i, more)
			}
		}
		if e, more := m.next(); e != nil || more {
			t.Errorf("%d sessions: a fourth file", sessions)
		}
	}
}

// Several sessions, of which the server refuses some, and one that is lost.
func TestMirrorJobs(t *testing.T) {
	f := newFake()
	for i := range 60 {
		f.file(fmt.Sprintf("/top/%d/%d", i%5, i), bytesOf(3000+i, byte(i)))
	}
	for _, refuseAll := range []bool{false, true} {
		dir := t.TempDir()
		var told, sessions int
		var last Progress
		opt := MirrorOptions{Options: quick(Overwrite), Jobs: 4}
		opt.Progress = func(p Progress) { last = p }
		opt.Dial = func(ctx context.Context) (RemoteCloser, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			f.mu.Lock()
			sessions++
			n := sessions
			f.mu.Unlock()
			if refuseAll || n > 2 {
				return nil, refuse("(greeting)", 421, "Too many connections.")
			}
			s := f.again()
			if n == 2 {
				return &shortLived{fake: s, left: 3}, nil
			}
			return s, nil
		}
		plan, err := PlanMirror(t.Context(), f, dir, "/top", opt)
		must(t, err)
		sum, err := plan.Apply(t.Context(), f, func(MirrorEntry, error) { told++ })
		if err != nil || sum.Files != 60 || told != 65 {
			t.Errorf("%+v, %v, told of %d", sum, err, told)
		}
		if last.Files != 60 || last.Bytes != last.Total || last.Total != 60*3000+60*59/2 {
			t.Errorf("progress = %+v", last)
		}
		wantNothingToDo(t, f, dir, "/top", MirrorOptions{})
		if f.isClosed() {
			t.Error("the caller's session is closed")
		}
	}
}

// shortLived is a session that ends after some files.
type shortLived struct {
	*fake
	left int
}

func (s *shortLived) Retrieve(ctx context.Context, p string, dst io.Writer, opt client.TransferOptions) (int64, error) {
	if s.left--; s.left < 0 {
		_ = s.Close()
		return 0, lostConn()
	}
	return s.fake.Retrieve(ctx, p, dst, opt)
}

// What an interrupted run has left is gone on from.
func TestMirrorContinues(t *testing.T) {
	data := bytesOf(1_000_000, 1)
	f := newFake().file("/top/big", data)
	f.cut = func(string, string) (int64, error) { return 600_000, brokenData() }
	dir := t.TempDir()
	opt := MirrorOptions{}
	opt.Retries = -1
	if _, _, err := mirrored(t, f, dir, "/top", opt); err == nil {
		t.Fatal("no error")
	}
	wantTree(t, dir, ".big.portside-part")
	f.cut = nil
	_, sum, err := mirrored(t, f, dir, "/top", opt)
	if err != nil || sum.Bytes > 500_000 {
		t.Errorf("%+v, %v", sum, err)
	}
	wantFile(t, filepath.Join(dir, "big"), data)
	wantNothingToDo(t, f, dir, "/top", opt)

	// And up.
	g := newFake().dir("/top")
	g.cut = func(string, string) (int64, error) { return 600_000, brokenData() }
	opt.Upload = true
	if _, _, err = mirrored(t, g, dir, "/top", opt); err == nil {
		t.Fatal("no error")
	}
	g.cut = nil
	g.nodes["/top/big"].mtime = epoch().Add(time.Hour)
	_, sum, err = mirrored(t, g, dir, "/top", opt)
	if err != nil || sum.Bytes > 500_000 {
		t.Errorf("%+v, %v", sum, err)
	}
	if got := g.content("/top/big"); string(got) != string(data) {
		t.Errorf("%d bytes, or they differ", len(got))
	}
	wantNothingToDo(t, g, dir, "/top", opt)
}

func TestMirrorFolderThatCannotBeMade(t *testing.T) {
	dir := localTree(t, map[string]string{"a": "", "sub/deep/b": ""})
	f := newFake().dir("/top")
	f.on = func(verb, p string) error {
		if verb == "MKD" && p == "/top/sub" {
			return refuse("MKD", 550, "no")
		}
		return nil
	}
	_, sum, err := mirrored(t, f, dir, "/top", MirrorOptions{Upload: true})
	if !isA[*IncompleteError](err) || len(sum.Failed) != 3 || sum.Files != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
	wantRemote(t, f, "/top", "a")
}

func TestMirrorCancelled(t *testing.T) {
	f := newFake().file("/top/a", []byte("a")).file("/top/b", []byte("b"))
	dir := localTree(t, map[string]string{"extra": ""})
	plan, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{Delete: true})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = plan.Apply(ctx, f, func(MirrorEntry, error) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
	wantTree(t, dir, "a", "extra")
}
