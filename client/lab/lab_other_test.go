//go:build !linux

package lab

import "testing"

func TestLab(t *testing.T) { t.Skip("the lab is made of network namespaces, which Linux has") }
