package clientcert

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A maker makes files with the openssl program in a folder of its own.
type maker struct {
	t    *testing.T
	dir  string
	path string
}

func openssl(t *testing.T) maker {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed, so its files cannot be made")
	}
	return maker{t, t.TempDir(), path}
}

// run runs one command. ok says whether openssl took it: versions differ in what they
// still write.
func (m maker) run(line string) (ok bool) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), m.path, strings.Fields(line)...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "SECRET=geheim 123")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Logf("openssl %s: %v\n%s", line, err, out)
	}
	return err == nil
}

func (m maker) must(lines ...string) {
	m.t.Helper()
	for _, l := range lines {
		if !m.run(l) {
			m.t.Fatalf("openssl %s failed", l)
		}
	}
}

func (m maker) file(name string) string { return filepath.Join(m.dir, name) }

// Keys as openssl writes them, with each cipher and derivation that it has.
func TestKeysOfOpenSSL(t *testing.T) {
	m := openssl(t)
	m.must(
		"req -x509 -newkey rsa:2048 -noenc -keyout rsa.pem -out rsacert.pem -subj /CN=rsa -days 30",
		"ecparam -name prime256v1 -genkey -out ec.pem", // with EC PARAMETERS before the key
		"req -x509 -new -key ec.pem -out eccert.pem -subj /CN=ec -days 30",
		"genpkey -algorithm ed25519 -out ed.pem",
		"req -x509 -new -key ed.pem -out edcert.pem -subj /CN=ed -days 30",
	)
	for name, c := range map[string]struct{ kind, line string }{
		"aes256":          {"rsa", "pkcs8 -topk8 -v2 aes256 -passout env:SECRET -in rsa.pem -out NAME"},
		"aes128 sha512":   {"ec", "pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA512 -passout env:SECRET -in ec.pem -out NAME"},
		"aes192 sha1":     {"ec", "pkcs8 -topk8 -v2 aes-192-cbc -v2prf hmacWithSHA1 -passout env:SECRET -in ec.pem -out NAME"},
		"aes256 sha384":   {"ed", "pkcs8 -topk8 -v2 aes256 -v2prf hmacWithSHA384 -passout env:SECRET -in ed.pem -out NAME"},
		"aes256 sha224":   {"ed", "pkcs8 -topk8 -v2 aes256 -v2prf hmacWithSHA224 -passout env:SECRET -in ed.pem -out NAME"},
		"triple DES":      {"rsa", "pkcs8 -topk8 -v2 des3 -passout env:SECRET -in rsa.pem -out NAME"},
		"many rounds":     {"ec", "pkcs8 -topk8 -v2 aes256 -iter 200000 -passout env:SECRET -in ec.pem -out NAME"},
		"binary":          {"ec", "pkcs8 -topk8 -v2 aes256 -outform DER -passout env:SECRET -in ec.pem -out NAME"},
		"old PEM, AES":    {"rsa", "rsa -aes256 -traditional -passout env:SECRET -in rsa.pem -out NAME"},
		"old PEM, DES":    {"rsa", "rsa -des3 -traditional -passout env:SECRET -in rsa.pem -out NAME"},
		"old PEM of a EC": {"ec", "ec -aes128 -passout env:SECRET -in ec.pem -out NAME"},
	} {
		t.Run(name, func(t *testing.T) {
			out := strings.NewReplacer(" ", "", ",", "").Replace(name) + ".key"
			m.must(strings.ReplaceAll(c.line, "NAME", out))
			cert := m.file(c.kind + "cert.pem")
			got, err := Load(cert, m.file(out), "geheim 123")
			if err != nil {
				t.Fatal(err)
			}
			if want := "CN=" + c.kind; got.Leaf.Subject.String() != want {
				t.Errorf("loaded %s, want %s", got.Leaf.Subject, want)
			}
			for _, wrong := range []string{"", "wrong", "Geheim 123"} {
				if _, err := Load(cert, m.file(out), wrong); !errors.Is(err, ErrPassphrase) {
					t.Errorf("with the passphrase %q: %v", wrong, err)
				}
			}
		})
	}
	for _, kind := range []string{"rsa", "ec", "ed"} {
		if _, err := Load(m.file(kind+"cert.pem"), m.file(kind+".pem"), ""); err != nil {
			t.Errorf("the plain key %s: %v", kind, err)
		}
	}
	t.Run("a way that is not known", func(t *testing.T) {
		m.must("pkcs8 -topk8 -scrypt -passout env:SECRET -in ec.pem -out scrypt.key")
		_, err := Load(m.file("eccert.pem"), m.file("scrypt.key"), "geheim 123")
		if err == nil || errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), "openssl pkcs8 -topk8 -v2 aes256") {
			t.Errorf("error %v, want the way out", err)
		}
	})
}

func TestPKCS12OfOpenSSL(t *testing.T) {
	m := openssl(t)
	m.must(
		"req -x509 -newkey rsa:2048 -noenc -keyout ca.key -out ca.pem -subj /CN=authority -days 30",
		"req -newkey rsa:2048 -noenc -keyout own.key -out own.csr -subj /CN=own",
		"x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out own.pem -days 30",
	)
	for name, options := range map[string]string{
		"as it is": "", "with a chain": "-certfile ca.pem", "old ciphers": "-legacy -certfile ca.pem", "no encryption": "-keypbe NONE -certpbe NONE",
		"named": "-name own",
	} {
		t.Run(name, func(t *testing.T) {
			out := strings.ReplaceAll(name, " ", "") + ".p12"
			if !m.run("pkcs12 -export -inkey own.key -in own.pem -passout env:SECRET -out " + out + " " + options) {
				t.Skip("this openssl does not write such a file")
			}
			got, err := Load(m.file(out), "", "geheim 123")
			if err != nil {
				t.Fatal(err)
			}
			want := 1
			if strings.Contains(options, "ca.pem") {
				want = 2
			}
			if got.Leaf.Subject.String() != "CN=own" || len(got.Certificate) != want {
				t.Errorf("loaded %s with %d certificates, want %d", got.Leaf.Subject, len(got.Certificate), want)
			}
			if _, err := Load(m.file(out), "", "wrong"); !errors.Is(err, ErrPassphrase) {
				t.Errorf("with a wrong passphrase: %v", err)
			}
		})
	}
}

// A wrong passphrase is told as one, whatever the noise looks like that it makes.
func TestWrongPassphrasesAreNeverNoise(t *testing.T) {
	m := openssl(t)
	m.must(
		"req -x509 -newkey rsa:2048 -noenc -keyout rsa.pem -out cert.pem -subj /CN=rsa -days 30",
		"pkcs8 -topk8 -v2 aes256 -iter 1 -passout env:SECRET -in rsa.pem -out new.key",
		"rsa -aes256 -traditional -passout env:SECRET -in rsa.pem -out old.key",
	)
	for _, key := range []string{"new.key", "old.key"} {
		for i := range 1500 {
			wrong := strings.Repeat("x", i%40) + string(rune('a'+i/40%26)) + string(rune('a'+i/1040))
			if _, err := Load(m.file("cert.pem"), m.file(key), wrong); !errors.Is(err, ErrPassphrase) {
				t.Fatalf("%s with %q: %v", key, wrong, err)
			}
		}
	}
}
