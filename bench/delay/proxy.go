//go:build linux

package delay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Proxy carries FTP sessions to a server, and passive data connections with
// them, late by a fixed time in each direction. Everything is on 127.0.0.1.
type Proxy struct {
	Addr string // host:port to connect to instead of the server

	server string
	oneWay time.Duration
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// NewProxy starts a proxy of the server at addr.
func NewProxy(ctx context.Context, addr string, oneWay time.Duration) (*Proxy, error) {
	l, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	p := &Proxy{Addr: l.Addr().String(), server: addr, oneWay: oneWay}
	ctx, p.cancel = context.WithCancel(ctx)
	p.wg.Go(func() { p.serve(ctx, l) })
	return p, nil
}

// Close ends every session and returns when they are gone.
func (p *Proxy) Close() {
	p.cancel()
	p.wg.Wait()
}

func listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(ctx, "tcp4", "127.0.0.1:0")
}

func (p *Proxy) serve(ctx context.Context, l net.Listener) {
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.session(ctx, client) })
	}
}

// session carries a control connection.
func (p *Proxy) session(ctx context.Context, client net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // with the passive ports that nobody has come to
	p.join(ctx, client, p.server, func(from io.Reader, queue chan<- parcel) {
		p.readReplies(ctx, from, queue)
	})
}

// join connects to addr and carries both directions until both have ended;
// replies reads what comes back.
func (p *Proxy) join(ctx context.Context, client net.Conn, addr string, replies func(io.Reader, chan<- parcel)) {
	defer func() { _ = client.Close() }()
	var d net.Dialer
	server, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	stop := context.AfterFunc(ctx, func() { _, _ = client.Close(), server.Close() })
	defer stop()
	var wg sync.WaitGroup
	forth, back := make(chan parcel, queueLength), make(chan parcel, queueLength)
	wg.Go(func() { p.readBytes(client, forth) })
	wg.Go(func() { replies(server, back) })
	wg.Go(func() { deliver(server, forth) })
	wg.Go(func() { deliver(client, back) })
	wg.Wait()
}

func (p *Proxy) due() time.Time { return time.Now().Add(p.oneWay) }

// readBytes queues what is read until the end.
func (p *Proxy) readBytes(from io.Reader, queue chan<- parcel) {
	defer close(queue)
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			queue <- parcel{p.due(), slices.Clone(buf[:n])}
		}
		if err != nil {
			queue <- parcel{due: p.due()}
			return
		}
	}
}

// readReplies queues replies line by line, with the passive ports of this
// computer instead of the server's.
func (p *Proxy) readReplies(ctx context.Context, from io.Reader, queue chan<- parcel) {
	defer close(queue)
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			due := p.due()
			here, openErr := p.passive(ctx, line)
			if err = errors.Join(err, openErr); openErr == nil {
				queue <- parcel{due, []byte(here)}
			}
		}
		if err != nil {
			queue <- parcel{due: p.due()}
			return
		}
	}
}

// deliver writes what is due, and the end when it is due. What a receiver no
// longer wants is dropped, so that the reader never waits.
func deliver(to net.Conn, queue <-chan parcel) {
	var err error
	for x := range queue {
		sleepUntil(x.due)
		if x.data != nil && err == nil {
			_, err = to.Write(x.data)
		}
		if half, ok := to.(interface{ CloseWrite() error }); ok && x.data == nil {
			_ = half.CloseWrite() // it may be closed
		}
	}
}

// The replies that name a passive port (RFC 959, 4.1.2; RFC 2428, 3).
var (
	pasvReply = regexp.MustCompile(`^227 .*?(\d+,\d+,\d+,\d+),(\d+),(\d+)`)
	epsvReply = regexp.MustCompile(`^229 .*\(\|\|\|(\d+)\|\)`)
)

// passive replaces the port in a reply that names one, and carries the
// connection that is made to it.
func (p *Proxy) passive(ctx context.Context, line string) (string, error) {
	port, rewrite := passivePort(line)
	if rewrite == nil {
		return line, nil
	}
	host, _, err := net.SplitHostPort(p.server)
	if err != nil {
		return "", err
	}
	l, err := listen(ctx)
	if err != nil {
		return "", err
	}
	here, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return "", errors.Join(err, l.Close())
	}
	p.wg.Go(func() { p.accept(ctx, l, net.JoinHostPort(host, port)) })
	return rewrite(here.Port()), nil
}

// accept carries the one connection that a passive port is for.
func (p *Proxy) accept(ctx context.Context, l net.Listener, server string) {
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	client, err := l.Accept()
	_ = l.Close() // nobody else is wanted
	if err == nil {
		p.join(ctx, client, server, p.readBytes)
	}
}

// passivePort returns the port that a reply names, and how the reply is with
// another one. Both are empty for other replies.
func passivePort(line string) (port string, rewrite func(uint16) string) {
	if m := epsvReply.FindStringSubmatch(line); m != nil {
		return m[1], func(n uint16) string {
			return strings.Replace(line, "|||"+m[1]+"|", fmt.Sprintf("|||%d|", n), 1)
		}
	}
	if m := pasvReply.FindStringSubmatch(line); m != nil {
		high, errHigh := strconv.ParseUint(m[2], 10, 8)
		low, errLow := strconv.ParseUint(m[3], 10, 8)
		if errHigh != nil || errLow != nil {
			return "", nil
		}
		return fmt.Sprint(high<<8 | low), func(n uint16) string {
			was := strings.Join(m[1:], ",")
			return strings.Replace(line, was, fmt.Sprintf("127,0,0,1,%d,%d", n>>8, n&0xff), 1)
		}
	}
	return "", nil
}
