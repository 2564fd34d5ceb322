package keep

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// Rules say what a Journal holds: a state S, a map, which changes C are applied to,
// and its form F in the file, a struct.
type Rules[S, F, C any] struct {
	Read  func(F) S
	Write func(S) F
	// News reports whether a change is worth taking in; nil: Apply says so.
	News func(S, C) bool
	// Apply makes a change and reports whether it changed anything. It also bounds
	// the state.
	Apply   func(S, C) bool
	Wait    time.Duration // between the first change and the writing
	Pending int           // at most so many changes wait to be written; the oldest go
}

// A Journal keeps a state in a File. What is learned is known at once, and written by a
// goroutine of the Journal's own, so that nobody waits for a disk. Two programs may use
// the same file: each applies its changes to what it finds there. It may be used by
// several goroutines at once.
type Journal[S, F, C any] struct {
	file  File
	rules Rules[S, F, C]

	wake chan struct{} // holds one token while there is something to write
	stop chan struct{} // closed by Close
	done chan struct{} // closed when the goroutine is gone
	once sync.Once

	writing sync.Mutex // held while the file is changed; taken before mu

	mu      sync.Mutex // guards what follows
	state   S
	pending []C   // not in the file yet
	problem error // the first one with writing that was not told yet
	told    bool  // a problem was told
}

// OpenJournal reads the file; one without a path lasts until Close. The Journal is
// usable in any case, and empty where the file could not be read: the error then says
// why, as Load does. A damaged file has been set aside; one of a newer version is left
// alone, and nothing is written.
func OpenJournal[S, F, C any](f File, rules Rules[S, F, C]) (*Journal[S, F, C], error) {
	j := &Journal[S, F, C]{
		file: f, rules: rules,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	if f.Path == "" {
		j.state = rules.Read(*new(F))
		close(j.done)
		return j, nil
	}
	stored, err := Load[F](f)
	j.state = rules.Read(stored)
	_, damaged := errors.AsType[*DamagedError](err)
	j.told = err != nil && !damaged // it will be in the way again
	go j.writeBehind()
	return j, err
}

// Look calls see with the state, which it must not change nor keep.
func (j *Journal[S, F, C]) Look(see func(S)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	see(j.state)
}

// Learn takes changes in, to be written later, and reports whether any was news.
func (j *Journal[S, F, C]) Learn(changes ...C) (news bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range changes {
		if j.rules.News != nil && !j.rules.News(j.state, c) || !j.rules.Apply(j.state, c) {
			continue
		}
		news = true
		if j.file.Path != "" {
			j.pending = j.bounded(append(j.pending, c))
		}
	}
	if len(j.pending) > 0 && news {
		select {
		case j.wake <- struct{}{}:
		default: // it is awake already
		}
	}
	return news
}

// bounded leaves the newest of too many changes.
func (j *Journal[S, F, C]) bounded(list []C) []C {
	if over := len(list) - j.rules.Pending; over > 0 {
		return slices.Clone(list[over:])
	}
	return list
}

// Waiting returns how many changes are not in the file yet.
func (j *Journal[S, F, C]) Waiting() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.pending)
}

// writeBehind writes whenever there is something to write, until Close.
func (j *Journal[S, F, C]) writeBehind() {
	defer close(j.done)
	for {
		select {
		case <-j.wake:
			pause := time.NewTimer(j.rules.Wait)
			select {
			case <-pause.C:
			case <-j.stop:
			}
			pause.Stop()
			j.report(j.flush())
		case <-j.stop:
			j.report(j.flush())
			return
		}
	}
}

// Flush writes what waits now. After an error it still waits, and Problem does not
// tell the error again.
func (j *Journal[S, F, C]) Flush() error {
	err := j.flush()
	if err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.problem, j.told = nil, true
	}
	return err
}

// flush writes what waits, and takes in what others wrote. A file that is found
// damaged has been set aside, which Problem tells; a new one is begun.
func (j *Journal[S, F, C]) flush() error {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	batch := j.pending
	j.pending = nil
	j.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	after, err := j.update(batch)
	if damaged, ok := errors.AsType[*DamagedError](err); ok && damaged.Aside != "" {
		j.report(err)
		after, err = j.update(batch)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		j.pending = j.bounded(append(batch, j.pending...))
		return err
	}
	for _, c := range j.pending { // learned meanwhile
		j.rules.Apply(after, c)
	}
	j.state = after
	return nil
}

// update applies changes to the file and returns its new state.
func (j *Journal[S, F, C]) update(batch []C) (after S, err error) {
	err = Update(j.file, func(f *F) error {
		after = j.rules.Read(*f)
		for _, c := range batch {
			j.rules.Apply(after, c)
		}
		*f = j.rules.Write(after)
		return nil
	})
	return after, err
}

// report keeps err for Problem, unless there was one before.
func (j *Journal[S, F, C]) report(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil && !j.told {
		j.problem, j.told = err, true
	}
}

// Problem returns what keeps the journal from being written, the first time that it is
// asked after that happened; else nil. What is learned is then known until Close.
func (j *Journal[S, F, C]) Problem() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := j.problem
	j.problem = nil
	return err
}

// Close writes what is not written yet and ends the goroutine. It returns what Problem
// would. A closed Journal still answers, but no longer writes by itself.
func (j *Journal[S, F, C]) Close() error {
	j.once.Do(func() { close(j.stop) })
	<-j.done
	return j.Problem()
}
