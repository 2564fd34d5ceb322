package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"portside/client"
)

// noise returns n bytes that do not compress and hold every value, CR, LF, NUL
// and 0xFF (Telnet's IAC) among them.
func noise(n int64, seed uint64) []byte {
	b := make([]byte, n)
	r := mathrand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = r.Read(b) // never fails
	return b
}

func same(what string, got, want []byte) error {
	if bytes.Equal(got, want) {
		return nil
	}
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	return fmt.Errorf("%s: got %d bytes, want %d; they differ at %d", what, len(got), len(want), at)
}

// roundTrip stores data, retrieves it and deletes it.
func (s *suite) roundTrip(ctx context.Context, name string, data []byte) error {
	if err := s.put(ctx, name, data, client.TransferOptions{}); err != nil {
		return err
	}
	got, err := s.get(ctx, name, client.TransferOptions{})
	if err != nil {
		return err
	}
	return errors.Join(same("round trip", got, data), s.c.Delete(ctx, s.at(name)))
}

func checkEmptyFile(ctx context.Context, s *suite) error {
	if err := s.put(ctx, "empty", nil, client.TransferOptions{}); err != nil {
		return err
	}
	if n, err := s.c.Size(ctx, s.at("empty")); err != nil || n != 0 {
		return brokenf("size = %d, %v; want 0", n, err)
	}
	got, err := s.get(ctx, "empty", client.TransferOptions{})
	if err != nil {
		return err
	}
	return errors.Join(same("retrieve", got, nil), s.c.Delete(ctx, s.at("empty")))
}

func checkSmallFile(ctx context.Context, s *suite) error {
	if err := s.roundTrip(ctx, "small.txt", []byte("one line\r\nand another\n\x00\xff\xff\x00")); err != nil {
		return err
	}
	// Overwriting leaves nothing of what was there.
	if err := s.put(ctx, "twice", bytes.Repeat([]byte("long"), 500), client.TransferOptions{}); err != nil {
		return err
	}
	return s.roundTrip(ctx, "twice", []byte("short"))
}

func checkBigFile(ctx context.Context, s *suite) error {
	return s.roundTrip(ctx, "big.bin", noise(s.cfg.Big, 1))
}

// checkLocalFiles moves files that the kernel can move by itself.
func checkLocalFiles(ctx context.Context, s *suite) error {
	dir, err := os.MkdirTemp("", "portside-contract-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	data := noise(s.cfg.Big/2+1, 2)
	local := filepath.Join(dir, "local")
	if err = os.WriteFile(local, data, 0o600); err != nil {
		return err
	}
	src, err := os.Open(local)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	n, err := s.c.Store(ctx, s.at("file.bin"), src, client.TransferOptions{})
	if err != nil || n != int64(len(data)) {
		return brokenf("store = %d, %v; want %d", n, err, len(data))
	}
	if err = s.checkConnection("store of a file"); err != nil {
		return err
	}
	dst, err := os.Create(filepath.Join(dir, "back"))
	if err != nil {
		return err
	}
	n, err = s.c.Retrieve(ctx, s.at("file.bin"), dst, client.TransferOptions{})
	if err = errors.Join(err, dst.Close()); err != nil || n != int64(len(data)) {
		return brokenf("retrieve = %d, %v; want %d", n, err, len(data))
	}
	got, err := os.ReadFile(dst.Name())
	if err != nil {
		return err
	}
	return errors.Join(same("through files", got, data), s.c.Delete(ctx, s.at("file.bin")))
}

// checkASCII moves text in TYPE A: what comes back has local line ends, and a
// binary transfer after it is binary again.
func checkASCII(ctx context.Context, s *suite) error {
	text := strings.Repeat("a line of text\n", 1000) + "\nand a last one without an end"
	if err := s.put(ctx, "text.txt", []byte(text), client.TransferOptions{ASCII: true}); err != nil {
		return err
	}
	got, err := s.get(ctx, "text.txt", client.TransferOptions{ASCII: true})
	if err != nil {
		return err
	}
	if err := same("text", got, []byte(text)); err != nil {
		return err
	}
	return errors.Join(s.roundTrip(ctx, "binary.txt", []byte("a\nb\r\nc\rd")), s.c.Delete(ctx, s.at("text.txt")))
}

func checkRestRetrieve(ctx context.Context, s *suite) error {
	data := noise(300_000, 3)
	if err := s.put(ctx, "rest.bin", data, client.TransferOptions{}); err != nil {
		return err
	}
	for _, at := range []int64{1, 65_536, int64(len(data)) - 1, int64(len(data))} {
		got, err := s.get(ctx, "rest.bin", client.TransferOptions{Offset: at})
		if err != nil {
			return fmt.Errorf("from %d: %w", at, err)
		}
		if err := same(fmt.Sprintf("from %d", at), got, data[at:]); err != nil {
			return err
		}
	}
	// The restart marker counts for one transfer only.
	got, err := s.get(ctx, "rest.bin", client.TransferOptions{})
	if err != nil {
		return err
	}
	return errors.Join(same("from the beginning again", got, data), s.c.Delete(ctx, s.at("rest.bin")))
}

func checkRestStore(ctx context.Context, s *suite) error {
	data := noise(200_000, 4)
	const at = 123_456
	if err := s.put(ctx, "resume.bin", data[:at], client.TransferOptions{}); err != nil {
		return err
	}
	if err := s.put(ctx, "resume.bin", data[at:], client.TransferOptions{Offset: at}); err != nil {
		if !s.cfg.has(CanRestAppend) {
			return s.c.Delete(ctx, s.at("resume.bin"))
		}
		return err
	}
	got, err := s.get(ctx, "resume.bin", client.TransferOptions{})
	if err != nil {
		return err
	}
	return errors.Join(same("resumed upload", got, data), s.c.Delete(ctx, s.at("resume.bin")))
}

func checkAppend(ctx context.Context, s *suite) error {
	data := noise(100_000, 5)
	// To a file that is not there, APPE makes it.
	for _, part := range [][]byte{data[:10], data[10:60_000], data[60_000:]} {
		if err := s.put(ctx, "append.bin", part, client.TransferOptions{Append: true}); err != nil {
			return err
		}
	}
	got, err := s.get(ctx, "append.bin", client.TransferOptions{})
	if err != nil {
		return err
	}
	return errors.Join(same("appended", got, data), s.c.Delete(ctx, s.at("append.bin")))
}

// checkProgress holds that the steps of progress add up.
func checkProgress(ctx context.Context, s *suite) error {
	data := noise(s.cfg.Big/4, 6)
	var up, down int64
	err := s.put(ctx, "progress.bin", data, client.TransferOptions{Progress: func(n int64) { up += n }})
	if err != nil {
		return err
	}
	_, err = s.get(ctx, "progress.bin", client.TransferOptions{Progress: func(n int64) { down += n }})
	if err != nil {
		return err
	}
	if up != int64(len(data)) || down != int64(len(data)) {
		return fmt.Errorf("progress said %d up and %d down, of %d bytes", up, down, len(data))
	}
	return s.c.Delete(ctx, s.at("progress.bin"))
}

// checkMissing holds that what is not there is a refusal by the server, that
// nothing is written, and that the session goes on.
func checkMissing(ctx context.Context, s *suite) error {
	var b buffer
	_, err := s.c.Retrieve(ctx, s.at("missing"), &b, client.TransferOptions{})
	if !isReply(err) {
		return brokenf("retrieve of a missing file: %v, want a refusal", err)
	}
	if len(b.data) > 0 {
		return fmt.Errorf("a missing file had %d bytes", len(b.data))
	}
	_, err = s.c.Store(ctx, s.at("missing/file"), newReader([]byte("x")), client.TransferOptions{})
	if !isReply(err) {
		return brokenf("store into a missing folder: %v, want a refusal", err)
	}
	return s.roundTrip(ctx, "after-missing", []byte("still here"))
}

// checkMany moves many small files, one after the other, on one session.
func checkMany(ctx context.Context, s *suite) error {
	name := func(i int) string { return fmt.Sprintf("many-%03d", i) }
	data := func(i int) []byte { return noise(int64(i*37), uint64(i)) }
	for i := range s.cfg.Many {
		if err := s.put(ctx, name(i), data(i), client.TransferOptions{}); err != nil {
			return fmt.Errorf("file %d: %w", i, err)
		}
	}
	for i := range s.cfg.Many {
		got, err := s.get(ctx, name(i), client.TransferOptions{})
		if err != nil {
			return fmt.Errorf("file %d: %w", i, err)
		}
		if err := same(name(i), got, data(i)); err != nil {
			return err
		}
		if err := s.c.Delete(ctx, s.at(name(i))); err != nil {
			return err
		}
	}
	return nil
}

func isReply(err error) bool {
	var refused *client.ReplyError
	return errors.As(err, &refused)
}
