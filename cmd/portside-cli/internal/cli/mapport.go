package cli

import (
	"context"
	"time"

	"portside/client/portmap"
)

// unmapFor bounds the wait for the router when the program ends, also after Ctrl+C.
const unmapFor = 3 * time.Second

// portMapping returns what --map-port consents to: the router is asked when the first
// listener is there, never before.
func (p *program) portMapping() *portmap.Announcer {
	if p.announcer == nil {
		p.announcer = portmap.NewAnnouncer(portmap.Options{})
	}
	return p.announcer
}

// closeMapping takes back what the router was asked for.
func (p *program) closeMapping(ctx context.Context) {
	if p.announcer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unmapFor)
	defer cancel()
	if err := p.announcer.Close(ctx); err != nil {
		p.note("%v", err)
	}
}
