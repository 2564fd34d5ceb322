package client

import (
	"errors"
	"fmt"
	"syscall"
)

// explainNoMethod is for ladders that tried both directions; of one direction the
// first failure says it all.
func explainNoMethod(err error, _ *DialError) (Advice, bool) {
	var ne *NoMethodError
	if !errors.As(err, &ne) {
		return Advice{}, false
	}
	var why [2]string // passive, active
	for _, f := range ne.Tried {
		i := 0
		if f.Method.Active() {
			i = 1
		}
		if why[i] == "" {
			why[i] = f.Reason
		}
	}
	if why[0] == "" || why[1] == "" {
		return Advice{}, false
	}
	return Advice{
		Kind:     KindData,
		Sentence: fmt.Sprintf("The login works, but no data connection could be made in either direction: from here, %s; from the server, %s.", why[0], why[1]),
		Next:     "Run a diagnosis: it finds out what stands in the way, and whom to ask.",
	}, true
}

// explainBlocked says what keeps the server's connection from arriving.
func explainBlocked(err error) Advice {
	a := Advice{
		Kind:     KindData,
		Sentence: "The login works, but the server's data connection did not arrive at this computer: a firewall or a router is likely in between.",
		Next:     "Go on in passive mode, which needs no connection from outside, or let this computer accept them.",
	}
	var be *BlockedError
	if !errors.As(err, &be) || !be.Announced.IsValid() {
		return a
	}
	here := be.Announced.Addr()
	switch {
	case be.Outside.IsValid() && here != be.Outside:
		a.Sentence = fmt.Sprintf("The login works, but the server's data connection did not arrive: this computer is %s behind a router that the server sees as %s, and the router lets no connection in (NAT).", here, be.Outside)
		a.Next = "Go on in passive mode, which needs no connection from outside."
	case AddressClass(here) == "private" || AddressClass(here) == "cgnat":
		a.Sentence = fmt.Sprintf("The login works, but the server's data connection to %s did not arrive: that address is good in this computer's own network only, and a router or a firewall is in between.", be.Announced)
	default:
		a.Sentence = fmt.Sprintf("The login works, but the server's data connection to %s did not arrive: a firewall, on this computer or on the way, lets none in.", be.Announced)
	}
	return a
}

func explainData(err error, _ *DialError) (Advice, bool) {
	var de *DataError
	if !errors.As(err, &de) {
		return Advice{}, false
	}
	var re *ReplyError
	passive := "Try an active mode, or have the server's administrator open its passive ports in the firewall."
	active := "Use a passive mode, or allow incoming connections to this computer."
	next := passive
	if de.Method.Active() {
		next = active
	}
	if de.Step == StepTLS {
		return explainDataTLS(de, re), true
	}
	if errors.As(de.Err, &re) {
		if a, ok := explainCode(re); ok && de.Step == StepCopy {
			return a, true
		}
		return Advice{Kind: KindData, Sentence: fmt.Sprintf("The server refused a data connection by %s. It said: %s.", de.Method, quote(re.Reply)), Next: next}, true
	}
	switch de.Step {
	case StepDial:
		how := "could not be made"
		if de.Timeout() {
			how = "got no answer"
		} else if errors.Is(de.Err, syscall.ECONNREFUSED) {
			how = "was refused"
		}
		return Advice{Kind: KindData, Sentence: fmt.Sprintf("The login works, but the data connection to %s %s: a firewall is likely in between.", de.Addr, how), Next: next}, true
	case StepAccept:
		return explainBlocked(err), true
	case StepListen:
		return Advice{Kind: KindData, Sentence: fmt.Sprintf("This computer could not listen for the server's data connection: %s.", cause(de.Err)), Next: "Choose other ports for active mode, or use a passive mode."}, true
	case StepCopy:
		if errors.Is(err, ErrUnverified) {
			return Advice{Kind: KindLost, Sentence: sentence(ErrUnverified.Error()), Next: "Transfer the file again."}, true
		}
		if errors.Is(err, ErrNarrow) {
			return Advice{
				Kind: KindTimeout, Sentence: "The data connection was made, but nothing came through: large packets seem to get lost on the way.",
				Next: "Try again, which is done with small packets; the cause is a packet size (MTU) on the way, of a VPN or a DSL line for instance.",
			}, true
		}
		if de.Timeout() {
			return Advice{Kind: KindTimeout, Sentence: "The transfer stood still for too long.", Next: "Try again; the transfer can be resumed."}, true
		}
		return Advice{Kind: KindLost, Sentence: "The connection broke during the transfer.", Next: "Try again; the transfer can be resumed."}, true
	}
	return Advice{Kind: KindData, Sentence: sentence(de.Error()), Next: next}, true
}

func explainDataTLS(de *DataError, re *ReplyError) Advice {
	a := Advice{Kind: KindTLS, Sentence: "The data connection could not be protected.", Next: "Try again; if it stays, the server's TLS settings are at fault."}
	if errors.As(de.Err, &re) {
		a.Sentence = fmt.Sprintf("The data connection could not be protected. The server said: %s.", quote(re.Reply))
	}
	return a
}
