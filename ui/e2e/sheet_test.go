//go:build e2e

package e2e

import (
	"testing"

	"portside/client/ftptest"
)

// TestTheCertificateStandsStill looks where the buttons of the certificate's sheet are in
// its first frames: who aims at one is not to miss it.
func TestTheCertificateStandsStill(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.TLS())
	a := start(t, nil)
	const button = "Always trust for this server"
	a.connect(login(srv.URL))
	x, y := a.find(button, 0)
	for range 30 {
		if nowX, nowY := a.find(button, 0); nowX != x || nowY != y {
			t.Fatalf("the button was at %d, %d at first, and then at %d, %d", x, y, nowX, nowY)
		}
	}
	a.move(x, y)
	a.do("click", "1")
	a.sees("TLS 1.3 · passive EPSV")
}
