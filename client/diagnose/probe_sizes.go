package diagnose

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"portside/client"
	"portside/client/listing"
)

// The sizes that are compared: one that fits into a packet, and one that does not
// on any path. A path that loses large packets and the word of it (RFC 1191, 4;
// RFC 2923, 2.1) lets the first through and stalls the second.
const (
	smallFile  = 1000
	mediumFile = 256 << 10
	leastFile  = 8 << 10 // for the larger of the two
)

// A sizeFile is something to receive: a file, or the listing where name is "".
type sizeFile struct {
	name string
	size int64
}

// probeSizes receives something small and something larger. Nothing is sent.
func (r *run) probeSizes(ctx context.Context, t *task) {
	m, why := r.usual()
	if why != "" {
		t.skip("%s", why)
		return
	}
	r.mu.Lock()
	raw := r.listing
	r.mu.Unlock()
	if raw == nil {
		l, err := r.pool.get(ctx, 2*time.Second)
		if err != nil {
			t.skip("%s", r.said(err.Error()))
			return
		}
		_, res := r.attempt(ctx, t, l, r.waits(client.ProbeSpec{Method: m}, false))
		r.pool.put(l, res.Clean)
		raw = res.Data
	}
	small, medium := r.choose(raw)
	if len(medium) == 0 {
		t.skip("there is no file of at least 8 KiB in the login directory, and its listing is short; nothing is uploaded for a test")
		return
	}
	var done []SizeTry
	for _, f := range [][]sizeFile{small, medium} {
		for _, one := range f {
			if try, ok := r.receiveSoon(ctx, t, m, one); ok {
				done = append(done, try)
				break
			}
		}
	}
	r.update(func(rep *Report) { rep.Sizes = append(rep.Sizes, done...) })
	if len(done) == 0 {
		t.skip("no file could be read")
		return
	}
	result := Works
	var words []string
	for _, d := range done {
		if d.Result == Fails {
			result = Fails
		}
		words = append(words, fmt.Sprintf("%d of %d bytes in %s", d.Moved, d.Bytes, round(time.Duration(d.Took))))
	}
	t.show(result, "%s", strings.Join(words, ", "))
}

// mostFiles bounds how many files are tried where some cannot be read.
const mostFiles = 3

// choose finds in a listing what to receive, the best first.
func (r *run) choose(raw []byte) (small, medium []sizeFile) {
	r.mu.Lock()
	system := r.rep.Server.System
	r.mu.Unlock()
	whole := raw[:bytes.LastIndexByte(raw, '\n')+1]
	list, err := listing.Parse(bytes.NewReader(whole), listing.Options{Kind: listing.LIST, Now: r.opt.Now(), System: system, Charset: r.target.Options.Charset})
	if err == nil {
		for _, e := range list.Entries {
			if e.Type != listing.File || client.CleanName(e.Name) != nil {
				continue
			}
			switch {
			case e.Size > 0 && e.Size <= smallFile:
				small = append(small, sizeFile{e.Name, e.Size})
			case e.Size >= leastFile:
				medium = append(medium, sizeFile{e.Name, min(e.Size, mediumFile)})
			}
		}
	}
	slices.SortStableFunc(small, func(a, b sizeFile) int { return int(a.size - b.size) })
	slices.SortStableFunc(medium, func(a, b sizeFile) int { return int(b.size - a.size) })
	small, medium = small[:min(len(small), mostFiles)], medium[:min(len(medium), mostFiles)]
	switch n := int64(len(raw)); {
	case n >= leastFile:
		medium = append(medium, sizeFile{"", n})
	case n <= smallFile:
		small = append(small, sizeFile{"", n})
	}
	return small, medium
}

// mostDials is how often a transfer is tried whose data connection is not made, as
// where a firewall closes some of the server's ports.
const mostDials = 3

// receiveSoon is receive with a data connection, at one of the first tries.
func (r *run) receiveSoon(ctx context.Context, t *task, m client.Method, f sizeFile) (try SizeTry, ok bool) {
	for range mostDials {
		var connected bool
		if try, connected, ok = r.receive(ctx, t, m, f); connected || ctx.Err() != nil {
			return try, ok
		}
	}
	return try, false
}

// receive makes one transfer; ok is false where the server would not give it, or
// where no data connection was made, which says nothing of sizes.
func (r *run) receive(ctx context.Context, t *task, m client.Method, f sizeFile) (try SizeTry, connected, ok bool) {
	l, err := r.pool.get(ctx, 2*time.Second)
	if err != nil {
		return SizeTry{}, false, false
	}
	spec := r.waits(client.ProbeSpec{Method: m, Retrieve: f.name, MaxBytes: mediumFile}, false)
	if f.name != "" && !strings.HasPrefix(f.name, "/") {
		spec.Retrieve = inside(l.s.Info().Home, f.name)
	}
	res := l.s.Probe(ctx, spec)
	t.heard(l)
	r.pool.put(l, res.Clean)
	how, result, _ := classify(res)
	try = SizeTry{Bytes: f.size, Moved: res.Bytes, Took: Span(res.Took - res.ReplyTook - res.Connect)}
	switch {
	case how == HowFile:
		return try, true, false
	case !res.Connected || ctx.Err() != nil:
		return try, false, false
	case result == Works && (res.Bytes >= f.size || f.name == ""):
		try.Result = Works
		try.Bytes = max(f.size, res.Bytes)
	case result == Works:
		try.Err = fmt.Sprintf("only %d bytes came", res.Bytes)
	default:
		try.Result, try.Err = Fails, r.said(res.Err.Error())
	}
	return try, true, true
}

// inside joins a directory and a name as servers with slashes do; elsewhere the
// name is taken from the working directory.
func inside(dir, name string) string {
	if !strings.HasPrefix(dir, "/") {
		return name
	}
	return strings.TrimSuffix(dir, "/") + "/" + name
}
