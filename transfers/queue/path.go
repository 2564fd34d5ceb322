package queue

import (
	"os"
	"path/filepath"
)

// DefaultPath is the file of the queue that the programs share.
func DefaultPath() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "portside", "queue.db"), nil
}
