package secrets

import (
	"context"
	"errors"
	"strings"
	"syscall"

	"github.com/danieljoos/wincred"
)

// A credentials is the Credential Manager.
type credentials struct{ ring }

// systemKeyring is the keyring of this system.
func systemKeyring() Backend { return credentials{} }

// List searches for what this program has put there: go-keyring names a credential
// "service:item".
func (credentials) List(context.Context) ([]listed, error) {
	found, err := wincred.FilteredList(service + ":*")
	if StateOf(judge("list", err)) == NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	items := make([]listed, 0, len(found))
	for _, c := range found {
		if item, ok := strings.CutPrefix(c.TargetName, service+":"); ok {
			items = append(items, listed{item: item})
		}
	}
	return items, nil
}

// platformState judges by the codes of CredRead, CredWrite and CredDelete (wincred.h).
func platformState(err error) State {
	code, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return Failed
	}
	return credentialState(uint32(code))
}
