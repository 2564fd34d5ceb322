package store

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// A finder keeps the answer to the last question that looked at every entry.
type finder struct {
	mu      sync.Mutex // guards what follows
	version int
	answer  found
}

// found are the ids of a list.
type found struct {
	question string
	ids      []int64
	version  int
	until    time.Time // it is good enough until then, whatever has changed
}

// changed is told that something was stored.
func (f *finder) changed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
}

// fast is how long a question may take that is asked anew after each change. A slower
// one is answered from memory for three times as long as it took, so that a panel
// which asks ten times a second leaves the computer to others.
const fast = 100 * time.Millisecond

// find returns the ids of the list that q asks for, all of them.
func (s *Store) find(ctx context.Context, q PageQuery) ([]int64, error) {
	question, parts := s.question(q)
	s.search.mu.Lock()
	last, version := s.search.answer, s.search.version
	s.search.mu.Unlock()
	start := time.Now()
	if last.question == question && (last.version == version || start.Before(last.until)) {
		return last.ids, nil
	}
	ids := []int64{}
	for _, p := range parts {
		some, err := s.ints(ctx, p.text, p.args...)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	answer := found{question: question, ids: ids, version: version}
	if took := time.Since(start); took > fast {
		answer.until = time.Now().Add(3 * took)
	}
	s.search.mu.Lock()
	defer s.search.mu.Unlock()
	s.search.answer = answer
	return ids, nil
}

// A statement is SQL with its values.
type statement struct {
	text string
	args []any
}

// question writes q as SQL, and as one line that tells it from others.
func (s *Store) question(q PageQuery) (text string, parts []statement) {
	var and string
	var args []any
	if q.Job != 0 {
		and += " AND id IN (SELECT id FROM items WHERE job=? AND parent<>0 UNION ALL SELECT ?)"
		args = append(args, q.Job, q.Job)
	}
	if q.Text != "" {
		var or []string
		for _, pattern := range patterns(q.Text) {
			or = append(or, `CAST(remote AS TEXT) LIKE ? ESCAPE '\' OR CAST(local AS TEXT) LIKE ? ESCAPE '\' OR CAST(toremote AS TEXT) LIKE ? ESCAPE '\'`)
			args = append(args, pattern, pattern, pattern)
		}
		and += " AND (" + strings.Join(or, " OR ") + ")"
	}
	var words []string
	for _, g := range s.segments(q) {
		set, order := "state NOT IN "+s.finished, "rank,pos,id"
		switch {
		case g.newest:
			set, order = "state IN "+s.finished, "ended DESC,id DESC"
		case g.ended:
			set, order = "state IN "+s.finished, "ended,id"
		}
		p := statement{"SELECT id FROM items WHERE " + set + s.only(g) + and + " ORDER BY " + order, args}
		parts = append(parts, p)
		words = append(words, p.text)
	}
	for _, a := range args {
		if pattern, ok := a.(string); ok {
			words = append(words, pattern)
		}
	}
	return strings.Join(words, "\x00") + "\x00" + number(q.Job), parts
}

// patterns are what LIKE looks for. It takes A and a for the same letter, and no
// others, so those are asked for in both cases.
func patterns(text string) []string {
	quoted := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
	list := []string{"%" + quoted + "%"}
	if strings.ContainsFunc(text, func(r rune) bool { return r > 127 }) {
		for _, other := range []string{strings.ToLower(quoted), strings.ToUpper(quoted)} {
			if p := "%" + other + "%"; !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list
}
