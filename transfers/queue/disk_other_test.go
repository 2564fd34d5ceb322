//go:build !linux

package queue_test

import "testing"

func smallDisk(t *testing.T, _ string) string {
	t.Helper()
	t.Skip("a small disk can be mounted under Linux only")
	return ""
}

func fillDisk(*testing.T, string, int64) (free func()) { return func() {} }
