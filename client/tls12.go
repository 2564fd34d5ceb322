package client

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
)

// wantsOlderTLS reports whether err may be cured by TLS 1.2: the data connection
// could not be protected under TLS 1.3, or the server misses the resumption of a
// session, whose tickets it gives out differently there.
func (s *Session) wantsOlderTLS(err error) bool {
	st := s.ctl.TLS()
	if s.tlsData == nil || st == nil || st.Version < tls.VersionTLS13 || s.opt.MaxTLS != 0 || errors.Is(err, ErrForeignDataCert) {
		return false
	}
	var re *ReplyError
	if errors.As(err, &re) && missesResumption(re.Reply) {
		return true
	}
	var de *DataError
	return errors.As(err, &de) && de.Step == StepTLS
}

// missesResumption reports whether a server refuses a data connection because it
// does not resume the session of the control connection: 522 (vsftpd), and 425 or
// 450 with words to that effect (ProFTPD, FileZilla Server).
func missesResumption(rep Reply) bool {
	text := strings.ToLower(rep.Text())
	switch rep.Code {
	case 522:
		return true
	case 425, 450, 426, 521:
		return strings.Contains(text, "resum") || strings.Contains(text, "reuse") || strings.Contains(text, "re-use")
	}
	return false
}

// useTLS12 replaces the control connection by one with TLS 1.2.
func (s *Session) useTLS12(ctx context.Context, why error) error {
	s.note("the data connection failed under TLS 1.3 (%s); trying TLS 1.2", reason(why))
	opt, addr := s.siblingOptions(s.opt.Mode)
	opt.MaxTLS = tls.VersionTLS12
	s.opt.MaxTLS = opt.MaxTLS // once, whatever comes of it
	o, err := dialAgain(ctx, addr, opt)
	var refused *ReplyError
	if errors.As(err, &refused) && ctx.Err() == nil { // it may let in one connection only
		_ = s.ctl.Close()
		o, err = dialAgain(ctx, addr, opt)
	}
	if err == nil {
		err = s.adopt(ctx, o)
	}
	if err != nil {
		s.note("no control connection with TLS 1.2: %v", err)
		return err
	}
	s.mu.Lock()
	s.info.TLSDowngraded = true
	s.mu.Unlock()
	return nil
}
