//go:build linux

package delay

import "testing"

func TestPassivePort(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, port, rewritten string }{
		{"227 Entering Passive Mode (10,0,0,1,195,80).\r\n", "50000", "227 Entering Passive Mode (127,0,0,1,4,210).\r\n"},
		{"227 =10,0,0,1,0,21\r\n", "21", "227 =127,0,0,1,4,210\r\n"},
		{"229 Extended (|||50000|)\r\n", "50000", "229 Extended (|||1234|)\r\n"},
		{"229 Extended (|1|10.0.0.1|50000|)\r\n", "", ""},
		{"227 Entering Passive Mode (10,0,0,1,300,80)\r\n", "", ""},
		{"150 Opening (|||50000|)\r\n", "", ""},
		{" 227 Entering Passive Mode (10,0,0,1,195,80)\r\n", "", ""},
	} {
		port, rewrite := passivePort(c.line)
		if port != c.port || (rewrite == nil) != (c.port == "") {
			t.Errorf("passivePort(%q) = %q, want %q", c.line, port, c.port)
			continue
		}
		if rewrite != nil && rewrite(1234) != c.rewritten {
			t.Errorf("%q becomes %q, want %q", c.line, rewrite(1234), c.rewritten)
		}
	}
}
