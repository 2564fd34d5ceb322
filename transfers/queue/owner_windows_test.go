package queue_test

import "io/fs"

// likeOwner does nothing: the real servers do not run here.
func likeOwner(string, fs.FileInfo) error { return nil }
