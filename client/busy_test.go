package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Limits of the tests that wait. A hang is one for any of them.
const (
	patience = 20 * time.Second // for what answers
	hang     = time.Minute      // for what has to end
)

// unspoilt wants one of three tries to find nothing wrong. It is for what rests on times,
// which a busy computer can spoil: what is always wrong is the product's doing.
func unspoilt(t *testing.T, try func() (wrong []string)) {
	t.Helper()
	var all []string
	for range 3 {
		wrong := try()
		if len(wrong) == 0 {
			return
		}
		all = append(all, strings.Join(wrong, "; "))
	}
	t.Errorf("in three tries:\n%s", strings.Join(all, "\n"))
}

// inTime wants something to take limit at most, in one of three tries.
func inTime(t *testing.T, what string, limit time.Duration, try func() time.Duration) {
	t.Helper()
	unspoilt(t, func() []string {
		if took := try(); took > limit {
			return []string{fmt.Sprintf("%s took %v, want %v at most", what, took, limit)}
		}
		return nil
	})
}
