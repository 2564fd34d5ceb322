package transfers_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

// The server's last word on a transfer never comes, or is cut off by the end
// of the control connection, each time: the file ends identical all the same,
// judged by what is there, and hardly a byte moves twice.
func TestLastWordNeverComes(t *testing.T) {
	data := pattern(600_000)
	when := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	for name, final := range map[string]string{"silence": ftptest.Silence, "connection closed": ftptest.CloseConn} {
		for _, direction := range []transfers.Direction{transfers.Downloading, transfers.Uploading} {
			t.Run(direction.String()+", "+name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				local := filepath.Join(dir, "x")
				verb := "RETR"
				opts := []ftptest.Option{ftptest.FileAt("/x", string(data), when, 0o644)}
				if direction == transfers.Uploading {
					verb, opts = "STOR", nil
					writeAt(t, local, data, when)
				}
				fault := ftptest.Final(final, verb)
				dropped := direction == transfers.Downloading && final == ftptest.CloseConn
				if dropped { // the end of the control connection may overtake the data
					fault = ftptest.Times(1, fault)
				}
				s := newSite(t, append(opts, fault)...)
				s.opt.Timeout = 2 * time.Second
				f := transfers.File{Direction: direction, Remote: "/x", Root: dir, Local: "x"}
				err := s.until(f, transfers.Options{Exists: transfers.Overwrite, Times: true})
				if err != nil {
					t.Fatal(err)
				}
				check(t, local, data)
				if got := s.srv.File("/x"); string(got) != string(data) {
					t.Errorf("the server has %d bytes", len(got))
				}
				if moved := s.srv.Moved(); !dropped && moved > int64(len(data))+150_000 {
					t.Errorf("%d bytes moved", moved)
				}
				if left, _ := os.ReadDir(dir); len(left) != 1 {
					t.Errorf("%d names here", len(left))
				}
			})
		}
	}
}

// until moves a file in as many tries as a queue would make, each on a session
// of its own where the one before was lost.
func (s *site) until(f transfers.File, opt transfers.Options) error {
	var r transfers.Remote
	var last error
	for range 4 {
		if r == nil {
			var err error
			if r, err = s.dial(s.t.Context()); err != nil {
				return err
			}
		}
		out, err := transfers.Move(s.t.Context(), r, f, opt)
		if err == nil && out.Pending != nil {
			err = out.Pending.Wait(s.t.Context())
		}
		if err == nil {
			return nil
		}
		last = err
		j := transfers.Judge(err)
		if !j.Again {
			return err
		}
		f.GoOn = true
		f.Settled = transfers.Settled{Action: transfers.Overwrite}
		if sess, ok := r.(*client.Session); j.SessionLost || (ok && sess.Err() != nil) {
			r = nil
		}
	}
	return last
}
