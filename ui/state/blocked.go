package state

import (
	"errors"

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
