package secrets

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Options says what a Store uses. The zero value is the system's keyring without an index.
type Options struct {
	Backend  Backend          // nil: the system's keyring
	Patience time.Duration    // how long a call in the background may take; 0: DefaultPatience
	Index    string           // path of keyring.json; "": none
	Now      func() time.Time // nil: time.Now
}

// A Store keeps secrets. It may be used by several goroutines and, over the same
// keyring and index, by several programs at once. It prints as its name alone.
type Store struct {
	backend Backend
	gate    *gate
	index   index
	now     func() time.Time

	mu     sync.Mutex // guards what follows
	memory map[Key]hidden
	turns  map[Key]uint64 // counts the changes of a key, so that one that ends late is known as outdated
}

// A hidden is a secret that no printing, JSON or reflection shows.
type hidden func() string

func hide(secret string) hidden { return func() string { return secret } }

// Open makes a Store. It touches neither the keyring nor the index.
func Open(opt Options) *Store {
	s := &Store{backend: opt.Backend, now: opt.Now, memory: map[Key]hidden{}, turns: map[Key]uint64{}}
	if s.backend == nil {
		s.backend = systemKeyring()
	}
	if s.now == nil {
		s.now = time.Now
	}
	patience := opt.Patience
	if patience <= 0 {
		patience = DefaultPatience
	}
	s.gate = &gate{patience: patience, now: s.now, turn: make(chan struct{}, 1)}
	s.index = index{path: opt.Index}
	return s
}

// Format implements fmt.Formatter: a Store shows nothing of what it holds.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("secrets.Store")) }

// MarshalText implements encoding.TextMarshaler, in the same way.
func (s *Store) MarshalText() ([]byte, error) { return []byte("secrets.Store"), nil }

// Kept says where a secret is kept.
type Kept uint8

// The places.
const (
	NotKept   Kept = iota
	InMemory       // until the program ends
	InKeyring      // until it is removed
)

// String returns "not kept", "in memory" or "in the keyring".
func (k Kept) String() string {
	switch k {
	case InMemory:
		return "in memory"
	case InKeyring:
		return "in the keyring"
	default:
		return "not kept"
	}
}

// Get returns a secret: what is remembered for this run, else what the keyring holds.
// Errors: *Error; errors.Is(err, ErrNotFound) where everything works and there is none.
func (s *Store) Get(ctx context.Context, k Key) (string, error) {
	if err := k.check(); err != nil {
		return "", err
	}
	if secret, ok := s.Remembered(k); ok {
		return secret, nil
	}
	// The channel and not a variable: a call that was given up may end at any time.
	found := make(chan string, 1)
	err := s.gate.do(ctx, "get", func(ctx context.Context) error {
		if err := s.ready(ctx); err != nil {
			return err
		}
		secret, err := s.backend.Get(ctx, k.item())
		if err == nil {
			found <- secret
		}
		return err
	}, nil)
	if err != nil {
		return "", err
	}
	return <-found, nil
}

// Set puts a secret into the keyring; name is the site's name for people, which the
// keyring's own programs show. Where that fails the secret is kept in memory until the
// program ends, and the *Error says why: that is no failure. What the keyring has taken
// is not kept in memory.
func (s *Store) Set(ctx context.Context, k Key, name, secret string) (Kept, error) {
	if err := k.check(); err != nil {
		return NotKept, err
	}
	turn := s.remember(k, secret)
	if len(secret) > maxSecret(runtime.GOOS) {
		return InMemory, &Error{Op: "set", State: TooLong}
	}
	err := s.gate.do(ctx, "set", func(ctx context.Context) error {
		return s.put(ctx, k, name, secret)
	}, func(ctx context.Context, err error) {
		// It was given up and has happened after all. What the key means by now may be
		// something else: the keyring then forgets, and the user is asked.
		if err == nil && !s.settle(k, turn) {
			_ = s.backend.Delete(ctx, k.item()) // nobody is there to be told
		}
	})
	if err != nil {
		return InMemory, err
	}
	s.settle(k, turn)
	return InKeyring, nil
}

var errNotKept = errors.New("it did not keep what it was given")

// put writes a secret and reads it back: a Secret Service whose prompt was dismissed
// lets go-keyring believe that all went well.
func (s *Store) put(ctx context.Context, k Key, name, secret string) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	// Before the keyring, so that whatever happens now nothing is there unknown. A
	// secret is safe in the keyring also where the index cannot be written.
	_ = s.index.add(k, name, s.now())
	if err := s.backend.Set(ctx, k.item(), labelOf(name, k.Kind), secret); err != nil {
		return err
	}
	switch back, err := s.backend.Get(ctx, k.item()); {
	case StateOf(judge("set", err)) == NotFound:
		return &Error{Op: "set", State: Refused, Err: errNotKept}
	case err != nil:
		return err
	case back != secret:
		_ = s.backend.Delete(ctx, k.item()) // the error below says enough
		return &Error{Op: "set", State: Failed, Err: errNotKept}
	}
	return nil
}

// Remember keeps a secret in memory until the program ends, or Set or Delete. It is what
// Get returns; the keyring is not touched.
func (s *Store) Remember(k Key, secret string) { s.remember(k, secret) }

// Forget drops what Remember has kept, such as a password that the server refused.
func (s *Store) Forget(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.memory, k)
	s.turns[k]++
}

// Remembered returns a secret that is kept in memory.
func (s *Store) Remembered(k Key) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	secret, ok := s.memory[k]
	if !ok {
		return "", false
	}
	return secret(), true
}

func (s *Store) remember(k Key, secret string) (turn uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memory[k] = hide(secret)
	s.turns[k]++
	return s.turns[k]
}

// settle drops the copy in memory of what is now in the keyring, and reports whether
// nothing has changed since the turn.
func (s *Store) settle(k Key, turn uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns[k] != turn {
		return false
	}
	delete(s.memory, k)
	return true
}

// State looks how the keyring stands, without showing anything; with WithPatience it
// may ask the user to unlock it. It is cheap, and bounded as every call.
func (s *Store) State(ctx context.Context) State { return StateOf(s.Look(ctx)) }

// Look is State as an error, which has the more exact sentence; nil: the keyring works.
func (s *Store) Look(ctx context.Context) error {
	err := s.gate.do(ctx, "look", func(ctx context.Context) error {
		if _, ok := s.backend.(looker); ok {
			return s.ready(ctx)
		}
		_, err := s.backend.Get(ctx, "look/nothing")
		return err
	}, nil)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// ready asks a keyring that can say so whether it can be used.
func (s *Store) ready(ctx context.Context) error {
	l, ok := s.backend.(looker)
	if !ok {
		return nil
	}
	_, ask := asked(ctx)
	return l.Look(ctx, ask)
}
