package ftptest

import "time"

// DirAt is Dir with a modification time.
func DirAt(path string, mtime time.Time) Option {
	return func(c *config) {
		c.note(c.tree.mkdirAll(path))
		c.note(c.tree.setTime(path, mtime))
	}
}
