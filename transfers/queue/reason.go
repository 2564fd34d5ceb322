package queue

import (
	"encoding/json"
	"errors"

	"portside/client"
	"portside/transfers"
)

// reasonOf says an error in words.
func reasonOf(err error) Reason {
	if err == nil {
		return Reason{}
	}
	a := transfers.Explain(err)
	return Reason{Kind: a.Kind.String(), Sentence: a.Sentence, Next: a.Next, Connection: isConnection(err)}
}

// isConnection reports trouble that a diagnosis may say more about.
func isConnection(err error) bool {
	if _, ok := errors.AsType[*client.NoMethodError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*client.DialError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*client.DataError](err); ok {
		return true
	}
	_, ok := errors.AsType[*client.LostError](err)
	return ok
}

// A storedReason is a Reason in the file, with the note of what was done.
type storedReason struct {
	Reason
	Note string `json:"note,omitempty"`
}

// writeReason is nil where there is nothing to say.
func writeReason(r Reason, note string) []byte {
	if r == (Reason{}) && note == "" {
		return nil
	}
	b, err := json.Marshal(storedReason{Reason: r, Note: note})
	if err != nil {
		return nil // strings can be written
	}
	return b
}

func readReason(b []byte) (Reason, string) {
	var r storedReason
	if len(b) > 0 {
		_ = json.Unmarshal(b, &r) // what cannot be read says nothing
	}
	return r.Reason, r.Note
}

// A storedConflict is a Conflict in the file.
type storedConflict struct {
	Remote   []byte             `json:"remote"`
	Local    string             `json:"local"`
	Conflict transfers.Conflict `json:"conflict"`
}

func writeConflict(c transfers.Conflict) []byte {
	b, err := json.Marshal(storedConflict{Remote: []byte(c.Remote), Local: c.Local, Conflict: c})
	if err != nil {
		return nil // a year that JSON has no words for: the question has fewer facts
	}
	return b
}

func readConflict(b []byte) *transfers.Conflict {
	if len(b) == 0 {
		return nil
	}
	var c storedConflict
	if json.Unmarshal(b, &c) != nil {
		return &transfers.Conflict{SourceSize: -1, TargetSize: -1}
	}
	c.Conflict.Remote, c.Conflict.Local = string(c.Remote), c.Local
	return &c.Conflict
}
