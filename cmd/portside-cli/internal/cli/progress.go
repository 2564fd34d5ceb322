package cli

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
	"golang.org/x/text/width"

	"portside/client"
	"portside/transfers"
)

// A progressBar is one line on the terminal: what moves, how much of it, how
// fast, and how long it will take. The nil bar shows nothing.
type progressBar struct {
	out  *lockedWriter
	term *os.File

	mu    sync.Mutex // guards what follows
	rate  rateMeter
	shown time.Time
	total int64 // of count
}

// newBar returns a bar where stderr is a terminal and wants one, else nil.
func (p *program) newBar() *progressBar {
	f, ok := p.app.Stderr.(*os.File)
	if p.opt.quiet || p.opt.json || !ok || !isTerminal(f) {
		return nil
	}
	return &progressBar{out: p.errOut, term: f}
}

// show is the Progress function of a transfer.
func (b *progressBar) show(s transfers.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.rate.add(now, s.Moved)
	if now.Sub(b.shown) < 90*time.Millisecond && (s.Total < 0 || s.Bytes < s.Total) {
		return
	}
	b.shown = now
	label := s.Remote
	if s.Direction == transfers.Uploading {
		label = s.Local
	}
	label = client.Printable(strings.ToValidUTF8(label, "\ufffd"))
	if s.FilesTotal > 1 {
		label = fmt.Sprintf("%d/%d %s", min(s.Files+1, s.FilesTotal), s.FilesTotal, label)
	}
	b.out.setBar(barLine(label, s.Bytes, s.Total, b.rate.perSecond(), b.columns()))
}

// showQueue shows how far several transfers are. before is a count that stays
// whole, label what of the rest is cut where there is no room.
func (b *progressBar) showQueue(before, label string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rate.add(time.Now(), done)
	label = before + client.Printable(strings.ToValidUTF8(label, "\ufffd"))
	b.out.setBar(barLine(label, done, total, b.rate.perSecond(), b.columns()))
}

// count returns the Progress function of a transfer to stdout or from stdin;
// nil for the nil bar.
func (b *progressBar) count(label string) func(int64) {
	if b == nil {
		return nil
	}
	label = client.Printable(label)
	return func(n int64) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.total += n
		now := time.Now()
		b.rate.add(now, b.total)
		if now.Sub(b.shown) >= 90*time.Millisecond {
			b.shown = now
			b.out.setBar(barLine(label, b.total, -1, b.rate.perSecond(), b.columns()))
		}
	}
}

// clear takes the line away and starts the measurement anew.
func (b *progressBar) clear() {
	if b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.out.setBar(nil)
		b.rate, b.shown = rateMeter{}, time.Time{}
	}
}

// close takes the line away.
func (b *progressBar) close() { b.clear() }

func (b *progressBar) columns() int {
	w, _, err := term.GetSize(int(b.term.Fd()))
	if err != nil || w < 20 {
		return 80
	}
	return w
}

// barLine lays out the line: label, bar and per cent where the total is known,
// bytes, rate, time left; at most columns-1 wide, so that the terminal never wraps it.
func barLine(label string, done, total int64, rate float64, columns int) []byte {
	right := " " + bytesText(done)
	if total > 0 {
		right = fmt.Sprintf(" %s %3d %% %s of %s", strip(done, total, 16), done*100/total, bytesText(done), bytesText(total))
	}
	if rate > 0 {
		right += "  " + bytesText(int64(rate)) + "/s"
		if left := float64(total-done) / rate; total > 0 && left >= 0.5 {
			right += "  " + clockText(time.Duration(left*float64(time.Second))) + " left"
		}
	}
	room := columns - 1 - textWidth(right)
	if room < 8 {
		return []byte(cutMiddle(strings.TrimSpace(right), columns-1))
	}
	label = cutMiddle(label, room)
	return []byte(label + strings.Repeat(" ", room-textWidth(label)) + right)
}

// strip draws done of total as a bar of n cells.
func strip(done, total int64, n int) string {
	full := min(n, max(0, int(float64(done)/float64(total)*float64(n))))
	return strings.Repeat("█", full) + strings.Repeat("░", n-full)
}

// cutMiddle shortens s to w columns by leaving out its middle.
func cutMiddle(s string, w int) string {
	if textWidth(s) <= w {
		return s
	}
	r := []rune(s)
	left, right := len(r)/2, len(r)/2
	for left > 0 && textWidth(string(r[:left]))+1+textWidth(string(r[right:])) > w {
		if left > len(r)-right {
			left--
		} else {
			right++
		}
	}
	return string(r[:left]) + "…" + string(r[right:])
}

// textWidth is the number of terminal columns of s; East Asian wide letters take two.
func textWidth(s string) int {
	if isASCII(s) {
		return len(s)
	}
	n := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// A rateMeter measures speed over the last three seconds.
type rateMeter struct {
	at    []time.Time
	bytes []int64
}

func (m *rateMeter) add(now time.Time, total int64) {
	if n := len(m.at); n > 1 && now.Sub(m.at[n-2]) < 50*time.Millisecond {
		m.at[n-1], m.bytes[n-1] = now, total
		return
	}
	m.at, m.bytes = append(m.at, now), append(m.bytes, total)
	for len(m.at) > 2 && now.Sub(m.at[0]) > 3*time.Second {
		m.at, m.bytes = m.at[1:], m.bytes[1:]
	}
}

func (m *rateMeter) perSecond() float64 {
	n := len(m.at)
	if n < 2 {
		return 0
	}
	d := m.at[n-1].Sub(m.at[0]).Seconds()
	if d <= 0 {
		return 0
	}
	return float64(m.bytes[n-1]-m.bytes[0]) / d
}

// bytesText is n in three figures: 999 B, 1.23 kB, 45.6 MB.
func bytesText(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		v /= 1000
		switch {
		case v < 9.995:
			return fmt.Sprintf("%.2f %s", v, unit)
		case v < 99.95:
			return fmt.Sprintf("%.1f %s", v, unit)
		case v < 999.5:
			return fmt.Sprintf("%.0f %s", v, unit)
		}
	}
	return fmt.Sprintf("%.0f EB", v)
}

// clockText is d as 0:05, 12:34 or 1:02:03.
func clockText(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func secondsText(s float64) string {
	if s >= 60 {
		return clockText(time.Duration(s * float64(time.Second)))
	}
	return fmt.Sprintf("%.1f s", s)
}
