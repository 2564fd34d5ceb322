package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jlaffaye/ftp"

	"portside/client/internal/pi"
)

// cmd sends a command and wants a completion reply; 1yz replies are passed over.
func (s *Session) cmd(ctx context.Context, verb, arg string) (Reply, error) {
	rep, err := s.ctl.Cmd(ctx, verb, arg)
	for err == nil && rep.Class() == 1 {
		rep, err = s.ctl.Read(ctx, "the reply to "+verb)
	}
	if err != nil {
		return rep, err
	}
	if rep.Class() != 2 {
		return rep, &ReplyError{Verb: verb, Reply: rep}
	}
	return rep, nil
}

// unsupported turns "unknown command" into ErrUnsupported and keeps the reply.
func unsupported(err error) error {
	var refused *ReplyError
	if errors.As(err, &refused) {
		switch refused.Reply.Code {
		case 500, 501, 502, 504, 202:
			return fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
	}
	return err
}

// lib runs an operation of the library in turn.
func (s *Session) lib(ctx context.Context, op func(*ftp.ServerConn) error) error {
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	return s.do(ctx, op)
}

// Rename renames from to to (RNFR, RNTO; RFC 959, 4.1.3).
func (s *Session) Rename(ctx context.Context, from, to string) error {
	return s.leaving(ctx, from, func(c *ftp.ServerConn) error { return c.Rename(s.abs(from), s.abs(to)) })
}

// Delete removes the file at path (DELE).
func (s *Session) Delete(ctx context.Context, path string) error {
	return s.lib(ctx, func(c *ftp.ServerConn) error { return c.Delete(s.abs(path)) })
}

// MakeDir makes the directory at path (MKD).
func (s *Session) MakeDir(ctx context.Context, path string) error {
	return s.lib(ctx, func(c *ftp.ServerConn) error { return c.MakeDir(s.abs(path)) })
}

// RemoveDir removes the empty directory at path (RMD).
func (s *Session) RemoveDir(ctx context.Context, path string) error {
	return s.leaving(ctx, path, func(c *ftp.ServerConn) error { return c.RemoveDir(s.abs(path)) })
}

// leaving runs an operation on the directory at path while the server is elsewhere:
// Windows neither removes nor renames a directory in which somebody is.
func (s *Session) leaving(ctx context.Context, path string, op func(*ftp.ServerConn) error) error {
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	path = strings.TrimRight(s.abs(path), "/")
	inside := s.serverCwd == path || strings.HasPrefix(s.serverCwd, path+"/")
	if cut := strings.LastIndexByte(path, '/'); inside && strings.HasPrefix(path, "/") {
		var refused *ReplyError
		if err = s.changeDir(ctx, path[:max(cut, 1)]); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return s.do(ctx, op)
}

// ChangeDir makes path the directory from which relative pathnames are taken
// (CWD).
func (s *Session) ChangeDir(ctx context.Context, path string) error {
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err = s.changeDir(ctx, s.abs(path)); err != nil {
		return err
	}
	s.cwd = s.serverCwd
	return nil
}

// changeDir changes the server's working directory and learns its name.
func (s *Session) changeDir(ctx context.Context, path string) error {
	before := s.serverCwd
	s.serverCwd = "" // not known until the reply has come
	if err := s.do(ctx, func(c *ftp.ServerConn) error { return c.ChangeDir(path) }); err != nil {
		var refused *ReplyError
		if errors.As(err, &refused) {
			s.serverCwd = before
		}
		return err
	}
	s.serverCwd = path
	return nil
}

// WorkingDir returns the directory from which relative pathnames are taken.
func (s *Session) WorkingDir(ctx context.Context) (string, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	if strings.HasPrefix(s.cwd, "/") {
		if s.serverCwd != s.cwd {
			if err = s.changeDir(ctx, s.cwd); err != nil {
				return "", err
			}
		}
	}
	return s.pwd(ctx)
}

// pwd asks for the working directory: the text between the quotes of a 257
// reply, in which a quote is doubled (RFC 959, appendix II).
func (s *Session) pwd(ctx context.Context) (string, error) {
	rep, err := s.cmd(ctx, "PWD", "")
	if err != nil {
		return "", err
	}
	dir, ok := parsePWD(rep.Text())
	if !ok {
		return "", &ProtocolError{Line: rep.String(), What: "the reply to PWD names no directory"}
	}
	return dir, nil
}

func parsePWD(text string) (string, bool) {
	start := strings.IndexByte(text, '"')
	if start < 0 {
		// Some servers leave the quotes out: the first word is then the name.
		word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
		return word, strings.HasPrefix(word, "/")
	}
	var b strings.Builder
	for i := start + 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' && i+1 < len(text) && text[i+1] == '"':
			b.WriteByte('"')
			i++
		case c == '"':
			dir := b.String()
			if last := strings.LastIndexByte(text, '"'); last > i && text[i+1] != ' ' {
				// A quote inside the name: this server (Pure-FTPd) doubles none.
				dir = text[start+1 : last]
			}
			return dir, dir != "" && !strings.ContainsAny(dir, "\r\n\x00")
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// Noop asks for a sign of life (NOOP).
func (s *Session) Noop(ctx context.Context) error {
	return s.lib(ctx, func(c *ftp.ServerConn) error { return c.NoOp() })
}

// Chmod sets the permission bits of path (SITE CHMOD). ErrUnsupported says that
// the server does not know it.
func (s *Session) Chmod(ctx context.Context, path string, mode uint32) error {
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, err = s.cmd(ctx, "SITE", fmt.Sprintf("CHMOD %03o %s", mode&0o7777, s.abs(path)))
	return unsupported(err)
}

// Size returns the size of the file at path in bytes (SIZE in TYPE I; RFC 3659, 4).
func (s *Session) Size(ctx context.Context, path string) (int64, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	return s.size(ctx, s.abs(path))
}

func (s *Session) size(ctx context.Context, path string) (int64, error) {
	if err := s.setType(ctx, false); err != nil {
		return 0, err
	}
	rep, err := s.cmd(ctx, "SIZE", path)
	if err != nil {
		return 0, unsupported(err)
	}
	n, err := parseSize(rep)
	if err != nil {
		return 0, err
	}
	s.can.size = true
	return n, nil
}

// timeLayout is that of MDTM and MFMT, in UTC (RFC 3659, 2.3).
const timeLayout = "20060102150405"

// ModTime returns the modification time of the file at path (MDTM; RFC 3659, 3).
func (s *Session) ModTime(ctx context.Context, path string) (time.Time, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return time.Time{}, err
	}
	defer release()
	return s.modTime(ctx, s.abs(path))
}

func (s *Session) modTime(ctx context.Context, path string) (time.Time, error) {
	rep, err := s.cmd(ctx, "MDTM", path)
	if err != nil {
		return time.Time{}, unsupported(err)
	}
	text, fraction, _ := strings.Cut(strings.TrimSpace(rep.Last()), ".")
	if len(text) == 15 && strings.HasPrefix(text, "191") { // "19" and the years since 1900
		text = "20" + text[3:]
	}
	t, err := time.Parse(timeLayout, text)
	if err != nil {
		return time.Time{}, &ProtocolError{Line: rep.String(), What: "the reply to MDTM holds no time"}
	}
	if frac, fracErr := strconv.ParseFloat("0."+fraction, 64); fraction != "" && fracErr == nil {
		t = t.Add(time.Duration(frac * float64(time.Second)))
	}
	return t, nil
}

// SetModTime sets the modification time of the file at path, to the second
// (MFMT; else MDTM with a time, as vsftpd and Pure-FTPd know it; else SITE UTIME).
// ErrUnsupported says that the server knows none.
func (s *Session) SetModTime(ctx context.Context, path string, t time.Time) error {
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	path = s.abs(path)
	stamp := t.UTC().Format(timeLayout)
	verbs := s.timeVerbs()
	var first error
	for _, verb := range verbs {
		cmd := timeCommand(verb, stamp, path)
		rep, cmdErr := s.cmd(ctx, cmd.Verb, cmd.Arg)
		if cmdErr == nil && toldTime(verb, stamp, rep) {
			continue
		}
		if cmdErr == nil {
			s.can.timeBy = verb
			return nil
		}
		var refused *ReplyError
		if !errors.As(cmdErr, &refused) {
			return cmdErr
		}
		if first == nil {
			first = cmdErr
		}
	}
	if first == nil {
		return ErrUnsupported
	}
	if len(verbs) == 1 && verbs[0] == "MDTM" {
		return fmt.Errorf("%w: %w", ErrUnsupported, first)
	}
	return unsupported(first)
}

// timeVerbs are the commands that may set a time, in the order in which they are tried.
func (s *Session) timeVerbs() []string {
	f := s.Features()
	var verbs []string
	if f.Has("MFMT") {
		verbs = append(verbs, "MFMT")
	}
	if f.Has("MDTM") || !f.Has("MFMT") {
		verbs = append(verbs, "MDTM")
	}
	if strings.Contains(f.Param("SITE"), "UTIME") {
		verbs = append(verbs, "SITE")
	}
	return verbs
}

// timeCommand is the command by verb that gives the file at path the time stamp.
func timeCommand(verb, stamp, path string) pi.Command {
	if verb == "SITE" {
		return pi.Command{Verb: verb, Arg: "UTIME " + stamp + " " + path}
	}
	return pi.Command{Verb: verb, Arg: stamp + " " + path}
}

// toldTime reports whether rep tells the time of a file of an odd name, where verb was
// to set one.
func toldTime(verb, stamp string, rep Reply) bool {
	return verb == "MDTM" && !strings.Contains(rep.Text(), "UTIME") && looksLikeTime(rep.Last()) && !strings.Contains(rep.Last(), stamp)
}

func looksLikeTime(text string) bool {
	text = strings.TrimSpace(text)
	if len(text) < len(timeLayout) {
		return false
	}
	for _, c := range text[:len(timeLayout)] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// noRaw are the verbs that Raw refuses: they need a data connection, or would
// put the Session out of step with the server.
var noRaw = []string{"RETR", "STOR", "STOU", "APPE", "LIST", "NLST", "MLSD", "PORT", "PASV", "EPRT", "EPSV", "LPRT", "LPSV", "SPSV", "AUTH", "PBSZ", "PROT", "CCC", "USER", "PASS", "ACCT", "REIN", "QUIT", "ABOR", "MODE", "STRU", "REST"}

// Raw sends one command as it is typed and returns the final reply, whatever its
// code. Commands that need a data connection or change the session's footing are
// refused with ErrUnsupported.
func (s *Session) Raw(ctx context.Context, line string) (Reply, error) {
	verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	if strings.ContainsAny(verb, "\t\v\f") {
		return Reply{}, fmt.Errorf("%w: a blank has to follow the command", ErrBadName)
	}
	if verb == "" {
		return Reply{}, fmt.Errorf("%w: there is no command", ErrBadName)
	}
	for _, v := range noRaw {
		if strings.EqualFold(v, verb) {
			return Reply{}, fmt.Errorf("%w: %s cannot be sent as a raw command", ErrUnsupported, v)
		}
	}
	release, err := s.acquire(ctx)
	if err != nil {
		return Reply{}, err
	}
	defer release()
	switch strings.ToUpper(verb) { // what a raw command may change is not known any more
	case "TYPE":
		s.typ = 0
	case "CWD", "XCWD", "CDUP", "XCUP", "SITE":
		s.serverCwd = ""
	case "OPTS":
		s.hashAlgo = ""
	}
	rep, err := s.ctl.Cmd(ctx, verb, arg)
	for err == nil && rep.Class() == 1 {
		rep, err = s.ctl.Read(ctx, "the reply to "+verb)
	}
	return rep, err
}
