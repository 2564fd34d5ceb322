package demo

import (
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"net"
	"strings"

	ftpserver "github.com/fclairamb/ftpserverlib"
	"github.com/spf13/afero"
)

// driver is what the library asks about users and settings.
type driver struct{ s *Server }

var (
	_ ftpserver.MainDriver                        = (*driver)(nil)
	_ ftpserver.MainDriverExtensionPassiveWrapper = (*driver)(nil)
)

// GetSettings implements ftpserver.MainDriver.
func (d *driver) GetSettings() (*ftpserver.Settings, error) {
	return &ftpserver.Settings{
		Listener:                &controlListener{Listener: d.s.ln, s: d.s},
		ListenAddr:              d.s.Addr(), // shown in STAT
		Banner:                  "Portside demo server",
		ConnectionTimeout:       10,
		ActiveTransferPortNon20: true, // port 20 needs rights
		EnableHASH:              true,
		DefaultTransferType:     ftpserver.TransferTypeASCII, // RFC 959, 5.1
	}, nil
}

// ClientConnected implements ftpserver.MainDriver.
func (d *driver) ClientConnected(ftpserver.ClientContext) (string, error) {
	return "Portside demo server. Nothing here outlives it, so try things.", nil
}

// ClientDisconnected implements ftpserver.MainDriver.
func (d *driver) ClientDisconnected(ftpserver.ClientContext) { d.s.clients.Done() }

// AuthUser implements ftpserver.MainDriver.
func (d *driver) AuthUser(_ ftpserver.ClientContext, user, pass string) (ftpserver.ClientDriver, error) {
	switch strings.ToLower(user) {
	case "anonymous", "ftp":
		return afero.NewReadOnlyFs(&files{Fs: d.s.fs}), nil
	case User:
		if subtle.ConstantTimeCompare([]byte(pass), []byte(Password)) == 1 {
			return &files{Fs: d.s.fs}, nil
		}
	}
	return nil, errors.New("login incorrect: the user is demo and so is the password")
}

// GetTLSConfig implements ftpserver.MainDriver.
func (d *driver) GetTLSConfig() (*tls.Config, error) { return d.s.conf, nil }

// WrapPassiveListener implements ftpserver.MainDriverExtensionPassiveWrapper.
func (d *driver) WrapPassiveListener(ln net.Listener) (net.Listener, error) {
	if !d.s.track(ln, false) {
		return nil, errors.Join(errors.New("the server is closing"), ln.Close())
	}
	return &passiveListener{Listener: ln, s: d.s}, nil
}
