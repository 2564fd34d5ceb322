package pi

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"time"
)

// StartTLS sends AUTH TLS and shakes hands (RFC 4217, 4). It returns the
// server's reply; a *ReplyError says that the server would not. Bytes that came
// in before the handshake end the connection: somebody may have put them there
// for us to take as protected (response injection, CVE-2011-0411).
func (c *Conn) StartTLS(ctx context.Context, cfg *tls.Config) (Reply, error) {
	if err := c.settle(ctx); err != nil {
		return Reply{}, err
	}
	c.hold <- struct{}{} // the reader stops after the next final reply
	err := c.Send(ctx, "AUTH", "TLS")
	var rep Reply
	for ok := err == nil; ok; ok = err == nil && rep.Class() == 1 {
		rep, err = c.Read(ctx, "the reply to AUTH TLS")
	}
	if err != nil {
		// The reader may sit behind the hold with a reply still to come.
		_ = c.Close()
		return rep, err
	}
	if rep.Class() != 2 && rep.Class() != 3 {
		if err := c.resumeReader(ctx, c.br); err != nil {
			return rep, err
		}
		return rep, &ReplyError{Verb: "AUTH TLS", Reply: rep}
	}
	if c.br.Buffered() > 0 || len(c.replies) > 0 {
		return rep, c.fail(&ProtocolError{What: "the server sent text in clear after it agreed to TLS; somebody may have put it there"})
	}
	if err := c.handshake(ctx, cfg); err != nil {
		return rep, err
	}
	return rep, c.resumeReader(ctx, c.br)
}

// handshake wraps the connection in TLS.
func (c *Conn) handshake(ctx context.Context, cfg *tls.Config) error {
	hctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	t := tls.Client(c.raw, cfg)
	if err := c.raw.SetDeadline(time.Time{}); err != nil {
		return c.fail(fmt.Errorf("tls handshake: %w", err))
	}
	if err := t.HandshakeContext(hctx); err != nil {
		if ctx.Err() != nil {
			_ = c.Close()
			return context.Cause(ctx)
		}
		if hctx.Err() != nil {
			return c.fail(&TimeoutError{What: "the TLS handshake", After: c.cfg.Timeout})
		}
		_ = c.Close()
		return fmt.Errorf("tls handshake: %w", err)
	}
	c.nc = t
	c.br = bufio.NewReaderSize(t, 4096)
	st := t.ConnectionState()
	c.Note("%s, %s", tls.VersionName(st.Version), tls.CipherSuiteName(st.CipherSuite))
	return nil
}

// resumeReader lets the reader go on, from br.
func (c *Conn) resumeReader(ctx context.Context, br *bufio.Reader) error {
	timer := time.NewTimer(c.cfg.Timeout)
	defer timer.Stop()
	select {
	case c.resume <- br:
		return nil
	case <-c.done:
		return c.Err()
	case <-ctx.Done():
		_ = c.Close()
		return context.Cause(ctx)
	case <-timer.C:
		return c.fail(&TimeoutError{What: "the server to be quiet after AUTH TLS", After: c.cfg.Timeout})
	}
}
