package transfers

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"portside/client"
)

// judge says what a try has brought.
func (f *fetch) judge(ctx context.Context, g *guard, err error) (int64, error) {
	pos, perr := f.p.pos()
	if perr != nil {
		return 0, perr
	}
	same, verr := g.compare(pos)
	switch {
	case verr != nil:
		return 0, verr
	case !same, isRestRefused(err):
		return 0, f.anew(ErrResume)
	case g.tooLong && len(g.tail) > 0:
		return 0, f.anew(ErrResume)
	case g.tooLong:
		f.noRest, f.tooLong = true, true
		return 0, &SizeError{Path: show(f.t.r, f.src.path), Want: f.src.size, Got: pos}
	case err != nil && isLocal(err):
		return pos, localErr("write", f.p.at.path(), err)
	case err != nil && f.isAll(g, pos, err):
		// The server's last word is missing, but not a byte.
	case err != nil:
		return max(pos, g.start+int64(len(g.tail))), err
	}
	return pos, f.complete(ctx, g, pos)
}

// isAll reports whether a try that ended without the server's confirmation has
// brought all that the server had announced. A missing mark at the end of the
// data is made up for by the size; a lost control connection, or a 226 that
// never comes, by a second session that sends the same end of the file again.
func (f *fetch) isAll(g *guard, pos int64, err error) bool {
	if f.t.opt.ASCII || f.src.size < 0 || pos != f.src.size {
		return false
	}
	if errors.Is(err, client.ErrUnverified) {
		return true
	}
	_, gone := judge(err)
	return gone && g.checked && g.start+int64(len(g.tail)) == pos
}

// isWhole reports whether p holds all of the file already, as the server's
// checksum says: the try before has lost no more than its confirmation.
func (f *fetch) isWhole(ctx context.Context) (bool, error) {
	if (!f.old && !f.again) || f.noRest || f.t.opt.ASCII || f.src.size <= 0 {
		return false, nil
	}
	have, err := f.p.size()
	if err != nil || have != f.src.size || !f.t.wantsHash(f.src.path, have, true) {
		return false, err
	}
	v, err := f.t.hashVerdict(ctx, f.src.path, f.p.f, have)
	if err != nil || !v.known {
		return false, err
	}
	if !v.same {
		return false, f.anew(ErrResume)
	}
	return true, f.p.seek(have)
}

// anew drops what is there, so that the next try begins at the first byte.
func (f *fetch) anew(err error) error {
	f.noRest, f.old = true, false
	if eerr := f.p.empty(); eerr != nil {
		return eerr
	}
	return &anewError{err: err}
}

// isRestRefused reports a server that has no REST.
func isRestRefused(err error) bool {
	re, ok := errors.AsType[*client.ReplyError](err)
	return ok && re.Verb == "REST" && !re.Temporary()
}

// complete checks a download that the server calls complete.
func (f *fetch) complete(ctx context.Context, g *guard, pos int64) error {
	if f.t.opt.ASCII {
		return nil
	}
	if err := f.checkSize(ctx, g, pos); err != nil {
		return err
	}
	if !f.t.wantsHash(f.src.path, pos, f.pieces || f.wrong) {
		return nil
	}
	v, err := f.t.hashVerdict(ctx, f.src.path, f.p.f, pos)
	switch {
	case err != nil:
		return err
	case !v.known:
		f.t.noHashNote(f.src.path)
		return nil
	case v.same:
		return nil
	}
	wrong := v.failure(show(f.t.r, f.src.path))
	if f.wrong {
		return wrong
	}
	f.wrong = true
	return f.anew(wrong)
}

// checkSize compares what has arrived with what the server says.
//
// A file that grew in the meantime is complete as it was. Where the server ends
// the data at a place that is not the size, it is asked again at once, from
// there on or, where it sent too much, from the first byte: data that was cut
// goes on then. Where it ends at the same byte again, after the same bytes, the
// size is what is wrong: what it sends twice, and confirms twice, is the file.
func (f *fetch) checkSize(ctx context.Context, g *guard, pos int64) error {
	want := f.src.size
	if want == pos {
		return nil
	}
	now, err := f.t.size(ctx, f.src.path)
	if err != nil {
		return err
	}
	switch {
	case now < 0 && want < 0, now == pos, want >= 0 && pos > want && now > pos:
		f.src.size = pos
		return nil
	case now >= 0:
		want = now
	}
	if pos > want && len(g.tail) > 0 {
		return f.anew(ErrResume)
	}
	again, err := f.endsAgain(pos)
	if err != nil {
		return err
	}
	if again {
		f.t.note(f.src.path, fmt.Sprintf("the server says %d bytes, and sends %d", want, pos))
		f.src.size = pos
		return nil
	}
	if pos > want {
		f.noRest = true
	}
	wrong := &SizeError{Path: show(f.t.r, f.src.path), Want: want, Got: pos}
	if f.asked {
		return wrong
	}
	f.asked = true
	return &anewError{err: wrong}
}

// endsAgain reports whether an earlier try ended at the same byte, after the
// same bytes, and remembers this one.
func (f *fetch) endsAgain(pos int64) (bool, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f.p.f, 0, pos)); err != nil {
		return false, localErr("read", f.p.path(), err)
	}
	now := ending{at: pos, sum: [sha256.Size]byte(h.Sum(nil))}
	again := f.asked && f.end == now
	f.end = now
	return again, nil
}

// An ending is where a file ended that the server called complete.
type ending struct {
	at  int64
	sum [sha256.Size]byte
}
