package state

import (
	"errors"
	"fmt"
	"net/netip"

	"portside/client"
)

// DataTrouble reports whether err says that no data connection could be made, and
// whether the one that was tried is active, opened by the server.
func DataTrouble(err error) (active, ok bool) {
	var de *client.DataError
	if !errors.As(err, &de) || de.Step == client.StepCopy {
		return false, false
	}
	return de.Method.Active(), true
}

// ConnectionTrouble reports whether err is one that a diagnosis can explain: it
// is about connections, not about files, names or rights.
func ConnectionTrouble(err error) bool {
	if err == nil {
		return false
	}
	switch client.Explain(err).Kind {
	case client.KindHost, client.KindRefused, client.KindTimeout, client.KindTLS, client.KindLost, client.KindData, client.KindBusy:
		return true
	case client.KindOther, client.KindLogin, client.KindCert, client.KindNotFound, client.KindDenied, client.KindSpace,
		client.KindName, client.KindUnsupported, client.KindLocal, client.KindCancelled:
	}
	return false
}

// ActiveBlocked says what keeps the server from connecting to this computer,
// where err is about that; info is of the session that tried it. ok is false for
// other errors.
func ActiveBlocked(info client.Info, err error) (sentence, next string, ok bool) {
	var de *client.DataError
	if !errors.As(err, &de) || !de.Method.Active() || de.Step != client.StepAccept {
		return "", "", false
	}
	var re *client.ReplyError
	if errors.As(de.Err, &re) && re.Reply.Code != 425 {
		return "", "", false // it says itself why
	}
	next = "Passive mode needs no connection to this computer."
	here, there := info.Local.Addr().Unmap(), info.Remote.Addr().Unmap()
	switch {
	case shared(here) && !shared(there):
		return fmt.Sprintf("The server could not connect to this computer: its address %s is one that your provider shares among customers (carrier-grade NAT), so nothing from outside arrives.", here), next, true
	case here.IsPrivate() && !here.Is6() && public(there):
		return fmt.Sprintf("The server could not connect to this computer: its address %s is private, and the router (NAT) lets nothing in from outside.", here), next, true
	}
	return "The server could not connect to this computer: a firewall on this computer or in its network lets nothing in.", next, true
}

// shared reports whether a is of the block for carrier-grade NAT (RFC 6598).
func shared(a netip.Addr) bool {
	return a.Is4() && netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10).Contains(a)
}

func public(a netip.Addr) bool {
	return a.IsValid() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !shared(a)
}
