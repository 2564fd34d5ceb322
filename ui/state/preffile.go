package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"

	"portside/client"
)

// PrefsVersion is the version of the file of the settings.
const PrefsVersion = 2

// A PrefsFile is the content of the file: members by name, those that this program
// does not know left as they are.
type PrefsFile map[string]json.RawMessage

// A PrefProblem is a member of the file that cannot be used.
type PrefProblem struct {
	Key  string // its name in the file
	What string
}

// Error names the member and says what is wrong with it.
func (p PrefProblem) Error() string {
	return fmt.Sprintf("“%s”: %s", client.Printable(p.Key), p.What)
}

// Read returns what the file says, with the defaults for what it does not say or
// what cannot be used, and the latter by name. Members of version 1 that have
// another name now are understood.
func (f PrefsFile) Read() (Prefs, []PrefProblem) {
	p := NewPrefs()
	var problems []PrefProblem
	wrong := func(key string, err error) {
		problems = append(problems, PrefProblem{Key: key, What: err.Error()})
	}
	if raw, ok := f["no_transcript"]; ok && f["transcript"] == nil { // of version 1
		var no bool
		if err := json.Unmarshal(raw, &no); err != nil {
			wrong("no_transcript", errSwitch)
		}
		p.Transcript = !no
	}
	for _, field := range append(PrefFields(), hiddenPrefs()...) {
		raw, ok := f[field.Key]
		if !ok {
			continue
		}
		if err := field.read(&p, raw); err != nil {
			wrong(field.Key, err)
		}
	}
	if raw, ok := f["transfers_share"]; ok {
		if err := json.Unmarshal(raw, &p.TransfersShare); err != nil || p.TransfersShare < 0 || p.TransfersShare > 1 {
			p.TransfersShare = 0
			wrong("transfers_share", errors.New("want a number from 0 to 1"))
		}
	}
	if raw, ok := f["keys"]; ok {
		keys, bad := readKeys(raw)
		p.Keys = keys
		problems = append(problems, bad...)
	}
	sort.Slice(problems, func(i, k int) bool { return problems[i].Key < problems[k].Key })
	return p, problems
}

// read takes a member's value in.
func (f *PrefField) read(p *Prefs, raw json.RawMessage) error {
	switch f.at(p).(type) {
	case *bool:
		var v bool
		if err := json.Unmarshal(raw, &v); err != nil || string(raw) == "null" {
			return errSwitch
		}
		*f.at(p).(*bool) = v
		return nil
	case *int:
		var v int
		if err := json.Unmarshal(raw, &v); err != nil || string(raw) == "null" || v < f.Least || v > f.Most {
			return f.outside()
		}
		*f.at(p).(*int) = v
		return nil
	}
	var v string
	if err := json.Unmarshal(raw, &v); err != nil || string(raw) == "null" {
		return errors.New("want a text in quotation marks")
	}
	if v == "" && f.Kind == PrefChoice {
		return nil // the default, as version 1 wrote it
	}
	if err := f.allows(strings.TrimSpace(v)); err != nil {
		return err
	}
	*f.at(p).(*string) = strings.TrimSpace(v)
	return nil
}

// PrefMember returns the name and the value under which what a key stands for is
// written. Besides fields there are "keys" and "transfers_share".
func PrefMember(p *Prefs, key string) (json.RawMessage, error) {
	switch key {
	case "keys":
		return json.Marshal(p.Keys)
	case "transfers_share":
		return json.Marshal(p.TransfersShare)
	}
	f := PrefByKey(key)
	if f == nil {
		return nil, fmt.Errorf("there is no setting %q", key)
	}
	return json.Marshal(f.at(p))
}

// PrefProblemsText says what cannot be used in the file.
func PrefProblemsText(path string, problems []PrefProblem) string {
	if len(problems) == 0 {
		return ""
	}
	const most = 4
	var parts []string
	for i, p := range problems {
		if i == most {
			parts = append(parts, Counted(len(problems)-most, "more", "more"))
			break
		}
		parts = append(parts, p.Error())
	}
	return fmt.Sprintf("Some settings in %s cannot be used, and their defaults are in force: %s.", client.Printable(path), strings.Join(parts, "; "))
}
