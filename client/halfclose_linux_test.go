package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"portside/bench/delay"
	"portside/client"
	"portside/client/internal/realserver"
	"portside/client/transcript"
)

// Through something that carries bytes and no packets, 40 ms away, small files arrive
// whole from every server, and vsftpd is not kept waiting for the end of its data to be
// acknowledged.
func TestHalfCloseReal(t *testing.T) {
	t.Parallel()
	for _, kind := range realserver.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			srv, err := realserver.Start(t.Context(), realserver.Config{Kind: kind})
			if gone, ok := errors.AsType[*realserver.Unavailable](err); ok {
				t.Skip(gone)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = srv.Close() })
			far, err := delay.NewProxy(context.WithoutCancel(t.Context()), srv.Addr, 20*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(far.Close)
			rec := transcript.New(0, nil)
			s, err := client.Dial(t.Context(), far.Addr, client.Options{
				User: srv.User, Password: srv.Password, Security: client.SecurityOff, Mode: client.EPSV, Transcript: rec,
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			const files = 12
			text := func(i int) string { return strings.Repeat(fmt.Sprintf("file %02d\n", i), 300) }
			for i := range files {
				store(t, s, fmt.Sprintf("f%02d", i), text(i), i < files-1)
			}
			for i := range files {
				var got bytes.Buffer
				opt := client.TransferOptions{More: i < files-1, Size: int64(len(text(i)))}
				if _, err := s.Retrieve(t.Context(), fmt.Sprintf("f%02d", i), &got, opt); err != nil || got.String() != text(i) {
					t.Errorf("file %d: %d bytes came, %v", i, got.Len(), err)
				}
			}
			if l, err := s.ListWith(t.Context(), "", client.ListOptions{More: true}); err != nil || len(l.Entries) != files {
				t.Errorf("List = %v, %v, want %d files", l, err, files)
			}
			if kind == realserver.VSFTPD && !noted(rec, halfNote) {
				t.Error("vsftpd waits for the acknowledgement of every end, and nothing is done about it")
			}
		})
	}
}
