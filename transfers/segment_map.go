package transfers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// The names of a partial file with holes, and of the map of it:
// ".NAME.portside-segments" and ".NAME.portside-map".
const (
	segmentSuffix = ".portside-segments"
	mapSuffix     = ".portside-map"
	mapLimit      = 64 << 10 // bytes of a map that is read
)

// A segmentMap says which ranges of a partial file are there.
type segmentMap struct {
	Size   int64      `json:"size"` // of the whole file
	Time   time.Time  `json:"time"` // of the source
	Ranges [][2]int64 `json:"ranges"`
}

func segmentName(name string) string    { return shortName(name, segmentSuffix) }
func segmentMapName(name string) string { return shortName(name, mapSuffix) }

// shortName is name with a prefix and a suffix, or a checksum of it with these
// where it is too long.
func shortName(name, suffix string) string {
	if whole := partPrefix + name + suffix; len(whole) < maxNameLen {
		return whole
	}
	sum := sha256.Sum256([]byte(name))
	return partPrefix + hex.EncodeToString(sum[:16]) + suffix
}

// isSegmentName reports whether name is one of these.
func isSegmentName(name string) bool {
	for _, suffix := range []string{segmentSuffix, mapSuffix} {
		if len(name) > len(partPrefix)+len(suffix) && name[:1] == partPrefix && name[len(name)-len(suffix):] == suffix {
			return true
		}
	}
	return false
}

// open finds out what is there and gives the partial file the name that ordinary
// resuming does not take.
func (s *segments) open() error {
	p := s.f.p
	root, old := p.at.root, segmentName(p.at.name)
	have, err := p.size()
	if err != nil {
		return err
	}
	if have == 0 && s.f.goOn && s.lanes == nil {
		if s.lanes, err = s.reopen(); err != nil || s.lanes != nil {
			return err
		}
	}
	if s.lanes == nil || p.name != old {
		s.removeMap()
		if err = root.Rename(p.name, old); err != nil {
			return localErr("create", p.path(), err)
		}
		p.name = old
		s.lanes = newLanes(p, s.f.src.size, [][2]int64{{0, have}})
	}
	return nil
}

// reopen takes up what an earlier call has left; nil where there is nothing to
// go on from.
func (s *segments) reopen() (*lanes, error) {
	p := s.f.p
	fresh := p.name
	p.name = segmentName(p.at.name)
	empty := p.f
	fi, err := p.at.root.Lstat(p.name)
	if err != nil || !fi.Mode().IsRegular() {
		p.name = fresh
		return nil, nil
	}
	if err = p.tryOpen(); err != nil {
		p.name, p.f = fresh, empty
		if errors.Is(err, errChanged) {
			err = errBusy
		}
		return nil, localErr("create", p.at.path(), err)
	}
	ranges, ok := s.readMap(fi.Size())
	s.f.old, s.f.since = true, fi.ModTime()
	if !ok || s.f.outdated() {
		_ = p.f.Close()
		p.name, p.f, s.f.old = fresh, empty, false
		return nil, nil
	}
	_ = empty.Close()
	_ = p.at.root.Remove(fresh)
	return newLanes(p, s.f.src.size, ranges), nil
}

// readMap returns the ranges of a map that fits the source. Without a map the
// file has no holes.
func (s *segments) readMap(size int64) ([][2]int64, bool) {
	at := s.f.p.at
	h, err := at.root.Open(segmentMapName(at.name))
	if errors.Is(err, fs.ErrNotExist) {
		return [][2]int64{{0, size}}, size <= s.f.src.size
	}
	if err != nil {
		return nil, false
	}
	defer func() { _ = h.Close() }()
	var m segmentMap
	if json.NewDecoder(io.LimitReader(h, mapLimit)).Decode(&m) != nil || m.Size != s.f.src.size {
		return nil, false
	}
	if s.f.src.precise && !m.Time.IsZero() && !m.Time.Equal(s.f.src.time) {
		return nil, false
	}
	end := int64(0)
	for _, r := range m.Ranges {
		if r[0] < end || r[1] < r[0] || r[1] > size {
			return nil, false
		}
		end = r[1]
	}
	return m.Ranges, true
}

// saveRanges writes the map anew, in one step, after what it says is on the disk.
func (s *segments) saveRanges(ranges [][2]int64) error {
	s.mapping.Lock()
	defer s.mapping.Unlock()
	if err := s.f.p.f.Sync(); err != nil {
		return localErr("write", s.f.p.path(), err)
	}
	m := segmentMap{Size: s.f.src.size, Ranges: ranges}
	if s.f.src.precise {
		m.Time = s.f.src.time
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	at := s.f.p.at
	name := segmentMapName(at.name)
	h, err := at.root.OpenFile(name+"~", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return localErr("create", at.path(), err)
	}
	_, err = h.Write(b)
	if err = errors.Join(err, h.Close()); err == nil {
		err = at.root.Rename(name+"~", name)
	}
	return localErr("write", at.path(), err)
}

func (s *segments) removeMap() {
	at := s.f.p.at
	_ = at.root.Remove(segmentMapName(at.name))
	_ = at.root.Remove(segmentMapName(at.name) + "~")
}

// toPart gives the partial file its ordinary name: it has no holes.
func (s *segments) toPart() error {
	p := s.f.p
	if name := partName(p.at.name); p.name != name {
		if err := p.at.root.Rename(p.name, name); err != nil {
			return localErr("rename", p.path(), err)
		}
		p.name = name
	}
	s.removeMap()
	return nil
}
