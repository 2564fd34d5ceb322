package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"portside/client"
	"portside/transfers"
)

func refused(code int, text string) error {
	return &client.ReplyError{Verb: "RETR", Reply: client.Reply{Code: code, Lines: []string{text}}}
}

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"usage", usagef("no"), exitUsage},
		{"unknown host", &client.DialError{Op: client.OpResolve, Addr: "h:21", Err: errors.New("no such host")}, exitConnect},
		{"refused", &client.DialError{Op: client.OpConnect, Addr: "h:21", Err: errors.New("refused")}, exitConnect},
		{"not FTP", &client.DialError{Op: client.OpGreeting, Addr: "h:21", Err: &client.ProtocolError{Line: "HTTP/1.1"}}, exitConnect},
		{"too many", &client.DialError{Op: client.OpGreeting, Addr: "h:21", Err: refused(421, "Too many connections.")}, exitConnect},
		{"TLS", &client.DialError{Op: client.OpTLS, Addr: "h:21", Err: errors.New("handshake failure")}, exitTLS},
		{"certificate", &client.DialError{Op: client.OpTLS, Addr: "h:21", Err: &client.CertError{Host: "h", Reason: x509.UnknownAuthorityError{}}}, exitTLS},
		{"login", &client.DialError{Op: client.OpLogin, Addr: "h:21", Err: &client.LoginError{Verb: "PASS", Reply: client.Reply{Code: 530, Lines: []string{"No."}}}}, exitLogin},
		{"not found", refused(550, "No such file."), exitNotFound},
		{"denied", refused(550, "Permission denied."), exitDenied},
		{"no data", &client.DataError{Step: client.StepDial, Err: errors.New("refused")}, exitData},
		{"broken", &client.DataError{Step: client.StepCopy, Err: errors.New("reset")}, exitLost},
		{"broken, as the server says", &client.DataError{Step: client.StepCopy, Err: refused(426, "Aborted.")}, exitLost},
		{"lost", &client.LostError{}, exitLost},
		{"closing", refused(421, "Timeout."), exitLost},
		{"full server", refused(552, "Quota."), exitSpace},
		{"full disk here", &transfers.LocalError{Kind: transfers.LocalFull, Op: "write", Path: "x", Err: errors.New("full")}, exitLocal},
		{"local file", &localError{op: "read it", err: fs.ErrNotExist}, exitLocal},
		{"cancelled", context.Canceled, exitInterrupted},
		{"unsupported", client.ErrUnsupported, exitFailed},
	} {
		pr, code := explain(tt.err)
		if code != tt.want || pr.Code != tt.want {
			t.Errorf("%s: code %d (%d), want %d", tt.name, code, pr.Code, tt.want)
		}
		if pr.Message == "" || pr.Kind == "" {
			t.Errorf("%s: %+v says nothing", tt.name, pr)
		}
	}
}

// The next step names the option of this program.
func TestHintsNameOptions(t *testing.T) {
	refusedData := func(m client.Method) error {
		return &client.DataError{Method: m, Step: client.StepDial, Err: errors.New("no")}
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&client.CertError{Host: "h", Fingerprint: "ab12", Reason: errors.New("unknown")}, "--pin ab12"},
		{refusedData(client.MethodPASV), "--mode active"},
		{refusedData(client.MethodPORT), "--mode passive"},
		{&client.DataError{Method: client.MethodPORT, Step: client.StepListen, Err: errors.New("no")}, "--mode passive"},
		{&transfers.KeptError{Bytes: 1, Size: 2, Err: errors.New("cut")}, "--continue"},
		{transfers.ErrResume, "--continue"},
		{&transfers.LocalError{Kind: transfers.LocalExists, Op: "open", Path: "x", Err: errors.New("there")}, "--exists"},
		{&transfers.RemoteExistsError{Path: "x"}, "--exists"},
		{&client.LoginError{Verb: "ACCT", Reply: client.Reply{Code: 332}}, "--account"},
		{context.DeadlineExceeded, "--timeout"},
	} {
		if pr, _ := explain(tt.err); !strings.Contains(pr.Hint, tt.want) {
			t.Errorf("%v: the hint %q does not name %s", tt.err, pr.Hint, tt.want)
		}
	}
	mismatch := &client.CertError{Host: "h", Fingerprint: "ab12", Reason: client.ErrPinMismatch}
	if pr, _ := explain(mismatch); strings.Contains(pr.Hint, "--pin") {
		t.Errorf("a changed certificate is not to be pinned lightly: %q", pr.Hint)
	}
}
