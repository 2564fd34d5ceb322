package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// sides are the files that belong to a database, by what follows its name.
func sides() []string { return []string{"", "-wal", "-shm", "-journal"} }

// damaged tells what is wrong with a file before SQLite has seen it.
func (s *Store) damaged(format string, args ...any) error {
	return &CorruptError{Path: s.path, Err: fmt.Errorf(format, args...)}
}

// inspect looks at the file without SQLite, which changes some files when it opens
// them, and begins anew where it finds nothing it understands in the log.
func (s *Store) inspect() error {
	wal, walSize, err := head(s.path+"-wal", 32)
	if err != nil {
		return err
	}
	top, size, err := head(s.path, 100)
	if err != nil {
		return err
	}
	if size == 0 {
		if walSize > 0 {
			return s.damaged("the file is empty, and its log is not")
		}
		return nil
	}
	if len(top) < 100 || string(top[:16]) != "SQLite format 3\x00" {
		return s.damaged("the file does not begin as a database does")
	}
	id, found := binary.BigEndian.Uint32(top[68:]), binary.BigEndian.Uint32(top[60:])
	if id != application && (id != 0 || found != 0) {
		return &ForeignError{Path: s.path}
	}
	if found > version {
		return &VersionError{Path: s.path, Version: int(found), Known: version}
	}
	if walSize > 0 && !validLog(wal) {
		return s.damaged("the log beside the file is not one")
	}
	if want := wanted(top); walSize == 0 && want > size {
		return s.damaged("the file was cut off: %d bytes of %d are left", size, want)
	}
	return nil
}

// wanted is how long a file is by its header: the size of a page, and how many there are.
func wanted(top []byte) int64 {
	page := int64(binary.BigEndian.Uint16(top[16:]))
	if page == 1 {
		page = 65536
	}
	return page * int64(binary.BigEndian.Uint32(top[28:]))
}

// head reads the first n bytes of a file, and its size. A file that is missing has none.
func head(path string, n int64) (data []byte, size int64, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	data, err = io.ReadAll(io.LimitReader(file, n))
	return data, info.Size(), err
}

// validLog reports whether a write-ahead log begins with a header whose checksum is
// right (https://www.sqlite.org/fileformat2.html, 4.1). A header of zeros is what a
// power cut leaves; nothing of such a log counts.
func validLog(h []byte) bool {
	if len(h) < 32 {
		return false
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch binary.BigEndian.Uint32(h) {
	case 0:
		return string(h) == string(make([]byte, 32))
	case 0x377f0682:
	case 0x377f0683:
		order = binary.BigEndian
	default:
		return false
	}
	var a, b uint32
	for i := 0; i < 24; i += 8 {
		a += order.Uint32(h[i:]) + b
		b += order.Uint32(h[i+4:]) + a
	}
	return binary.BigEndian.Uint32(h[24:]) == a && binary.BigEndian.Uint32(h[28:]) == b
}

// checkTime is how long Open looks for damage in a file that nobody suspects. A file
// that is not finished by then is damaged where it has not been looked at, if at all.
const checkTime = 400 * time.Millisecond

// check looks for damage inside the file; all of it, where some was met before.
func (s *Store) check(ctx context.Context, conn *sql.Conn) error {
	_, err := os.Lstat(s.path + suspectSide)
	suspected := err == nil
	bounded, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	if suspected {
		bounded = ctx
	}
	var verdict string
	err = conn.QueryRowContext(bounded, "PRAGMA quick_check(1)").Scan(&verdict)
	switch {
	case err == nil && verdict != "ok":
		return s.damaged("%s", verdict)
	case err == nil && suspected:
		return os.Remove(s.path + suspectSide)
	case err != nil && bounded.Err() != nil && ctx.Err() == nil:
		return nil // there was no more time
	}
	return err
}

// suspectSide is what follows the name of a file in which damage was met.
const suspectSide = ".suspect"

// suspect makes the next Open look at all of the file.
func (s *Store) suspect() {
	if s.dubious.Swap(true) {
		return
	}
	if file, err := os.OpenFile(s.path+suspectSide, os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		_ = file.Close() // it is empty
	}
}

// setAside renames the file and what belongs to it. No file is overwritten.
func (s *Store) setAside(why error) (*Damage, error) {
	stem := s.path + ".damaged-" + s.now().Format("20060102-150405")
	aside := stem
	for n := 2; taken(aside); n++ {
		aside = fmt.Sprintf("%s-%d", stem, n)
	}
	for _, side := range sides() {
		if err := os.Rename(s.path+side, aside+side); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if err := os.Remove(s.path + suspectSide); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	s.dubious.Store(false)
	return &Damage{Path: s.path, Aside: aside, Err: why}, nil
}

func taken(path string) bool {
	for _, side := range sides() {
		if _, err := os.Lstat(path + side); err == nil {
			return true
		}
	}
	return false
}
