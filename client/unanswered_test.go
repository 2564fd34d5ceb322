package client_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
)

// TestUnansweredActive has a server that says nothing after the transfer command,
// as vsftpd does while a firewall drops its connection: the wait is that for the
// connection and not that for a reply, and the Session lives on.
func TestUnansweredActive(t *testing.T) {
	t.Parallel()
	inTime(t, "being told", 10*time.Second, func() time.Duration {
		srv := ftptest.NewServer(t, ftptest.Without("MLSD", "MLST"), ftptest.Times(1, ftptest.Reply("LIST", ftptest.Silence)))
		s, err := client.Dial(t.Context(), srv.Addr, client.Options{Mode: client.EPRT})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Abort()
		began := time.Now()
		_, err = s.List(t.Context(), "/")
		took := time.Since(began)
		var de *client.DataError
		if !errors.As(err, &de) || de.Step != client.StepAccept || !de.Timeout() {
			t.Errorf("List error = %v, want that no connection was accepted in time", err)
		}
		if _, err := s.List(t.Context(), "/"); err != nil {
			t.Errorf("the next List: %v", err)
		}
		return took
	})
}

// TestPartOfPassivePorts has a server of whose passive ports some never answer. The
// first is waited for, as the method has worked; from then on a dead port costs a
// second.
func TestPartOfPassivePorts(t *testing.T) {
	t.Parallel()
	unspoilt(t, func() []string { return deadPorts(t) })
}

func deadPorts(t *testing.T) (wrong []string) {
	t.Helper()
	srv := ftptest.NewServer(t)
	s, err := client.Dial(t.Context(), srv.Addr, client.Options{Mode: client.Passive})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Abort()
	list := func() time.Duration {
		began := time.Now()
		if _, err := s.List(t.Context(), "/"); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	list()
	for i, most := range []time.Duration{12 * time.Second, 3 * time.Second} {
		if err := srv.Apply(ftptest.Times(1, ftptest.BlackHolePassive("EPSV"))); err != nil {
			t.Fatal(err)
		}
		if took := list(); took < time.Second || took > most {
			wrong = append(wrong, fmt.Sprintf("with dead port %d a listing took %s, want a second at least and %s at most", i+1, took, most))
		}
	}
	return wrong
}
