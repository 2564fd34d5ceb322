//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// lookEvery is how often connections are counted, and lookTimes how often in a row there
// have to be so many: one that is replaced is there twice for a moment.
const (
	lookEvery = 20 * time.Millisecond
	lookTimes = 5
)

// count counts the control connections to srv until the function that it returns is
// called, which returns the most that there were at a time; 0 where they cannot be seen.
func (srv *server) count(ctx context.Context) (most func() int) {
	ctx, stop := context.WithCancel(ctx)
	n := 0
	var seen []int
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for srv.pid > 0 {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if seen = append(seen, srv.established()); len(seen) == lookTimes {
					n = max(n, slices.Min(seen))
					seen = seen[1:]
				}
			}
		}
	})
	return func() int {
		stop()
		wg.Wait()
		return n
	}
}

// established is how many connections to the port of srv there are now, at its end.
func (srv *server) established() int {
	table, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", srv.pid)) // of its network namespace
	if err != nil {
		return 0
	}
	port := fmt.Appendf(nil, ":%04X", srv.port)
	from := map[string]bool{} // the kernel may list one twice, where others come and go
	for line := range bytes.Lines(table) {
		// sl, local address, remote address, state: 01 is ESTABLISHED
		if f := bytes.Fields(line); len(f) > 3 && bytes.HasSuffix(f[1], port) && string(f[3]) == "01" {
			from[string(f[2])] = true
		}
	}
	return len(from)
}
