package portmap

import (
	"context"
	"errors"
	"fmt"
)

// keep remembers a lease for Release and Close; false after Close.
func (m *Mapper) keep(got lease) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.leases[got.external] = got
	return true
}

func (m *Mapper) isClosed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.closed
}

// Release removes a mapping. It waits for the router Options.Wait at most. A mapping that
// is gone already is no error.
func (m *Mapper) Release(ctx context.Context, mp Mapping) error {
	got, ok := m.take(mp)
	if !ok {
		return nil
	}
	return m.remove(ctx, got)
}

// releaseLater is Release for callers with no time for it: Close waits for the removal.
func (m *Mapper) releaseLater(ctx context.Context, mp Mapping) {
	if got, ok := m.take(mp); ok {
		m.removeLater(ctx, got)
	}
}

func (m *Mapper) take(mp Mapping) (lease, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	got, ok := m.leases[mp.External]
	delete(m.leases, mp.External)
	return got, ok
}

func (m *Mapper) remove(ctx context.Context, got lease) error {
	rctx, cancel := context.WithTimeout(ctx, m.opt.Wait)
	defer cancel()
	if err := got.remove(rctx); err != nil {
		if rctx.Err() != nil && ctx.Err() == nil {
			err = errNoAnswer
		}
		return fmt.Errorf("the mapping of %s was not removed: %w", got.external, err)
	}
	return nil
}

// removeLater removes in the background, also when ctx is over. After Close, which has
// waited for the last of these, it removes at once.
func (m *Mapper) removeLater(ctx context.Context, got lease) {
	ctx = context.WithoutCancel(ctx)
	m.mu.Lock()
	late := m.closed
	if !late {
		m.work.Add(1)
	}
	m.mu.Unlock()
	if late {
		_ = m.remove(ctx, got) // its lifetime ends it
		return
	}
	go func() {
		defer m.work.Done()
		_ = m.remove(ctx, got) // its lifetime ends it
	}()
}

// Close removes all mappings that are left, and returns when nothing of the Mapper runs any
// more. It may be called again.
func (m *Mapper) Close(ctx context.Context) error {
	m.mu.Lock()
	m.closed = true
	left := m.leases
	m.leases = nil
	m.mu.Unlock()
	m.stop()
	errs := make(chan error, len(left))
	for _, got := range left {
		m.work.Go(func() { errs <- m.remove(ctx, got) })
	}
	m.work.Wait()
	close(errs)
	var all error
	for err := range errs {
		all = errors.Join(all, err)
	}
	return all
}
