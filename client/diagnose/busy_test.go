package diagnose_test

import (
	"strings"
	"testing"
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
