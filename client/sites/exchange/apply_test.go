package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"portside/client/secrets"
	"portside/client/sites"
)

// keeper is a keyring that takes the first few secrets only.
type keeper struct {
	room       int
	kept       map[string]string // by label
	asked      int
	remembered int
}

func (k *keeper) Set(_ context.Context, key secrets.Key, label, secret string) (secrets.Kept, error) {
	k.asked++
	if k.room == 0 {
		return secrets.InMemory, errors.New("locked")
	}
	k.room--
	if k.kept == nil {
		k.kept = map[string]string{}
	}
	k.kept[label+" "+key.Kind.String()] = secret
	return secrets.InKeyring, nil
}

func (k *keeper) Remember(secrets.Key, string) { k.remembered++ }

func book(t *testing.T) *sites.Book {
	t.Helper()
	b, err := sites.Open(filepath.Join(t.TempDir(), "sites.json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestApply(t *testing.T) {
	imp := mustRead(t, "list.txt", "ftp://anna:one@a.example one\nftp://bert:two@b.example two\nftp://anna:x@a.example again\nsftp://c.example\nftp://d.example three\n")
	b, k := book(t), &keeper{room: -1}
	res, err := Apply(t.Context(), b, k, imp.Rows)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(b.Content().Sites); got != 3 || len(res.Sites) != 3 || res.Passwords != 2 || res.Kept != 2 || res.Trouble != nil {
		t.Errorf("%d sites in the book, %+v", got, res)
	}
	if want := map[string]string{"one password": "one", "two password": "two"}; !maps.Equal(k.kept, want) {
		t.Errorf("kept %v", k.kept)
	}
	// The second time all of them are there.
	imp2, err := readText(t, "list.txt", "ftp://anna:one@a.example one\n", ReadOptions{Existing: b.Content().Sites})
	if err != nil || imp2.Rows[0].Outcome != Duplicate {
		t.Fatalf("%v, %v", imp2, err)
	}
	if _, err = Apply(t.Context(), b, k, imp2.Rows); err == nil || len(b.Content().Sites) != 3 {
		t.Errorf("error %v, %d sites", err, len(b.Content().Sites))
	}
	// A duplicate that was chosen is taken, under another name.
	imp2.Rows[0].Chosen = true
	if res, err = Apply(t.Context(), b, k, imp2.Rows); err != nil || len(res.Sites) != 1 || res.Sites[0].Name == "one" {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestApplyWithoutKeyring(t *testing.T) {
	imp := mustRead(t, "list.txt", "ftp://a:1@a.example\nftp://b:2@b.example\nftp://c:3@c.example\nftp://d@d.example\n")
	b, k := book(t), &keeper{room: 1}
	res, err := Apply(t.Context(), b, k, imp.Rows)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Content().Sites) != 4 || res.Passwords != 3 || res.Kept != 1 || res.Trouble == nil {
		t.Errorf("%+v", res)
	}
	if k.asked != 2 || k.remembered != 1 {
		t.Errorf("the keyring was asked %d times, %d secrets are remembered", k.asked, k.remembered)
	}
	if s := res.String(); !strings.Contains(s, "2 passwords could not be kept") {
		t.Errorf("result = %q", s)
	}
}

func TestApplyAllOrNothing(t *testing.T) {
	imp := mustRead(t, "list.txt", "ftp://a:1@a.example\nftp://b:2@b.example\n")
	imp.Rows[1].Site.Host = "not a host"
	b, k := book(t), &keeper{room: -1}
	if res, err := Apply(t.Context(), b, k, imp.Rows); err == nil {
		t.Errorf("%+v", res)
	}
	if n := len(b.Content().Sites); n != 0 || k.asked != 0 {
		t.Errorf("%d sites in the book, the keyring was asked %d times", n, k.asked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Apply(ctx, b, k, imp.Rows[:1]); !errors.Is(err, context.Canceled) || len(b.Content().Sites) != 0 {
		t.Errorf("error = %v", err)
	}
}

func TestRealStoreAndBookFit(t *testing.T) {
	var _ Book = (*sites.Book)(nil)
	var _ Keeper = (*secrets.Store)(nil)
	if _, err := Apply(t.Context(), book(t), nil, nil); err == nil {
		t.Error("nothing was imported without an error")
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	const secret = "hunter2hunter2"
	imp := mustRead(t, "list.txt", "ftp://anna:"+secret+"@a.example\nftp://anna:"+secret+"/x@a.example\nftp://anna:"+secret+"%zz@a.example\nftp://u:"+secret+"@ftp://x\n")
	if imp.Rows[0].Secrets[secrets.Password] != secret {
		t.Fatal("the password was not read")
	}
	marshalled, err := json.Marshal(imp)
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "import", imp, "row", imp.Rows[0], "rows", imp.Rows, "value", *imp)
	out := []string{string(marshalled), logged.String(), imp.String(), strings.Join(imp.Notes, " ")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		out = append(out, fmt.Sprintf(verb, imp), fmt.Sprintf(verb, *imp), fmt.Sprintf(verb, imp.Rows), fmt.Sprintf(verb, &imp.Rows[0]))
	}
	for _, o := range out {
		if strings.Contains(o, secret) || strings.Contains(o, fmt.Sprintf("%x", secret)) {
			t.Errorf("a secret shows: %s", o)
		}
	}
}

func TestResultInWords(t *testing.T) {
	for _, c := range []struct {
		sites, passwords, kept int
		want                   string
	}{
		{1, 0, 0, "1 site was imported."},
		{1, 1, 1, "1 site was imported. The keyring keeps its password."},
		{1, 2, 2, "1 site was imported. The keyring keeps its 2 passwords."},
		{3, 1, 1, "3 sites were imported. The keyring keeps the one password that came with them."},
		{3, 2, 2, "3 sites were imported. The keyring keeps the 2 passwords that came with them."},
		{3, 2, 1, "3 sites were imported. 1 password could not be kept and will be asked for."},
		{3, 2, 0, "3 sites were imported. 2 passwords could not be kept and will be asked for."},
	} {
		r := Result{Sites: make([]sites.Site, c.sites), Passwords: c.passwords, Kept: c.kept}
		if got := r.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
