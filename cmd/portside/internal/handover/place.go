package handover

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Place is what windows have in common that hand over to each other.
type Place struct {
	ConfigDir string // folder of the configuration
	Display   string // where the window is seen, as the environment names it
	Runtime   string // folder of the user's sockets, such as XDG_RUNTIME_DIR; "": there is none
	Cache     string // folder of the user, where Runtime cannot be used
}

// Path returns the path of the socket, in a folder that it makes where it is missing and
// that nobody else can enter.
func (p Place) Path() (string, error) {
	dir, err := p.folder()
	if err != nil {
		return "", err
	}
	config, err := filepath.Abs(p.ConfigDir)
	if err != nil {
		return "", fmt.Errorf("folder of the configuration: %w", err)
	}
	if real, unknown := filepath.EvalSymlinks(config); unknown == nil {
		config = real
	}
	sum := sha256.Sum256([]byte(config + "\x00" + p.Display))
	return filepath.Join(dir, "window-"+hex.EncodeToString(sum[:8])+".sock"), nil
}

func (p Place) folder() (string, error) {
	if filepath.IsAbs(p.Runtime) {
		if dir, err := private(filepath.Join(p.Runtime, "portside")); err == nil {
			return dir, nil
		}
	}
	if !filepath.IsAbs(p.Cache) {
		return "", errors.New("there is no folder for the socket of the window")
	}
	return private(filepath.Join(p.Cache, "portside", "run"))
}

// private makes a folder, if it is missing, and reports one that is not its user's alone.
func private(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || !own(info) {
		return "", &fs.PathError{Op: "use", Path: dir, Err: fs.ErrPermission}
	}
	return dir, nil
}

// Display names where a window of this environment is seen.
func Display(getenv func(string) string) string {
	return strings.Join([]string{getenv("DISPLAY"), getenv("WAYLAND_DISPLAY")}, "\x00")
}
