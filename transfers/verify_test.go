package transfers

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"path/filepath"
	"strings"
	"testing"

	"portside/client"
)

// hashing answers with a hash of its choice.
type hashing struct {
	*fake
	algo, sum string
	err       error
}

func (h hashing) Hash(context.Context, string, string) (client.Hash, error) {
	return client.Hash{Algo: h.algo, Sum: h.sum}, h.err
}

func TestHashSays(t *testing.T) {
	data := []byte("123456789")
	sum := func(algo string) string {
		h := newHash(algo)
		if h == nil {
			t.Fatalf("no %s", algo)
		}
		_, _ = h.Write(data)
		return hex.EncodeToString(h.Sum(nil))
	}
	if got := sum("CRC32"); got != "cbf43926" || crc32.ChecksumIEEE(data) != 0xcbf43926 {
		t.Errorf("CRC32 = %s", got)
	}
	tests := []struct {
		algo, sum   string
		err         error
		same, known bool
	}{
		{"SHA-512", sum("SHA-512"), nil, true, true},
		{"SHA-256", strings.ToUpper(sum("SHA-256")), nil, true, true},
		{"SHA-1", sum("SHA-1"), nil, true, true},
		{"MD5", sum("MD5"), nil, true, true},
		{"CRC32", "cbf43926", nil, true, true},
		{"CRC32", "cbf43927", nil, false, true},
		{"TIGER", "00", nil, false, false},
		{"", "", client.ErrUnsupported, false, false},
		{"", "", refuse("HASH", 550, "No."), false, false},
		{"", "", lostConn(), false, false},
	}
	for _, tt := range tests {
		task := newTask(hashing{newFake(), tt.algo, tt.sum, tt.err}, Downloading, Options{})
		same, known, err := task.hashSays(t.Context(), "/a", bytes.NewReader(data), int64(len(data)))
		if err != nil || same != tt.same || known != tt.known {
			t.Errorf("%s %q %v: same %v, known %v, %v", tt.algo, tt.sum, tt.err, same, known, err)
		}
	}
	task := newTask(newFake(), Downloading, Options{})
	if _, known, err := task.hashSays(t.Context(), "/a", nil, hashLimit+1); known || err != nil {
		t.Error("a large file was hashed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	task = newTask(hashing{fake: newFake(), err: context.Canceled}, Downloading, Options{})
	if _, _, err := task.hashSays(ctx, "/a", nil, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

// A server that sets no times is mentioned once, not for every file.
func TestTimesUnsupported(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		write(t, filepath.Join(dir, name), nil)
	}
	f := newFake()
	f.noMFMT = true
	opt := quick(Overwrite)
	opt.Times = true
	task := newTask(f, Uploading, opt)
	for _, name := range []string{"a", "b", "c"} {
		if _, err := task.upload(t.Context(), filepath.Join(dir, name), &target{path: "/" + name}); err != nil {
			t.Error(err)
		}
	}
	sum := task.sum
	if sum.Files != 3 || len(sum.Notes) != 1 || len(f.lines("MFMT")) != 1 {
		t.Errorf("summary = %+v", sum)
	}
}

// Why a context ended is told, and that it ended can be asked for.
func TestEnded(t *testing.T) {
	why := errors.New("interrupt")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if err := ended(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
		t.Errorf("error = %v", err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	cancel(nil)
	if err := ended(ctx); err.Error() != context.Canceled.Error() {
		t.Errorf("error = %v", err)
	}
	if a := Explain(ended(ctx)); a.Kind != client.KindCancelled {
		t.Errorf("advice = %+v", a)
	}
}
