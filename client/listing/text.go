package listing

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// blockBytes is how much is read at a time. Each block becomes one string, of
// which the names in it are substrings.
const blockBytes = 64 << 10

// A text is a listing cut into blocks of whole lines.
type text struct {
	blocks  []string
	lines   int
	unended bool // the last line had no line end
}

// readText reads r to its end. Its errors are those of r, or a *LimitError.
func readText(r io.Reader, lim Limits) (text, error) {
	var t text
	var total int64
	buf := make([]byte, 0, blockBytes)
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, cap(buf))
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		start := len(buf)
		buf = buf[:start+n]
		if total += int64(n); total > lim.Bytes {
			return text{}, &LimitError{What: "bytes", Max: lim.Bytes}
		}
		if full := len(buf) == cap(buf); full || err != nil {
			rest, cutErr := t.cut(buf, lim)
			if cutErr != nil {
				return text{}, cutErr
			}
			buf = buf[:copy(buf, buf[len(buf)-rest:])]
		}
		switch {
		case errors.Is(err, io.EOF):
			return t, t.end(buf, lim)
		case err != nil:
			return text{}, err
		}
	}
}

// cut keeps the whole lines of buf as a block and returns the length of the
// rest, the beginning of a line.
func (t *text) cut(buf []byte, lim Limits) (rest int, err error) {
	begin := 0
	for {
		n := bytes.IndexByte(buf[begin:], '\n')
		if n < 0 {
			break
		}
		if tooLong(buf[begin:begin+n], lim) {
			return 0, &LimitError{What: "line bytes", Max: int64(lim.LineBytes)}
		}
		t.lines++
		begin += n + 1
	}
	if tooLong(buf[begin:], lim) {
		return 0, &LimitError{What: "line bytes", Max: int64(lim.LineBytes)}
	}
	if begin > 0 {
		t.blocks = append(t.blocks, string(buf[:begin]))
	}
	return len(buf) - begin, nil
}

// end keeps a last line that has no line end.
func (t *text) end(buf []byte, lim Limits) error {
	if len(buf) == 0 {
		return nil
	}
	if tooLong(buf, lim) {
		return &LimitError{What: "line bytes", Max: int64(lim.LineBytes)}
	}
	t.lines++
	t.unended = true
	t.blocks = append(t.blocks, string(buf))
	return nil
}

// tooLong reports whether line exceeds the limit, line end not counted.
func tooLong(line []byte, lim Limits) bool {
	n := len(line)
	if n <= lim.LineBytes {
		return false
	}
	for i := 0; i < 2 && n > 0 && line[n-1] == '\r'; i++ {
		n--
	}
	return n > lim.LineBytes
}

// each yields the lines in order, without the line feed but with the carriage
// returns before it.
func (t text) each(yield func(string) bool) {
	for _, b := range t.blocks {
		for b != "" {
			i := strings.IndexByte(b, '\n')
			if i < 0 {
				yield(b)
				return
			}
			if !yield(b[:i]) {
				return
			}
			b = b[i+1:]
		}
	}
}

// trailingCR counts the carriage returns at the end of line, three at most.
func trailingCR(line string) int {
	n := 0
	for n < 3 && n < len(line) && line[len(line)-1-n] == '\r' {
		n++
	}
	return n
}

// lineEnd tells how many carriage returns belong to the line end in t: as many
// as most of its first lines have. One more is part of a name.
func lineEnd(t text) int {
	var count [4]int
	seen := 0
	for line := range t.each {
		count[trailingCR(line)]++
		if seen++; seen == sampleLines {
			break
		}
	}
	best := 0
	for n := range count {
		if count[n] > 0 && count[n] >= count[best] {
			best = n
		}
	}
	return best
}

// trimLineEnd removes up to cr carriage returns from the end of line.
func trimLineEnd(line string, cr int) string {
	for range min(cr, trailingCR(line)) {
		line = line[:len(line)-1]
	}
	return line
}
