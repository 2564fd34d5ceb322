package secrets_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"portside/client/secrets"
	"portside/client/secrets/secretstest"
)

func key(site string) secrets.Key { return secrets.Key{Site: site} }

// works fails the test where one of the outcomes is trouble.
func works(t *testing.T, outcomes []outcome) {
	t.Helper()
	for i, o := range outcomes {
		if o.State != secrets.Works {
			t.Fatalf("act %d: %s", i, o.Err)
		}
	}
}

// holds compares what secret-tool finds with "user=secret" of each item.
func holds(t *testing.T, s *secretstest.Session, want ...string) {
	t.Helper()
	var have []string
	for _, it := range s.Items("portside") {
		have = append(have, it.User+"="+it.Secret)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("the keyring holds %q, want %q", have, want)
	}
}

func TestSecretsOutliveTheProgram(t *testing.T) {
	s := secretstest.Gnome(t)
	index := filepath.Join(t.TempDir(), "keyring.json")
	set := run(t, s, index,
		act{Do: "get", Key: key("a1")},
		act{Do: "set", Key: key("a1"), Name: "Work/Größe", Secret: []byte("first")},
		act{Do: "set", Key: secrets.Key{Site: "a1", Kind: secrets.ProxyPassword}, Name: "Work/Größe", Secret: []byte("of the proxy")})
	if set[0].State != secrets.NotFound {
		t.Errorf("get before: %s", set[0].Err)
	}
	works(t, set[1:])
	if set[1].Kept != secrets.InKeyring || set[2].Kept != secrets.InKeyring {
		t.Errorf("kept: %v, %v", set[1].Kept, set[2].Kept)
	}
	holds(t, s, "a1/password=first", "a1/proxy-password=of the proxy")
	if !slices.ContainsFunc(s.Items("portside"), func(it secretstest.Item) bool { return it.Label == "Portside: Work/Größe (password)" }) {
		t.Errorf("labels: %q", s.Items("portside"))
	}

	s.StopRing()
	s.StartRing(true)
	again := run(t, s, index,
		act{Do: "get", Key: key("a1")},
		act{Do: "copy", Key: key("a1"), To: "b2"},
		act{Do: "relabel", Key: key("b2"), Name: "Copy"},
		act{Do: "delete", Key: key("a1")},
		act{Do: "delete", Key: key("a1")})
	works(t, again)
	if string(again[0].Secret) != "first" {
		t.Errorf("get after a restart: %q", again[0].Secret)
	}
	holds(t, s, "b2/password=first", "b2/proxy-password=of the proxy")
	for _, it := range s.Items("portside") {
		if !strings.HasPrefix(it.Label, "Portside: Copy (") {
			t.Errorf("label after renaming: %q", it.Label)
		}
	}

	forgot := run(t, s, index, act{Do: "forget all"}, act{Do: "get", Key: key("b2")}, act{Do: "forget all"})
	if forgot[0].N != 2 || forgot[0].State != secrets.Works {
		t.Errorf("forget all: %d, %s", forgot[0].N, forgot[0].Err)
	}
	if forgot[1].State != secrets.NotFound || forgot[2].N != 0 || forgot[2].State != secrets.Works {
		t.Errorf("after forget all: %+v", forgot[1:])
	}
	holds(t, s)
}
