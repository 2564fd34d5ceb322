package demo_test

import (
	"bytes"
	"errors"
	"testing"

	"portside/client"
	"portside/client/demo"
)

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// The server closes the passive port that was asked for ahead when it is told to
// give the transfer up: the next transfer asks for another one.
func TestTransferAfterAbort(t *testing.T) {
	srv := start(t, demo.Options{})
	s := dial(t, srv, client.Options{User: demo.User, Password: demo.Password, Security: client.SecurityOff})
	for range 2 {
		l, err := s.ListWith(t.Context(), "/", client.ListOptions{More: true})
		if err != nil || len(l.Entries) == 0 {
			t.Fatal(err)
		}
	}
	for range 3 {
		if _, err := s.Retrieve(t.Context(), "/Samples/zeros-1MiB.bin", fullDisk{}, client.TransferOptions{More: true}); err == nil {
			t.Fatal("a full disk was not told")
		}
		if _, err := s.Retrieve(t.Context(), "README.txt", new(bytes.Buffer), client.TransferOptions{More: true}); err != nil {
			t.Fatal(err)
		}
	}
}
