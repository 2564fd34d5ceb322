package transfers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"portside/client"
	"portside/client/listing"
)

// decide compares a file that is on both sides.
func (m *mirrorPlanner) decide(ctx context.Context, e *MirrorEntry) (MirrorAction, string, error) {
	near, far := e.item, e.there // local, remote
	if !m.opt.Upload {
		near, far = far, near
	}
	if far.size < 0 {
		n, err := m.askSize(ctx, e.remote)
		if err != nil {
			return MirrorKeep, "", err
		}
		far.size = n
		if !m.opt.Upload {
			e.Size = n
		}
	}
	resized := far.size >= 0 && far.size != near.size
	switch m.opt.Compare {
	case CompareSize:
		switch {
		case resized:
			return MirrorChanged, "size", nil
		case far.size < 0:
			return MirrorChanged, "size not known", nil
		}
		return MirrorKeep, "", nil
	case CompareHash:
		if resized {
			return MirrorChanged, "size", nil
		}
		same, err := m.sameHash(ctx, e, near)
		if err != nil || same {
			return MirrorKeep, "", err
		}
		return MirrorChanged, "content", nil
	case CompareNewer:
		return m.decideNewer(ctx, e, near, far)
	}
	if resized {
		e.goOn = m.isEarlierPart(near, far)
		return MirrorChanged, "size", nil
	}
	return m.decideTime(ctx, e, near, far)
}

// decideTime compares files of the same size.
func (m *mirrorPlanner) decideTime(ctx context.Context, e *MirrorEntry, near, far *mirrorItem) (MirrorAction, string, error) {
	order, known := m.order(ctx, e.remote, near, far)
	switch {
	case !known && far.size < 0:
		return MirrorChanged, "neither size nor time known", nil
	case !known, order == 0:
		return MirrorKeep, "", nil
	case m.opt.Upload && order > 0 && !hasFeature(m.task.r, "MFMT"):
		// Later there, on a server that gives files the time at which they came.
		return MirrorKeep, "sent after it was changed", nil
	}
	return MirrorChanged, "time", nil
}

// decideNewer is for CompareNewer.
func (m *mirrorPlanner) decideNewer(ctx context.Context, e *MirrorEntry, near, far *mirrorItem) (MirrorAction, string, error) {
	order, known := m.order(ctx, e.remote, near, far)
	newer := order > 0
	if m.opt.Upload {
		newer = order < 0
	}
	switch {
	case !known && far.size == near.size, known && order == 0 && far.size == near.size:
		return MirrorKeep, "", nil
	case !known:
		return MirrorChanged, "time not known", nil
	case newer:
		return MirrorChanged, "newer", nil
	case !m.opt.Upload || far.size < 0 || far.size >= near.size:
		return MirrorKeep, "not newer", nil
	}
	// Shorter and later there: an upload that was broken off, if it is a part.
	part, err := m.isPart(ctx, e.remote, e.local, far.size)
	if err != nil || !part {
		return MirrorKeep, "not newer", err
	}
	e.goOn = m.isEarlierPart(near, far)
	return MirrorChanged, "unfinished", nil
}

// isEarlierPart reports whether an upload may go on from what is there.
func (m *mirrorPlanner) isEarlierPart(near, far *mirrorItem) bool {
	return m.opt.Upload && far.size >= sampleSize && far.size < near.size && far.unit <= time.Second && !near.time.After(far.time)
}

// isPart reports whether the last bytes of the remote file are those of the
// local one at the same place.
func (m *mirrorPlanner) isPart(ctx context.Context, remote, local string, size int64) (bool, error) {
	if size == 0 {
		return true, nil
	}
	f, err := m.root.Open(local)
	if err != nil {
		return false, localErr("open", filepath.Join(m.plan.local, local), err)
	}
	defer func() { _ = f.Close() }()
	return m.task.sameTail(ctx, remote, f, size)
}

// askSize asks for a size that a listing did not say.
func (m *mirrorPlanner) askSize(ctx context.Context, remote string) (int64, error) {
	n := listing.UnknownSize
	err := m.task.simply(ctx, func(ctx context.Context) (err error) {
		n, err = m.task.size(ctx, remote)
		return err
	})
	return n, err
}

// sameHash compares the whole contents by the server's checksum.
func (m *mirrorPlanner) sameHash(ctx context.Context, e *MirrorEntry, near *mirrorItem) (bool, error) {
	h, ok := m.task.r.(hasher)
	if !ok {
		return false, ErrNoHash
	}
	var sum client.Hash
	err := m.task.simply(ctx, func(ctx context.Context) (err error) {
		if h, ok = m.task.r.(hasher); !ok {
			return ErrNoHash
		}
		sum, err = h.Hash(ctx, e.remote, "")
		return err
	})
	if errors.Is(err, client.ErrUnsupported) {
		return false, fmt.Errorf("%w: %w", ErrNoHash, err)
	}
	if err != nil {
		return false, m.task.about(e.remote, err)
	}
	if newHash(sum.Algo) == nil {
		return false, ErrNoHash
	}
	f, err := m.root.Open(e.local)
	if err != nil {
		return false, localErr("open", filepath.Join(m.plan.local, e.local), err)
	}
	defer func() { _ = f.Close() }()
	return sumIs(ctx, f, near.size, sum)
}

// order compares times: negative where the remote file is older than the local
// one, positive where it is newer, 0 where both are the same as far as the
// server says. A plain listing has the server's local time, and only to the
// minute or the day: where it does not fit, the exact time is asked for.
func (m *mirrorPlanner) order(ctx context.Context, remote string, near, far *mirrorItem) (order int, known bool) {
	if far.time.IsZero() {
		m.exact(ctx, remote, far)
	}
	if far.time.IsZero() {
		return 0, false
	}
	if far.unit <= time.Second {
		return orderOf(near.time, far.time, time.Second), true
	}
	zone, learnt := m.zones[far.time.Format(time.DateOnly)]
	fits := orderOf(near.time, far.time.Add(zone), far.unit) == 0
	if far.unit >= 24*time.Hour {
		fits = near.time.After(far.time.Add(-14*time.Hour)) && near.time.Before(far.time.Add(38*time.Hour))
	}
	if fits && (learnt || m.noMDTM || far.unit >= 24*time.Hour) {
		return 0, true
	}
	listed, unit := far.time, far.unit
	if !m.exact(ctx, remote, far) {
		if fits {
			return 0, true
		}
		return orderOf(near.time, far.time.Add(zone), far.unit), true
	}
	if unit == time.Minute {
		if m.zones == nil {
			m.zones = make(map[string]time.Duration)
		}
		// Zones differ from UTC by quarters of an hour.
		quarters := math.Round(far.time.Sub(listed).Minutes() / 15)
		m.zones[listed.Format(time.DateOnly)] = time.Duration(quarters) * 15 * time.Minute
	}
	return orderOf(near.time, far.time, time.Second), true
}

// exact asks for the time to the second, and fills it in.
func (m *mirrorPlanner) exact(ctx context.Context, remote string, far *mirrorItem) bool {
	timed, ok := m.task.r.(timer)
	if !ok || m.noMDTM || m.task.lost() {
		return false
	}
	t, err := timed.ModTime(ctx, remote)
	if err != nil || t.IsZero() {
		m.noMDTM = errors.Is(err, client.ErrUnsupported)
		return false
	}
	far.time, far.unit = t, time.Second
	return true
}

// orderOf compares a local time with a remote one that stands for a span of
// unit. A second more or less is none: file systems round.
func orderOf(near, far time.Time, unit time.Duration) int {
	near, far = near.Truncate(time.Second), far.Truncate(time.Second)
	switch {
	case near.Before(far.Add(-time.Second)):
		return 1
	case near.After(far.Add(unit)):
		return -1
	default:
		return 0
	}
}
