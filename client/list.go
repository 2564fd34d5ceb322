package client

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/jlaffaye/ftp"

	"portside/client/internal/dtp"
	"portside/client/internal/pi"
	"portside/client/listing"
)

// List returns the entries of the directory at path; "" is the directory in
// which the login ended, or the last ChangeDir. MLSD is used where the server
// has it (RFC 3659, 7), else LIST, with -a where the server takes it. The entries
// for the directory itself and its parent are left out. Lines that cannot be
// read are in the Listing's Unread. A listing that was cut short is an error.
func (s *Session) List(ctx context.Context, path string) (*listing.Listing, error) {
	return s.ListWith(ctx, path, ListOptions{})
}

// ListOptions says how ListWith lists.
type ListOptions struct {
	// More is as in TransferOptions. A listing is not used to find out what the server
	// takes; the first file is.
	More bool
}

// ListWith is List with options.
func (s *Session) ListWith(ctx context.Context, path string, opt ListOptions) (*listing.Listing, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	s.more = opt.More
	defer func() { s.more = false }()
	return s.list(ctx, s.abs(path))
}

func (s *Session) list(ctx context.Context, path string) (*listing.Listing, error) {
	if s.hasMLSD() {
		s.gate.ListAs("MLSD")
		out, err := s.readListing(ctx, path, listing.MLSD)
		var refused *ReplyError
		if !errors.As(err, &refused) || isDataError(err) || refused.Reply.Code != 500 && refused.Reply.Code != 502 {
			return out, err
		}
		s.note("the server lists MLSD and does not know it; using LIST")
		s.forgetMLSD()
	}
	return s.listThere(ctx, path)
}

// ListPlain is List by LIST, also where the server has MLSD. There are servers
// whose MLSD gives a symbolic link the type of what it leads to; LIST tells
// links from directories.
func (s *Session) ListPlain(ctx context.Context, path string) (*listing.Listing, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	return s.listThere(ctx, s.abs(path))
}

// listThere lists a directory by LIST.
func (s *Session) listThere(ctx context.Context, path string) (*listing.Listing, error) {
	if path != s.serverCwd {
		if out, done, err := s.listBehind(ctx, path); done {
			return out, err
		}
		if err := s.changeDir(ctx, path); err != nil {
			return nil, err
		}
		if !strings.HasPrefix(s.cwd, "/") {
			// Where names do not begin with a slash (MVS, VMS) they are
			// taken from the working directory: go back to it.
			out, err := s.listHere(ctx)
			return out, errors.Join(err, s.changeDir(ctx, s.cwd))
		}
	}
	return s.listHere(ctx)
}

// listBehind lists a directory by LIST sent right behind CWD, where that is safe and
// the server takes commands ahead: it saves a round trip. Not done means that nothing
// is known, and the way with waiting is to be taken.
func (s *Session) listBehind(ctx context.Context, path string) (out *listing.Listing, done bool, err error) {
	if s.listAll != yes || !strings.HasPrefix(s.cwd, "/") || !s.worksAhead() {
		return nil, false, nil
	}
	ctl, before := s.ctl, s.serverCwd
	asked, err := s.ctl.SendAhead(ctx, pi.Command{Verb: "CWD", Arg: path})
	if err != nil {
		return nil, true, err
	}
	s.serverCwd = "" // not known until the reply has come
	out, err = s.listHere(ctx)
	if s.ctl != ctl {
		return nil, ctx.Err() != nil, err // the connection was replaced, and is in another directory
	}
	rep, cwdErr := s.ctl.Await(ctx, asked[0])
	switch {
	case errors.Is(cwdErr, pi.ErrSwallowed):
		return nil, false, nil
	case cwdErr != nil:
		return nil, true, errors.Join(err, cwdErr)
	case rep.Class() != 2: // what was listed is where it was before
		s.serverCwd = before
		return nil, true, &ReplyError{Verb: "CWD", Reply: rep}
	}
	s.serverCwd = path
	return out, true, err
}

// listHere lists the server's working directory by LIST.
func (s *Session) listHere(ctx context.Context) (*listing.Listing, error) {
	if s.listAll == no {
		s.gate.ListAs("LIST")
		return s.readListing(ctx, "", listing.LIST)
	}
	s.gate.ListAs("LIST -a")
	out, err := s.readListing(ctx, "", listing.LIST)
	var refused *ReplyError
	switch {
	case err == nil && len(out.Entries) > 0:
		s.listAll = yes
		return out, nil
	case err == nil && s.listAll == yes:
		return out, nil
	case err != nil && (!errors.As(err, &refused) || refused.Reply.Class() != 5 || isDataError(err)):
		return nil, err // nothing is to be learnt from it
	}
	return s.listPlain(ctx, out)
}

// listPlain lists without -a where -a gave nothing, and learns from it: some
// servers take -a for a name.
func (s *Session) listPlain(ctx context.Context, withAll *listing.Listing) (*listing.Listing, error) {
	s.gate.ListAs("LIST")
	out, err := s.readListing(ctx, "", listing.LIST)
	if err != nil {
		return nil, err
	}
	if len(out.Entries) > 0 || withAll == nil {
		s.listAll = no
		return out, nil
	}
	return withAll, nil
}

func (s *Session) hasMLSD() bool {
	f := s.Features()
	return f.Has("MLST") || f.Has("MLSD")
}

// forgetMLSD is called when the server does not know what its FEAT offered.
func (s *Session) forgetMLSD() {
	s.opt.Memory.ForgetLogin(s.key, s.identity())
	s.mu.Lock()
	defer s.mu.Unlock()
	f := Features{lines: s.features.lines, param: map[string]string{}}
	for k, v := range s.features.param {
		if k != "MLST" && k != "MLSD" {
			f.param[k] = v
		}
	}
	s.features = f
}

// readListing runs the listing command that the gateway has been told.
func (s *Session) readListing(ctx context.Context, path string, kind listing.Kind) (*listing.Listing, error) {
	opt := listing.Options{
		Kind: kind, Now: s.opt.Now(), Location: location(s.opt.TimeOffset), System: s.info.System, Charset: s.opt.Charset,
		Limits: listing.Limits{LineBytes: s.opt.Limits.ListingLine, Entries: s.opt.Limits.Entries},
	}
	var out *listing.Listing
	var text *lastByte
	err := s.transfer(ctx, request{op: func(c *ftp.ServerConn) error {
		_, listErr := c.List(path)
		return listErr
	}, move: func(ctx context.Context, d *dtp.Data) error {
		r, err := d.NewReader(ctx, nil)
		if err != nil {
			return err
		}
		defer r.Close()
		text = &lastByte{r: r}
		if out, err = listing.Parse(text, opt); err != nil {
			return err
		}
		if r.Clean() {
			return nil
		}
		if text.any && text.last != '\n' {
			return &DataError{Method: s.method, Step: StepCopy, Err: ErrUnverified}
		}
		s.note("the listing ended without close_notify")
		return nil
	}, download: true, touched: func() bool { return text != nil && text.any }})
	if err != nil {
		return nil, err
	}
	if text != nil {
		s.cameDown(text.n)
	}
	return out, nil
}

// location is that of a server whose clock is ahead of UTC by offset.
func location(offset time.Duration) *time.Location {
	if offset == 0 {
		return time.UTC
	}
	return time.FixedZone("", int(offset/time.Second))
}

// A lastByte remembers the last byte that was read.
type lastByte struct {
	r    io.Reader
	any  bool
	last byte
	n    int64
}

func (l *lastByte) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if n > 0 {
		l.any, l.last = true, p[n-1]
		l.n += int64(n)
	}
	return n, err
}

func isDataError(err error) bool {
	var de *DataError
	return errors.As(err, &de)
}

// Stat returns the entry of the file or directory at path: by MLST (RFC 3659, 7)
// where the server has it, else by SIZE and MDTM for a file, by CWD for a
// directory, and by the listing of the parent for anything else.
func (s *Session) Stat(ctx context.Context, path string) (listing.Entry, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return listing.Entry{}, err
	}
	defer release()
	path = s.abs(path)
	if s.Features().Has("MLST") {
		e, ok, mlstErr := s.mlst(ctx, path)
		if ok || mlstErr != nil {
			return e, mlstErr
		}
	}
	return s.statPlain(ctx, path)
}

// mlst asks for one entry; ok is false where the answer could not be read.
func (s *Session) mlst(ctx context.Context, path string) (e listing.Entry, ok bool, err error) {
	rep, err := s.cmd(ctx, "MLST", path)
	var refused *ReplyError
	if errors.As(err, &refused) && refused.Reply.Code/10 == 50 {
		return e, false, nil
	}
	if err != nil {
		return e, false, err
	}
	for _, l := range rep.Lines {
		if !strings.Contains(l, "=") {
			continue
		}
		if e, ok = listing.ParseMLSx(l); ok {
			e.Name = baseName(path)
			return e, true, nil
		}
	}
	return e, false, nil
}

// baseName returns the last component of a pathname, "/" for the root.
func baseName(path string) string {
	trimmed := strings.TrimRight(path, "/")
	if trimmed == "" {
		return "/"
	}
	return trimmed[strings.LastIndexByte(trimmed, '/')+1:]
}

func (s *Session) statPlain(ctx context.Context, path string) (listing.Entry, error) {
	e := listing.Entry{Name: baseName(path), Size: listing.UnknownSize, Mode: listing.ModeUnknown}
	var refused *ReplyError
	size, err := s.size(ctx, path)
	if err == nil {
		e.Type, e.Size = listing.File, size
		if t, mdtmErr := s.modTime(ctx, path); mdtmErr == nil {
			e.ModTime, e.Precise = t, true
		} else if !errors.As(mdtmErr, &refused) && !errors.Is(mdtmErr, ErrUnsupported) {
			return e, mdtmErr
		}
		return e, nil
	}
	if !errors.As(err, &refused) && !errors.Is(err, ErrUnsupported) {
		return e, err
	}
	back := s.serverCwd
	cwdErr := s.changeDir(ctx, path)
	if cwdErr == nil {
		e.Type = listing.Dir
		if back == "" || strings.HasPrefix(s.cwd, "/") { // nothing is taken from where the server is
			return e, nil
		}
		if backErr := s.changeDir(ctx, back); backErr != nil && !errors.As(backErr, &refused) {
			return e, backErr
		}
		return e, nil
	}
	if !errors.As(cwdErr, &refused) {
		return e, cwdErr
	}
	return s.statInParent(ctx, path, cwdErr)
}

func (s *Session) statInParent(ctx context.Context, path string, notFound error) (listing.Entry, error) {
	trimmed := strings.TrimRight(path, "/")
	cut := strings.LastIndexByte(trimmed, '/')
	if cut < 0 {
		return listing.Entry{}, notFound
	}
	parent := trimmed[:cut]
	if parent == "" {
		parent = "/"
	}
	all, err := s.list(ctx, parent)
	if err != nil {
		return listing.Entry{}, err
	}
	for _, e := range all.Entries {
		if e.Name == trimmed[cut+1:] {
			return e, nil
		}
	}
	return listing.Entry{}, notFound
}
