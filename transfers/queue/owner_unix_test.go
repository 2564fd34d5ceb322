//go:build unix

package queue_test

import (
	"io/fs"
	"os"
	"syscall"
)

// likeOwner gives a path the owner of another file.
func likeOwner(path string, like fs.FileInfo) error {
	st, ok := like.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return os.Lchown(path, int(st.Uid), int(st.Gid))
}
