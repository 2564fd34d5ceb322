package state

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/transfers"
)

// Every field has what the form needs, a default that can be used, and comes back
// from the file as it was written.
func TestPrefFields(t *testing.T) {
	seen := map[string]bool{}
	other := map[string]string{
		"timeout": "60", "keep_alive": "0", "retries": "3", "active_address": "203.0.113.7", "active_ports": "50000-50100",
		"proxy_address": "proxy.example.org:1080", "proxy_user": "joe", "ascii": "txt, html", "editor": `"my editor" -w`,
	}
	for _, f := range PrefFields() {
		if seen[f.Key] || f.Label == "" || f.Help == "" || strings.Count(f.Help, "\n") > 0 {
			t.Errorf("%s: twice, or without a label or a help of one line", f.Key)
		}
		seen[f.Key] = true
		p := NewPrefs()
		was := p.Text(&f)
		if err := p.Set(&f, was); err != nil {
			t.Errorf("%s: the default %q is refused: %v", f.Key, was, err)
		}
		value := other[f.Key]
		switch f.Kind {
		case PrefSwitch:
			value = map[string]string{"true": "false", "false": "true"}[was]
		case PrefChoice:
			value = f.Options[0].Value
			if value == was {
				value = f.Options[1].Value
			}
		case PrefText, PrefNumber:
		}
		if err := p.Set(&f, value); err != nil {
			t.Errorf("%s: %v", f.Key, err)
		}
		raw, err := PrefMember(&p, f.Key)
		if err != nil {
			t.Fatal(err)
		}
		back, problems := PrefsFile{f.Key: raw}.Read()
		if got := back.Text(&f); got != value || value == was || len(problems) > 0 {
			t.Errorf("%s: wrote %s for %q, read %q, %v", f.Key, raw, value, got, problems)
		}
		fresh := NewPrefs()
		if diff := PrefDiff(&fresh, &back); len(diff) != 1 || diff[0] != f.Key {
			t.Errorf("%s: differs in %v", f.Key, diff)
		}
	}
}

func TestPrefsRefuse(t *testing.T) {
	for _, tt := range []struct{ key, text, want string }{
		{"timeout", "4", "from 5 to 600"},
		{"timeout", "many", "from 5 to 600"},
		{"retries", "-1", "from 0 to 20"},
		{"mode", "epsv", "want auto, passive or active"},
		{"active_address", "example.org", "want an IP address"},
		{"active_ports", "5-", ""},
		{"proxy_address", "socks5://proxy", "want a name"},
		{"proxy_address", "joe@proxy", "want a name"},
		{"ascii", "txt, *.h?ml", "no extension"},
		{"editor", `"open`, "quotation mark"},
		{"hidden_files", "perhaps", "true or false"},
	} {
		p := NewPrefs()
		f := PrefByKey(tt.key)
		was := p.Text(f)
		if err := p.Set(f, tt.text); err == nil || !strings.Contains(err.Error(), tt.want) || p.Text(f) != was {
			t.Errorf("%s = %q: %v, now %q", tt.key, tt.text, err, p.Text(f))
		}
	}
}

func TestPrefsOfAWrongFile(t *testing.T) {
	for _, tt := range []struct{ key, raw, named string }{
		{"theme", `"pink"`, "theme"},
		{"theme", "1", "theme"},
		{"theme", "null", "theme"},
		{"timeout", "1.5", "timeout"},
		{"timeout", "null", "timeout"},
		{"timeout", "100000", "timeout"},
		{"recents", `"yes"`, "recents"},
		{"recents", "null", "recents"},
		{"transfers_share", "7", "transfers_share"},
		{"no_transcript", `"x"`, "no_transcript"},
		{"keys", "[]", "keys"},
		{"keys", `{"nothing": "Ctrl+N"}`, "keys.nothing"},
		{"keys", `{"reconnect": "Hyper+R"}`, "keys.reconnect"},
		{"keys", `{"reconnect": "R"}`, "keys.reconnect"},
		{"keys", `{"reconnect": "Ctrl+Q"}`, "keys.reconnect"},
		{"keys", `{"reconnect": 5}`, "keys.reconnect"},
		{"active_ports", `"70000-80000"`, "active_ports"},
	} {
		p, problems := PrefsFile{tt.key: json.RawMessage(tt.raw)}.Read()
		usual := NewPrefs()
		if len(problems) != 1 || problems[0].Key != tt.named || len(PrefDiff(&p, &usual)) > 0 {
			t.Errorf("%s: %s gave %v and changed %v", tt.key, tt.raw, problems, PrefDiff(&p, &usual))
		}
	}
	p, problems := PrefsFile{"theme": json.RawMessage(`""`)}.Read()
	if len(problems) > 0 || p.Theme != "system" {
		t.Errorf("an empty theme, as version 1 could have it: %q, %v", p.Theme, problems)
	}
}

func TestPrefsDial(t *testing.T) {
	p := NewPrefs()
	opt := client.Options{Timeout: 7 * time.Second, KeepAlive: time.Minute}
	p.Dial(&opt)
	if opt.Timeout != 7*time.Second || opt.KeepAlive != time.Minute || opt.ActiveAddress.IsValid() {
		t.Errorf("defaults replace what the program has set: %+v", opt)
	}
	p.Timeout, p.KeepAlive, p.ActiveAddress, p.ActivePorts = 90, 0, "203.0.113.7", "50000-50100"
	p.Dial(&opt)
	ports := client.PortRange{Min: 50000, Max: 50100}
	if opt.Timeout != 90*time.Second || opt.KeepAlive != 0 || opt.ActiveAddress != netip.MustParseAddr("203.0.113.7") || opt.ActivePorts != ports {
		t.Errorf("%+v", opt)
	}
	own := client.Options{ActiveFromServer: true, ActivePorts: client.PortRange{Min: 1, Max: 2}}
	p.Dial(&own)
	if own.ActiveAddress.IsValid() || own.ActivePorts.Min != 1 {
		t.Errorf("what the site has of its own is replaced: %+v", own)
	}
	p.ActiveAddress = "server"
	opt = client.Options{}
	if p.Dial(&opt); !opt.ActiveFromServer || opt.ActiveAddress.IsValid() {
		t.Errorf("server: %+v", opt)
	}
}

func TestPrefsProxy(t *testing.T) {
	for _, tt := range []struct {
		kind, addr string
		want       client.Proxy
	}{
		{"none", "proxy:1", client.Proxy{}},
		{"system", "proxy:1", client.Proxy{Kind: client.ProxySystem}},
		{"socks5", "", client.Proxy{}}, // not filled in yet
		{"http", "proxy:1", client.Proxy{Kind: client.ProxyHTTP, Addr: "proxy:1", User: "joe"}},
	} {
		p := NewPrefs()
		p.Proxy, p.ProxyAddr, p.ProxyUser = tt.kind, tt.addr, "joe"
		if got := p.ProxyFor(); got != tt.want {
			t.Errorf("%s %q: %+v", tt.kind, tt.addr, got)
		}
	}
}

func TestPrefsTransfer(t *testing.T) {
	p := NewPrefs()
	opt := transfers.Options{TempUpload: true, Verify: transfers.VerifyAlways}
	p.Transfer(&opt)
	if !opt.Times || opt.TempUpload || opt.Verify != transfers.VerifyAuto || opt.ASCIIFor != nil || p.Rule() != transfers.Ask {
		t.Errorf("defaults: %+v", opt)
	}
	p.Times, p.TempUpload, p.Verify, p.ASCII, p.Exists = false, true, "never", "*.TXT; .html", "newer"
	p.Transfer(&opt)
	if opt.Times || !opt.TempUpload || opt.Verify != transfers.VerifyNever || p.Rule() != transfers.Newer {
		t.Errorf("%+v", opt)
	}
	if !opt.ASCIIFor("a.txt") || !opt.ASCIIFor("A.HTML") || opt.ASCIIFor("a.bin") {
		t.Error("the extensions are not as typed")
	}
}
