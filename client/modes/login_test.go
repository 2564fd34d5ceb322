package modes

import (
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"
)

func TestLoginIsKnownForAnHour(t *testing.T) {
	m := open(t, "")
	now := noon()
	said := Login{Features: []string{"MLST type*;size*;", "UTF8"}, System: "UNIX"}
	m.LoggedIn(home(), "joe", said, now)
	said.Features[0] = "changed"
	k := home()
	k.Server = "FTP.Example.ORG:21"
	if l, known := m.Login(k, "joe", now.Add(time.Hour)); !known || !reflect.DeepEqual(l, Login{Features: []string{"MLST type*;size*;", "UTF8"}, System: "UNIX"}) {
		t.Errorf("got %+v, %v", l, known)
	}
	secured := home()
	secured.TLS = true
	cases := []struct {
		name string
		key  Key
		user string
		at   time.Time
	}{
		{"after an hour", home(), "joe", now.Add(time.Hour + time.Second)},
		{"another user", home(), "ann", now},
		{"with TLS", secured, "joe", now},
	}
	for _, c := range cases {
		if _, known := m.Login(c.key, c.user, c.at); known {
			t.Errorf("known: %s", c.name)
		}
	}
	m.ForgetLogin(home(), "joe")
	if _, known := m.Login(home(), "joe", now); known {
		t.Error("known though forgotten")
	}
}

func TestLoginGoesWithTheServer(t *testing.T) {
	now := noon()
	for name, forget := range map[string]func(*Memory) error{
		"Forget": func(m *Memory) error { return m.Forget(home()) },
		"Clear":  (*Memory).Clear,
	} {
		m := open(t, "")
		m.LoggedIn(home(), "joe", Login{System: "UNIX"}, now)
		if err := forget(m); err != nil {
			t.Fatal(err)
		}
		if _, known := m.Login(home(), "joe", now); known {
			t.Errorf("known after %s", name)
		}
	}
}

func TestLoginIsInNoFile(t *testing.T) {
	path := memoryPath(t)
	m := open(t, path)
	m.LoggedIn(home(), "joe", Login{System: "UNIX"}, noon())
	closeMemory(t, m)
	if _, known := open(t, path).Login(home(), "joe", noon()); known {
		t.Error("it was kept")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a file")
	}
}

func TestLogsInAhead(t *testing.T) {
	m := open(t, "")
	now := noon()
	want := func(what string, want bool, at time.Time) {
		t.Helper()
		if got := m.LogsInAhead(home(), at); got != want {
			t.Errorf("%s: %v", what, got)
		}
	}
	want("nothing is known", false, now)
	m.Ahead(home(), true, now)
	want("it takes commands ahead", true, now)
	m.LogInPlainly(home(), now)
	want("a login went wrong", false, now.Add(time.Hour))
	want("a login went wrong long ago", true, now.Add(time.Hour+time.Second))
	m.Ahead(home(), false, now.Add(2*time.Hour))
	want("it takes nothing ahead", false, now.Add(2*time.Hour))
}

func TestLoginsAreBounded(t *testing.T) {
	m := open(t, "")
	now := noon()
	for i := range maxLogins + 10 {
		m.LoggedIn(home(), fmt.Sprint(i), Login{}, now.Add(time.Duration(i)*time.Second))
	}
	if n := len(m.logins.known); n != maxLogins {
		t.Errorf("%d are kept", n)
	}
	if _, known := m.Login(home(), "9", now); known {
		t.Error("an old one is kept")
	}
	if _, known := m.Login(home(), "10", now); !known {
		t.Error("a new one is not kept")
	}
}

func TestNoMemoryKnowsNoLogin(t *testing.T) {
	var m *Memory
	m.LoggedIn(home(), "joe", Login{System: "UNIX"}, noon())
	m.LogInPlainly(home(), noon())
	m.ForgetLogin(home(), "joe")
	if _, known := m.Login(home(), "joe", noon()); known || m.LogsInAhead(home(), noon()) {
		t.Error("it knows something")
	}
}

// One Session finds out, and the others do not wait for it.
func TestTryAhead(t *testing.T) {
	m := open(t, "")
	a, b := Key{Server: "a:21"}, Key{Server: "b:21"}
	over, mine := m.TryAhead(a)
	if !mine {
		t.Fatal("the first one does not get the task")
	}
	if _, mine = m.TryAhead(a); mine {
		t.Error("two get the same task")
	}
	if _, mine = m.TryAhead(b); !mine {
		t.Error("another server has to wait")
	}
	over()
	if _, mine = m.TryAhead(a); !mine {
		t.Error("the task is not given again")
	}
}
