package gateway

import (
	"context"

	"portside/client/internal/dtp"
	"portside/client/internal/pi"
)

// What is said of the next transfer, and asked of the last one.

// ListAs says what is sent in place of the library's LIST: "MLSD", "LIST" or
// "LIST -a".
func (g *Gateway) ListAs(command string) { g.listAs = command }

// Behind says what is sent in one write with the next transfer command: EPSV or PASV,
// for the transfer after it; "" is nothing. Asked returns it once it is sent.
func (g *Gateway) Behind(verb string) { g.behind, g.asked = verb, nil }

// Asked returns what was sent behind the last transfer command; nil where nothing was.
func (g *Gateway) Asked() *pi.Ahead { return g.asked }

// Eager sets what is called in the next Transfer when its data connection is there
// before the first reply to the transfer command. It bears its own errors.
func (g *Gateway) Eager(send func(context.Context, *dtp.Data)) { g.eager = send }

// HalfClose has the data connection of the next transfer, a download, closed on this side
// as soon as the transfer command is sent.
func (g *Gateway) HalfClose(on bool) { g.half, g.halved, g.begun = on, false, false }

// HalfClosed reports whether it was.
func (g *Gateway) HalfClosed() bool { return g.halved }

// Begun reports whether the server has said that a transfer begins, since HalfClose.
func (g *Gateway) Begun() bool { return g.begun }

// Unanswered reports whether the last transfer command has had no reply: the
// server is at something that ABOR does not end, such as a connect.
func (g *Gateway) Unanswered() bool { return g.unanswered }

// OnReply says what is called when a transfer command gets its first reply.
func (g *Gateway) OnReply(f func()) { g.onReply = f }

// Listing returns what was given to ListAs.
func (g *Gateway) Listing() string { return g.listAs }
