package diagnose

import (
	"fmt"
	"strings"
	"testing"
)

// short writes a line of the picture as "label from>to/end mark".
func short(l PathLine) string {
	return fmt.Sprintf("%s %.2f>%.2f/%.2f %s", l.Label, l.From, l.To, l.End, l.Mark)
}

func TestPathLines(t *testing.T) {
	for _, c := range []struct {
		name string
		s    *scene
		want []string
	}{
		{"all well", newScene().epsv(Works, "", 50001, millis(30)).add(newScene().call("PORT", Works, "")), []string{
			"Login 0.00>1.00/1.00 arrived", "Passive (EPSV) 0.00>1.00/1.00 arrived", "Active (PORT) 1.00>0.00/0.00 arrived",
		}},
		{"dropped, no telling where", newScene().epsv(Fails, HowDropped, 50001, millis(3000)), []string{
			"Login 0.00>1.00/1.00 arrived", "Passive (EPSV) 0.00>0.50/1.00 ask",
		}},
		{"dropped by the server's firewall", newScene().epsv(Fails, HowDropped, 50001, millis(3000)).control(WhatOutside, 61613, ClassRefused, millis(30), ""), []string{
			"Login 0.00>1.00/1.00 arrived", "Passive (EPSV) 0.00>0.67/1.00 stopped",
		}},
		{"turned away near", newScene().epsv(Fails, HowRefused, 50001, millis(1)), []string{
			"Login 0.00>1.00/1.00 arrived", "Passive (EPSV) 0.00>0.33/1.00 stopped",
		}},
		{"NAT", func() *scene { s := newScene().behindNAT(); return s.add(s.call("PORT", Fails, HowDropped)) }(), []string{
			"Login 0.00>1.00/1.00 arrived", "Active (PORT) 1.00>0.33/0.00 stopped",
		}},
		{"no telling where the call stopped", func() *scene { s := newScene(); return s.add(s.call("PORT", Fails, HowDropped)) }(), []string{
			"Login 0.00>1.00/1.00 arrived", "Active (PORT) 1.00>0.50/0.00 ask",
		}},
		{"own listener dead", func() *scene {
			s := newScene()
			s.Local.SelfReach = Fails
			return s.add(s.call("PORT", Fails, HowDropped))
		}(), []string{
			"Login 0.00>1.00/1.00 arrived", "Active (PORT) 1.00>0.00/0.00 stopped",
		}},
		{"the server refuses", newScene().refuse("EPSV", "502 no").refuse("PORT", "502 no"), []string{
			"Login 0.00>1.00/1.00 arrived", "Passive (EPSV) 0.00>1.00/1.00 stopped", "Active (PORT) 0.00>1.00/1.00 stopped",
		}},
		{"listing refused: nothing known", newScene().add(Attempt{Method: "EPSV", How: HowFile}), []string{
			"Login 0.00>1.00/1.00 arrived", "Passive (EPSV) 0.00>1.00/1.00 ask",
		}},
		{"control port refused", newScene().noSession(ClassRefused, "refused", "refused"), []string{"Login 0.00>1.00/1.00 stopped"}},
		{"control port silent", newScene().noSession(ClassDropped, "timeout", "no answer"), []string{"Login 0.00>0.50/1.00 ask"}},
		{"login refused", newScene().noLogin("login", "530"), []string{"Login 0.00>1.00/1.00 stopped"}},
		{"two families, the session's first", newScene().add(Attempt{Method: "EPSV", Family: 6, Result: Works}).epsv(Works, "", 50001, millis(30)), []string{
			"Login 0.00>1.00/1.00 arrived", "Passive (EPSV) 0.00>1.00/1.00 arrived", "Passive (EPSV) 0.00>1.00/1.00 arrived",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := PathLines(&c.s.Report)
			var got []string
			for _, l := range lines {
				got = append(got, short(l))
				if l.Text == "" {
					t.Errorf("%s has no text", l.Label)
				}
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
	two := PathLines(&newScene().add(Attempt{Method: "EPSV", Family: 6, Result: Works}).epsv(Works, "", 50001, millis(30)).Report)
	if two[1].Family != 4 || two[2].Family != 6 {
		t.Errorf("families %d, %d: the session's comes first", two[1].Family, two[2].Family)
	}
}

// One time it works and another it does not: the line is whole, and says so.
func TestPathLineOfAMethodThatWorksAtTimes(t *testing.T) {
	l := PathLines(&newScene().epsv(Works, "", 50001, millis(30)).epsv(Fails, HowDropped, 50900, millis(3000)).Report)[1]
	if !l.Partly || l.Result != Works || l.Text != "works 1 of 2 times" {
		t.Errorf("%+v", l)
	}
}
