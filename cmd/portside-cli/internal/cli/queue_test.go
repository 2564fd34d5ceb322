package cli

import (
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/transfers/queue"
)

func TestParseRate(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "800": 800, "500k": 500_000, "2M": 2_000_000, "1.5m": 1_500_000, "1G": 1_000_000_000,
		"3kB": 3000, "3kb/s": 3000, " 7 ": 7, "10 k": 10_000,
	} {
		if got, err := parseRate(text); err != nil || got != want {
			t.Errorf("parseRate(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "k", "fast", "-1", "NaN", "Inf", "1T", "0.5", "1e30", "1kk"} {
		if got, err := parseRate(text); err == nil {
			t.Errorf("parseRate(%q) = %d", text, got)
		}
	}
}

func TestParseAfter(t *testing.T) {
	got, err := parseAfter("2030-12-24T18:00")
	if err != nil || !got.Equal(time.Date(2030, 12, 24, 18, 0, 0, 0, time.Local)) {
		t.Errorf("a date: %v, %v", got, err)
	}
	got, err = parseAfter("23:59")
	if err != nil || !got.After(time.Now().Add(-time.Minute)) || time.Until(got) > 25*time.Hour || got.Minute() != 59 {
		t.Errorf("a time: %v, %v", got, err)
	}
	if _, err = parseAfter("soon"); err == nil {
		t.Error("soon is a time")
	}
}

func TestParseWords(t *testing.T) {
	for i, word := range priorities {
		p, err := parsePriority(strings.ToUpper(word))
		if err != nil || p != queue.Highest-queue.Priority(i) || priorityWord(p) != word {
			t.Errorf("%s is %d, %v", word, p, err)
		}
	}
	if days, err := parseDays("Sat, mon,sat"); err != nil || len(days) != 2 || days[0] != time.Saturday || days[1] != time.Monday {
		t.Errorf("days = %v, %v", days, err)
	}
	text := endsIn([]string{"txt", ".HTML"})
	for name, want := range map[string]bool{"a.txt": true, "A.TXT": true, "b.html": true, "txt": false, "c.tgz": false, ".txt": true} {
		if text(name) != want {
			t.Errorf("%s is text: %v", name, !want)
		}
	}
	if n, err := parseSegments("auto"); n >= 0 || err != nil {
		t.Errorf("auto segments = %d, %v", n, err)
	}
}

// The words that the queue keeps of an error find their exit code again.
func TestReasonError(t *testing.T) {
	for kind, want := range map[client.Kind]int{
		client.KindNotFound: exitNotFound, client.KindDenied: exitDenied, client.KindLogin: exitLogin, client.KindLocal: exitLocal,
		client.KindSpace: exitSpace, client.KindBusy: exitLost, client.KindOther: exitFailed,
	} {
		pr, code := explain(reasonError(queue.Reason{Kind: kind.String(), Sentence: "Sentence.", Next: "Try an active mode."}))
		if code != want || pr.Message != "Sentence." || pr.Hint != "Try --mode active." {
			t.Errorf("%s: %d %+v", kind, code, pr)
		}
	}
}

// Sources with one target come one after the other.
func TestApart(t *testing.T) {
	list := []*batchSource{{local: "/a"}, {local: "/b"}, {local: "/a"}, {local: "/a"}}
	for _, want := range []int{2, 1, 1} {
		var now []*batchSource
		if now, list = apart(list); len(now) != want {
			t.Fatalf("%d at once, want %d", len(now), want)
		}
	}
	up := []*batchSource{{verb: "put", site: "1", raw: "/a"}, {verb: "put", site: "2", raw: "/a"}, {verb: "put", site: "1", raw: "/a"}}
	if now, later := apart(up); len(now) != 2 || len(later) != 1 {
		t.Errorf("%d now, %d later", len(now), len(later))
	}
}
