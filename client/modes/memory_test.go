package modes

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client/internal/dtp"
	"portside/client/keep"
)

func memoryPath(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "portside", "networks.json")
}

func open(t *testing.T, path string) *Memory {
	t.Helper()
	m, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func closeMemory(t *testing.T, m *Memory) {
	t.Helper()
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

func home() Key {
	return Key{Server: "ftp.example.org:21", Network: "192.0.2.0/24 via 192.0.2.1"}
}

func TestMemoryIsKept(t *testing.T) {
	path := memoryPath(t)
	m := open(t, path)
	now := noon()
	m.Failed(home(), dtp.EPSV, "nobody\x1b[31m answers\r\n"+strings.Repeat("ü", 300), now)
	m.Worked(home(), dtp.PASV, now.Add(time.Second))
	m.BoundTLS(home(), tls.VersionTLS12, now.Add(2*time.Second))
	closeMemory(t, m)

	again := open(t, path)
	rec := again.Lookup(Key{Server: "FTP.Example.ORG:21", Network: home().Network})
	if !reflect.DeepEqual(rec, m.Lookup(home())) {
		t.Errorf("kept\n%+v\nof\n%+v", rec, m.Lookup(home()))
	}
	epsv := rec.Of(dtp.EPSV)
	if !epsv.Fails(now.Add(time.Hour)) || epsv.Failures != 1 || strings.ContainsAny(epsv.Reason, "\x1b\r\n") || len([]rune(epsv.Reason)) != maxReason {
		t.Errorf("EPSV = %+v", epsv)
	}
	if pasv := rec.Of(dtp.PASV); !pasv.Works(now.Add(time.Hour)) || pasv.Successes != 1 || !pasv.Worked.Equal(now.Add(time.Second)) {
		t.Errorf("PASV = %+v", pasv)
	}
	if got := rec.TLSBound(now.Add(day)); got != tls.VersionTLS12 {
		t.Errorf("TLSBound = %x", got)
	}
	if got := rec.TLSBound(now.Add(8 * day)); got != 0 {
		t.Errorf("TLSBound after eight days = %x", got)
	}
	for _, k := range []Key{
		{Server: "ftp.example.org:2121", Network: home().Network},
		{Server: home().Server, Network: home().Network, TLS: true},
		{Server: home().Server, Network: "loopback"},
	} {
		if rec := again.Lookup(k); len(rec.Methods) != 0 {
			t.Errorf("%+v knows %+v", k, rec)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if perm := info.Mode().Perm(); perm != 0o600 && os.PathSeparator == '/' {
		t.Errorf("the file has mode %o", perm)
	}
}

func TestNilMemory(t *testing.T) {
	var m *Memory
	m.Worked(home(), dtp.EPSV, noon())
	m.Failed(home(), dtp.EPSV, "", noon())
	m.BoundTLS(home(), tls.VersionTLS12, noon())
	if rec := m.Lookup(home()); len(rec.Methods) != 0 || m.Entries() != nil {
		t.Errorf("knows %+v", rec)
	}
	if err := errors.Join(m.Forget(home()), m.Clear(), m.Problem(), m.Close()); err != nil {
		t.Error(err)
	}
}

func TestMemoryWithoutFile(t *testing.T) {
	m := open(t, "")
	m.Worked(home(), dtp.EPSV, noon())
	if got := m.Lookup(home()).Best(noon()); got != dtp.EPSV {
		t.Errorf("Best = %v", got)
	}
	if err := m.Forget(home()); err != nil {
		t.Error(err)
	}
	if got := m.Entries(); len(got) != 0 {
		t.Errorf("after Forget: %+v", got)
	}
	closeMemory(t, m)
}

func TestWhatIsNoChange(t *testing.T) {
	m := open(t, "")
	m.Worked(Key{}, dtp.EPSV, noon())
	m.Worked(home(), dtp.None, noon())
	m.Worked(home(), dtp.EPSV, time.Time{})
	m.Failed(home(), dtp.PORT+1, "", noon())
	m.Worked(Key{Server: strings.Repeat("x", maxName+1)}, dtp.EPSV, noon())
	if got := m.Entries(); len(got) != 0 {
		t.Errorf("learned %+v", got)
	}
}

// unwritten opens a memory that writes nothing of its own accord before Close.
func unwritten(t *testing.T, path string) *Memory {
	t.Helper()
	m, err := openAfter(path, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func TestRepeatsCountOnceAMinute(t *testing.T) {
	now := noon()
	type event struct {
		after  time.Duration
		method Method
		fail   string // the reason; "" for a success
	}
	for _, tt := range []struct {
		name   string
		events []event
		want   [3]int // pending changes, successes and failures of EPSV
	}{
		{"a batch", []event{{0, dtp.EPSV, ""}, {1, dtp.EPSV, ""}, {59, dtp.EPSV, ""}}, [3]int{1, 1, 0}},
		{"minutes", []event{{0, dtp.EPSV, ""}, {61, dtp.EPSV, ""}, {122, dtp.EPSV, ""}}, [3]int{3, 3, 0}},
		{"failures", []event{{0, dtp.EPSV, "silent"}, {30, dtp.EPSV, "silent"}, {90, dtp.EPSV, "silent"}}, [3]int{2, 0, 2}},
		{"another reason", []event{{0, dtp.EPSV, "silent"}, {1, dtp.EPSV, "refused"}}, [3]int{2, 0, 2}},
		{"back and forth", []event{{0, dtp.EPSV, ""}, {1, dtp.EPSV, "silent"}, {2, dtp.EPSV, ""}}, [3]int{3, 2, 1}},
		{"the other way between", []event{{0, dtp.EPSV, ""}, {1, dtp.PASV, ""}, {2, dtp.EPSV, ""}}, [3]int{3, 2, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := unwritten(t, memoryPath(t))
			for _, e := range tt.events {
				at := now.Add(e.after * time.Second)
				if e.fail != "" {
					m.Failed(home(), e.method, e.fail, at)
				} else {
					m.Worked(home(), e.method, at)
				}
			}
			o := m.Lookup(home()).Of(dtp.EPSV)
			if got := [3]int{m.journal.Waiting(), o.Successes, o.Failures}; got != tt.want {
				t.Errorf("pending, successes, failures = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestClockSetBack(t *testing.T) {
	m := open(t, "")
	wrong, right := noon().Add(40*day), noon()
	m.Worked(home(), dtp.EPSV, wrong)
	m.Failed(home(), dtp.PASV, "silent", wrong)
	rec := m.Lookup(home())
	if rec.Of(dtp.EPSV).Works(right) || rec.Of(dtp.PASV).Fails(right) {
		t.Errorf("believes the future: %+v", rec)
	}
	m.Failed(home(), dtp.EPSV, "silent", right)
	m.Worked(home(), dtp.PASV, right)
	rec = m.Lookup(home())
	if !rec.Of(dtp.EPSV).Fails(right) || !rec.Of(dtp.PASV).Works(right) {
		t.Errorf("does not believe the present: %+v", rec)
	}
	if used := rec.Used(); !used.Equal(right) {
		t.Errorf("last used %v, want %v", used, right)
	}
}

func TestSuccessAndFailureAtOneTime(t *testing.T) {
	m := open(t, "")
	m.Worked(home(), dtp.EPSV, noon())
	m.Failed(home(), dtp.EPSV, "silent", noon())
	if o := m.Lookup(home()).Of(dtp.EPSV); !o.Fails(noon()) || o.Works(noon()) {
		t.Errorf("after the failure: %+v", o)
	}
	m.Worked(home(), dtp.EPSV, noon())
	if o := m.Lookup(home()).Of(dtp.EPSV); o.Fails(noon()) || !o.Works(noon()) {
		t.Errorf("after the success: %+v", o)
	}
}

func TestEntriesAreBounded(t *testing.T) {
	path := memoryPath(t)
	m := open(t, path)
	const extra = 20
	m.Worked(Key{Server: "future:21"}, dtp.EPSV, noon().Add(30*day))
	for i := range maxEntries + extra {
		m.Worked(Key{Server: fmt.Sprintf("host%d:21", i)}, dtp.EPSV, noon().Add(time.Duration(i)*time.Second))
	}
	closeMemory(t, m)
	for name, m := range map[string]*Memory{"in memory": m, "in the file": open(t, path)} {
		list := m.Entries()
		if len(list) != maxEntries {
			t.Fatalf("%s: %d entries, want %d", name, len(list), maxEntries)
		}
		if newest, oldest := list[0].Server, list[len(list)-1].Server; newest != fmt.Sprintf("host%d:21", maxEntries+extra-1) || oldest != fmt.Sprintf("host%d:21", extra) {
			t.Errorf("%s: from %s to %s", name, newest, oldest)
		}
	}
}

func TestOldEntriesAreDropped(t *testing.T) {
	m := open(t, "")
	m.Worked(Key{Server: "old:21"}, dtp.EPSV, noon())
	m.Worked(Key{Server: "new:21"}, dtp.EPSV, noon().Add(91*day))
	if list := m.Entries(); len(list) != 1 || list[0].Server != "new:21" {
		t.Errorf("entries %+v", list)
	}
}

func TestForgetAndClear(t *testing.T) {
	path := memoryPath(t)
	m := open(t, path)
	a, b, c := Key{Server: "a:21"}, Key{Server: "b:21"}, Key{Server: "c:21"}
	for _, k := range []Key{a, b, c} {
		m.Worked(k, dtp.EPSV, noon())
	}
	if err := m.Forget(Key{Server: "A:21"}, b); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Memory{"in memory": m, "in the file": open(t, path)} {
		if list := m.Entries(); len(list) != 1 || list[0].Key != c {
			t.Errorf("%s after Forget: %+v", name, list)
		}
	}
	if err := m.Clear(); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Memory{"in memory": m, "in the file": open(t, path)} {
		if list := m.Entries(); len(list) != 0 {
			t.Errorf("%s after Clear: %+v", name, list)
		}
	}
}

func TestTwoProgramsLoseNothing(t *testing.T) {
	path := memoryPath(t)
	first, second := open(t, path), open(t, path)
	const each = 40
	var wg sync.WaitGroup
	for name, m := range map[string]*Memory{"first": first, "second": second} {
		wg.Go(func() {
			for i := range each {
				m.Worked(Key{Server: fmt.Sprintf("%s%d:21", name, i)}, dtp.EPSV, noon())
				m.Worked(Key{Server: "both:21"}, dtp.EPSV, noon().Add(time.Duration(i)*2*time.Minute))
			}
		})
	}
	wg.Wait()
	closeMemory(t, first)
	closeMemory(t, second)
	m := open(t, path)
	if got := len(m.Entries()); got != 2*each+1 {
		t.Errorf("%d entries, want %d", got, 2*each+1)
	}
	if got := m.Lookup(Key{Server: "both:21"}).Of(dtp.EPSV).Successes; got != 2*each {
		t.Errorf("%d successes, want %d", got, 2*each)
	}
}

func TestConcurrentUse(t *testing.T) {
	m := open(t, memoryPath(t))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 30 {
				k := Key{Server: fmt.Sprintf("host%d:21", i%5)}
				m.Worked(k, dtp.EPSV, noon().Add(time.Duration(g*100+i)*time.Hour))
				m.Failed(k, dtp.PASV, "silent", noon())
				_ = Order(Choice{}, m.Lookup(k), noon())
				_ = m.Entries()
				if i%10 == 9 {
					if err := m.Forget(k); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	closeMemory(t, m)
}

func TestLearningDoesNotWaitForTheFile(t *testing.T) {
	path := memoryPath(t)
	m := open(t, path)
	err := keep.Update(keep.File{Path: path, Version: fileVersion}, func(*content) error {
		start := time.Now() // the file is locked now
		for i := range 100 {
			m.Worked(home(), dtp.EPSV, noon().Add(time.Duration(i)*time.Hour))
		}
		if m.Lookup(home()).Of(dtp.EPSV).Successes != 100 {
			t.Error("what was learned is not known")
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("learning took %v while another program had the file", took)
		}
		return keep.ErrUnchanged
	})
	if err != nil {
		t.Fatal(err)
	}
	closeMemory(t, m)
	if got := open(t, path).Lookup(home()).Of(dtp.EPSV).Successes; got != 100 {
		t.Errorf("%d successes in the file", got)
	}
}

// What is learned while the file is being written stays known.
func TestLearningWhileWriting(t *testing.T) {
	path := memoryPath(t)
	m := unwritten(t, path)
	m.Worked(home(), dtp.EPSV, noon())
	other := Key{Server: "other:21"}
	var wg sync.WaitGroup
	err := keep.Update(keep.File{Path: path, Version: fileVersion}, func(*content) error {
		wg.Go(func() { // waits for the file, which is locked now
			if err := m.journal.Flush(); err != nil {
				t.Error(err)
			}
		})
		for m.journal.Waiting() > 0 {
			runtime.Gosched()
		}
		m.Worked(other, dtp.PASV, noon())
		return keep.ErrUnchanged
	})
	if err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	for k, want := range map[Key]Method{home(): dtp.EPSV, other: dtp.PASV} {
		if got := m.Lookup(k).Best(noon()); got != want {
			t.Errorf("%s: %v works, want %v", k.Server, got, want)
		}
	}
	if err = m.journal.Flush(); err != nil {
		t.Error(err)
	}
	if got := len(open(t, path).Entries()); got != 2 {
		t.Errorf("%d entries in the file", got)
	}
}

func TestDamagedFile(t *testing.T) {
	path := memoryPath(t)
	writeFile(t, path, `{"version":1,"entries":[{"server":`)
	m, err := Open(path)
	var damaged *keep.DamagedError
	if !errors.As(err, &damaged) || damaged.Aside != path+".damaged" {
		t.Fatalf("Open: %v", err)
	}
	m.Worked(home(), dtp.EPSV, noon())
	closeMemory(t, m)
	if got := open(t, path).Lookup(home()).Best(noon()); got != dtp.EPSV {
		t.Errorf("Best = %v", got)
	}
}

func TestFileDamagedMeanwhile(t *testing.T) {
	path := memoryPath(t)
	m := open(t, path)
	writeFile(t, path, "[]")
	m.Worked(home(), dtp.EPSV, noon())
	err := m.Close()
	var damaged *keep.DamagedError
	if !errors.As(err, &damaged) {
		t.Errorf("Close: %v, want a damaged file", err)
	}
	if got := open(t, path).Lookup(home()).Best(noon()); got != dtp.EPSV {
		t.Errorf("Best = %v", got)
	}
}

func TestNewerFileIsLeftAlone(t *testing.T) {
	path := memoryPath(t)
	const text = `{"version":2,"entries":{"somehow":"else"}}`
	writeFile(t, path, text)
	m, err := Open(path)
	var newer *keep.NewerError
	if !errors.As(err, &newer) || newer.Version != 2 {
		t.Fatalf("Open: %v", err)
	}
	m.Worked(home(), dtp.EPSV, noon())
	if got := m.Lookup(home()).Best(noon()); got != dtp.EPSV {
		t.Errorf("Best = %v", got)
	}
	if err = m.Clear(); !errors.As(err, &newer) {
		t.Errorf("Clear: %v", err)
	}
	m.Worked(home(), dtp.PASV, noon())
	if err = m.Close(); err != nil {
		t.Errorf("told again: %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil || string(data) != text {
		t.Errorf("the file is now %q, %v", data, err)
	}
}

func TestFileThatCannotBeWritten(t *testing.T) {
	path := memoryPath(t)
	m := open(t, path)
	writeFile(t, filepath.Dir(path), "a file in place of the folder")
	m.Worked(home(), dtp.EPSV, noon())
	if err := m.Close(); err == nil {
		t.Error("Close reports nothing")
	}
	if err := m.Problem(); err != nil {
		t.Errorf("reported twice: %v", err)
	}
	if got := m.Lookup(home()).Best(noon()); got != dtp.EPSV {
		t.Errorf("Best = %v", got)
	}
}

func TestUnwrittenChangesAreBoundedAndWrittenLater(t *testing.T) {
	path := memoryPath(t)
	m := open(t, path)
	dir := filepath.Dir(path)
	writeFile(t, dir, "in the way")
	for i := range maxPending + 100 {
		m.Worked(home(), dtp.EPSV, noon().Add(time.Duration(i)*time.Hour/100))
	}
	_ = m.journal.Flush() // something is in the way
	if waiting := m.journal.Waiting(); waiting == 0 || waiting > maxPending {
		t.Errorf("%d changes wait", waiting)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	m.Worked(home(), dtp.PASV, noon())
	_ = m.Close() // the problem from before
	if got := open(t, path).Lookup(home()).Of(dtp.EPSV).Successes; got < maxPending/2 {
		t.Errorf("%d successes in the file", got)
	}
}

func TestContentOfOtherHands(t *testing.T) {
	path := memoryPath(t)
	writeFile(t, path, `{"version":1,"entries":[
		{"server":"A:21","network":"n","max_tls":"TLS 9","methods":[
			{"method":"WARP","worked":"2026-11-20T11:00:00Z","successes":3},
			{"method":"PASV","worked":"2026-11-20T11:00:00Z","successes":-3},
			{"method":"EPSV","worked":"2026-11-20T11:00:00Z","successes":3,"reason":"\u001b[2J"}]},
		{"server":""}, {"server":"`+strings.Repeat("x", maxName+1)+`"}]}`)
	list := open(t, path).Entries()
	if len(list) != 1 || list[0].Server != "a:21" || len(list[0].Methods) != 2 || list[0].MaxTLS != 0 {
		t.Fatalf("entries %+v", list)
	}
	if o := list[0].Of(dtp.EPSV); o.Reason != " [2J" || !o.Works(noon()) {
		t.Errorf("EPSV = %+v", o)
	}
	if o := list[0].Of(dtp.PASV); o.Successes != 0 || o.Works(noon()) {
		t.Errorf("PASV = %+v", o)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
