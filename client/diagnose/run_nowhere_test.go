package diagnose_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"portside/client/diagnose"
	"portside/client/ftptest"
)

func TestUnusableTarget(t *testing.T) {
	if _, err := diagnose.Run(t.Context(), diagnose.Target{}, diagnose.Options{}); err == nil {
		t.Error("a target without a host was taken")
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	rep, err := diagnose.Run(t.Context(), diagnose.Target{Addr: ftptest.ClosedPort(t).String(), Options: plain()}, diagnose.Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkForm(t, rep, diagnose.Options{})
	if rep.Error == "" || rep.ErrKind != "refused" || rep.Control[0].Class != diagnose.ClassRefused || len(rep.Methods) > 0 {
		t.Errorf("error %q, kind %q, control %+v", rep.Error, rep.ErrKind, rep.Control)
	}
}

var errNowhere = errors.New("nowhere")

// A nowhere dialer knows no way.
type nowhere struct{}

func (nowhere) DialContext(context.Context, string, string) (net.Conn, error) {
	return nil, errNowhere
}

func TestDialerIsUsed(t *testing.T) {
	o := plain()
	o.Dialer = nowhere{}
	rep, err := diagnose.Run(t.Context(), diagnose.Target{Addr: "127.0.0.1:21", Options: o}, diagnose.Options{})
	if err != nil || !strings.Contains(rep.Error, "nowhere") {
		t.Errorf("error %q, %v", rep.Error, err)
	}
}

// outside is an address that the server says to see.
const outside = "198.51.100.7"

// TestOuterAddress has a server that refuses the inner address.
func TestOuterAddress(t *testing.T) {
	t.Parallel()
	srv := ftptest.NewServer(t, append(
		files(), ftptest.Reply("EPRT", "500 Illegal EPRT command."), ftptest.Reply("PORT", "500 Illegal PORT command."),
		ftptest.Reply("STAT", "211-Status\n Connected to "+outside+"\n211 End"),
	)...)
	rep := diagnosed(t, srv, plain(), diagnose.Options{Only: []string{"active"}})
	if l := rep.Local; l.External.String() != outside || l.ExternalBy != "STAT" || l.NAT != diagnose.Works {
		t.Errorf("local: %+v", l)
	}
	list := attempts(rep, "PORT")
	if last := list[len(list)-1]; len(list) != 3 || last.Announced.Addr().String() != outside || last.How != diagnose.HowRejected {
		t.Errorf("%+v", list)
	}
}

// TestMappedPort has a server that takes the address only that the router gives.
func TestMappedPort(t *testing.T) {
	t.Parallel()
	const most = 4 // two tries each of EPRT and PORT
	refuse := ftptest.Times(most/2, ftptest.Reply("EPRT", "500 Illegal EPRT command."), ftptest.Reply("PORT", "500 Illegal PORT command."))
	srv := ftptest.NewServer(t, append(files(), refuse)...)
	mapped, released := 0, 0
	rep := diagnosed(t, srv, plain(), diagnose.Options{
		Only: []string{"active"},
		MapPort: func(_ context.Context, at netip.AddrPort) (diagnose.Mapping, error) {
			mapped++
			return diagnose.Mapping{Announce: at, By: "PCP", Release: func() { released++ }}, nil
		},
	})
	list := attempts(rep, "PORT")
	if last := list[len(list)-1]; len(list) != 3 || last.Result != diagnose.Works || rep.Local.MappedBy != "PCP" || mapped != 1 || released != 1 {
		t.Errorf("mapped %d times, released %d, by %q: %+v", mapped, released, rep.Local.MappedBy, list)
	}
}
