package transfers

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestDeleteTree(t *testing.T) {
	f := sampleTree().file("/keep/precious", nil).link("/top/ln", "/keep").link("/top/sub/ln2", "/keep/precious")
	sum, err := DeleteTree(t.Context(), f, "/top", quick(Ask))
	if err != nil {
		t.Fatal(err)
	}
	if f.exists("/top") || !f.exists("/keep/precious") {
		t.Error("want the folder gone and what links lead to still there")
	}
	if sum.Files != 7 || sum.Dirs != 4 {
		t.Errorf("summary = %+v", sum)
	}
	// A link itself, and a file.
	f.link("/ln", "/keep").file("/f", nil)
	for _, p := range []string{"/ln", "/f"} {
		if _, err = DeleteTree(t.Context(), f, p, quick(Ask)); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	if f.exists("/ln") || f.exists("/f") || !f.exists("/keep/precious") {
		t.Error("want the link and the file gone, and nothing else")
	}
	for _, p := range []string{"", "/", ".", "..", "/..", "/a/..", "/.", "//", "a/.."} {
		if _, err = DeleteTree(t.Context(), f, p, quick(Ask)); !errors.Is(err, errProtected) {
			t.Errorf("%q: error = %v, want a refusal", p, err)
		}
	}
	if _, err = DeleteTree(t.Context(), f, "/none", quick(Ask)); !isReply(550)(err) {
		t.Errorf("error = %v", err)
	}
}

func TestDeleteTreeFailures(t *testing.T) {
	f := newFake().file("/top/a", nil).file("/top/sub/b", nil).file("/top/other/c", nil)
	f.on = func(verb, p string) error {
		if verb == "DELE" && p == "/top/sub/b" {
			return refuse(verb, 550, "Permission denied.")
		}
		return nil
	}
	sum, err := DeleteTree(t.Context(), f, "/top", quick(Ask))
	if !isA[*IncompleteError](err) || len(sum.Failed) != 1 || f.exists("/top/a") || f.exists("/top/other") || !f.exists("/top/sub/b") {
		t.Errorf("error = %v, summary = %+v", err, sum)
	}
	if n := len(f.lines("RMD")); n != 1 {
		t.Errorf("%d folders tried, want only the one that is empty", n)
	}
}

// The reply to a deletion got lost: what is gone is gone.
func TestDeleteTreeLostReply(t *testing.T) {
	f := newFake().file("/top/a", nil).file("/top/b", nil)
	lost := false
	f.on = func(verb, p string) error {
		if verb == "DELE" && p == "/top/a" && !lost {
			lost = true
			delete(f.nodes, p)
			return lostConn()
		}
		return nil
	}
	sum, err := DeleteTree(t.Context(), f, "/top", redialing(f, quick(Ask)))
	if err != nil || sum.Files != 2 || f.exists("/top") {
		t.Errorf("error = %v, summary = %+v", err, sum)
	}
}

// A tree with too many levels or entries is not deleted at all.
func TestDeleteTreeLimits(t *testing.T) {
	deep, wide := newFake(), newFake()
	deep.file("/top"+strings.Repeat("/d", 10)+"/x", nil).file("/top/near", nil)
	for i := range 20 {
		wide.file(fmt.Sprintf("/top/%d", i), nil)
	}
	opt := quick(Overwrite)
	opt.MaxDepth, opt.MaxEntries = 5, 10
	for _, f := range []*fake{deep, wide} {
		if _, err := DeleteTree(t.Context(), f, "/top", opt); !isA[*LimitError](err) {
			t.Errorf("error = %v, want a limit", err)
		}
		if n := len(f.lines("DELE")) + len(f.lines("RMD")); n != 0 {
			t.Errorf("%d things deleted before the listing was complete", n)
		}
	}
}
