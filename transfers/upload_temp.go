package transfers

import (
	"context"

	"portside/client/listing"
)

// useTemp makes an upload go to a temporary name, always the same one for a
// target, so that a later run goes on with what an earlier one has left there.
// It reports whether there is something.
func (t *task) useTemp(ctx context.Context, s *send) (left bool, err error) {
	if _, ok := t.r.(renamer); !ok {
		return false, nil
	}
	dir, name := splitRemote(s.final)
	s.to = dir + partName(name)
	if t.opt.ASCII || (!t.goOn && t.opt.Exists != Resume) {
		return false, nil
	}
	part := target{path: s.to}
	if err = t.look(ctx, &part); err != nil || part.entry == nil {
		return false, err
	}
	s.goOn = s.mayResume(part.entry)
	return true, nil
}

// putInPlace gives a whole, checked upload its own name. replace says that what
// has that name may go: some servers do not rename over it (RFC 959, section
// 4.1.3: RNTO), so it is deleted first, which is safe now.
//
// A repetition finds what the step before has done, wherever it was cut off.
func (t *task) putInPlace(ctx context.Context, s *send, replace bool) error {
	if s.to == s.final {
		return nil
	}
	rename := func(ctx context.Context) error {
		rn, ok := t.r.(renamer)
		if !ok {
			return errNoRename
		}
		return rn.Rename(ctx, s.to, s.final)
	}
	err := t.simply(ctx, rename)
	if err == nil || ctx.Err() != nil || !isRefusal(err) {
		return err
	}
	temp, final := target{path: s.to}, target{path: s.final}
	if lerr := t.look(ctx, &temp); lerr != nil {
		return lerr
	}
	if lerr := t.look(ctx, &final); lerr != nil {
		return lerr
	}
	switch {
	case final.entry == nil:
		return err
	case final.entry.Type == listing.Dir:
		return ErrIsDir
	case temp.entry == nil && final.entry.Size == s.fi.Size():
		return nil // renamed, and the reply got lost
	case temp.entry == nil || !replace:
		return err
	}
	derr := t.simply(ctx, func(ctx context.Context) error { return t.r.Delete(ctx, s.final) })
	if derr != nil && !isRefusal(derr) {
		return derr
	}
	return t.simply(ctx, rename)
}
