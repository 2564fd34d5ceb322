package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"portside/client/secrets"
)

// keyringVariable says which keyring the program of a script has: the path of a file
// that stands for one, or a state that a keyring is in.
const keyringVariable = "SCRIPT_KEYRING"

// scriptKeyring makes the keyring of a script, so that none asks a real one.
func scriptKeyring() secrets.Backend {
	switch where := os.Getenv(keyringVariable); where {
	case "missing":
		return brokenRing(secrets.Missing)
	case "locked":
		return brokenRing(secrets.Locked)
	case "system":
		return nil
	default:
		return fileRing(where)
	}
}

// A brokenRing is a keyring that is in trouble.
type brokenRing secrets.State

func (b brokenRing) trouble(op string) error {
	return &secrets.Error{Op: op, State: secrets.State(b)}
}

// Get implements secrets.Backend.
func (b brokenRing) Get(context.Context, string) (string, error) { return "", b.trouble("get") }

// Set implements secrets.Backend.
func (b brokenRing) Set(context.Context, string, string, string) error { return b.trouble("set") }

// Delete implements secrets.Backend.
func (b brokenRing) Delete(context.Context, string) error { return b.trouble("delete") }

// A fileRing is a file of secrets that scripts can look into.
type fileRing string

func (r fileRing) load() (map[string]string, error) {
	all := map[string]string{}
	b, err := os.ReadFile(string(r))
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	return all, json.Unmarshal(b, &all)
}

func (r fileRing) change(do func(map[string]string) error) error {
	all, err := r.load()
	if err == nil {
		err = do(all)
	}
	if err != nil {
		return err
	}
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return os.WriteFile(string(r), b, 0o600)
}

// Get implements secrets.Backend.
func (r fileRing) Get(_ context.Context, item string) (string, error) {
	all, err := r.load()
	secret, ok := all[item]
	if err == nil && !ok {
		err = &secrets.Error{Op: "get", State: secrets.NotFound}
	}
	return secret, err
}

// Set implements secrets.Backend.
func (r fileRing) Set(_ context.Context, item, _, secret string) error {
	return r.change(func(all map[string]string) error {
		all[item] = secret
		return nil
	})
}

// Delete implements secrets.Backend.
func (r fileRing) Delete(_ context.Context, item string) error {
	return r.change(func(all map[string]string) error {
		if _, ok := all[item]; !ok {
			return &secrets.Error{Op: "delete", State: secrets.NotFound}
		}
		delete(all, item)
		return nil
	})
}
