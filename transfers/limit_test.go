package transfers

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// take moves bytes through l until ctx ends, and returns how many.
func take(ctx context.Context, l *Limiter, count func(int)) {
	for {
		n, err := l.Pace(ctx, 128<<10)
		if err != nil {
			return
		}
		count(n)
	}
}

// Every rate holds for every number of connections, which all get the same.
func TestLimiterHoldsRate(t *testing.T) {
	for _, perSecond := range []int64{1000, 10_000, 200_000, 2_000_000, 500_000_000} {
		for _, conns := range []int{1, 10} {
			synctest.Test(t, func(t *testing.T) {
				const span = 10 * time.Second
				l := NewLimiter(perSecond)
				ctx, cancel := context.WithTimeout(t.Context(), span)
				defer cancel()
				moved, largest := make([]int64, conns), 0
				var mu sync.Mutex // guards largest
				var wg sync.WaitGroup
				for i := range conns {
					wg.Go(func() {
						take(ctx, l, func(n int) {
							moved[i] += int64(n)
							mu.Lock()
							defer mu.Unlock()
							largest = max(largest, n)
						})
					})
				}
				wg.Wait()
				total := int64(0)
				for _, n := range moved {
					total += n
				}
				want := float64(perSecond) * span.Seconds()
				if off := float64(total)/want - 1; off < -0.05 || off > 0.05 {
					t.Errorf("%d B/s, %d connections: %d bytes in %v, %+.1f %%", perSecond, conns, total, span, 100*off)
				}
				if most := max(smallestGrant, int(perSecond/20)); largest > most {
					t.Errorf("%d B/s: a grant of %d bytes", perSecond, largest)
				}
				for i, n := range moved {
					share := total / int64(conns)
					if off := max(n-share, share-n); off > max(share/20, int64(grantOf(perSecond))) {
						t.Errorf("%d B/s: connection %d got %d bytes of its share of %d", perSecond, i, n, share)
					}
				}
			})
		}
	}
}

// A new rate counts at once, for those that wait as well.
func TestLimiterChangesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(10) // a grant of ten bytes a second
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex // guards moved
		moved := 0
		reset := func() int {
			mu.Lock()
			defer mu.Unlock()
			was := moved
			moved = 0
			return was
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				take(ctx, l, func(n int) {
					mu.Lock()
					defer mu.Unlock()
					moved += n
				})
			})
		}
		time.Sleep(2500 * time.Millisecond)
		reset()
		l.SetRate(1_000_000)
		time.Sleep(200 * time.Millisecond)
		if got := reset(); got < 150_000 {
			t.Errorf("%d bytes in the 200 ms after 10 B/s became 1 MB/s", got)
		}
		l.SetRate(10_000)
		time.Sleep(200 * time.Millisecond)
		if got := reset(); got > 30_000 {
			t.Errorf("%d bytes in the 200 ms after 1 MB/s became 10 KB/s", got)
		}
		time.Sleep(time.Second)
		if got := reset(); got < 9_000 || got > 11_000 {
			t.Errorf("%d bytes in a second at 10 KB/s", got)
		}
		cancel()
		wg.Wait()
	})
}

// Those that wait are let go where the limit is taken away.
func TestLimiterLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(1)
		if _, err := l.Pace(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if n, err := l.Pace(t.Context(), 100_000); err != nil || n != 100_000 {
					t.Errorf("%d, %v; want all that was asked for", n, err)
				}
			})
		}
		synctest.Wait()
		before := time.Now()
		l.SetRate(0)
		wg.Wait()
		if d := time.Since(before); d != 0 {
			t.Errorf("it took %v", d)
		}
	})
}

// What small files give back is not lost for the others.
func TestLimiterTakesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(1_000_000)
		start, moved := time.Now(), 0
		for moved < 2_000_000 {
			n, err := l.Pace(t.Context(), 128<<10)
			if err != nil {
				t.Fatal(err)
			}
			used := min(n, 2000)
			moved += used
			if _, err = l.Pace(t.Context(), used-n); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(start); d < 1800*time.Millisecond || d > 2100*time.Millisecond {
			t.Errorf("2 MB in files of 2000 bytes took %v at 1 MB/s", d)
		}
	})
}

// Who gives up takes nothing from the others.
func TestLimiterGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(1000)
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			for ctx.Err() == nil {
				_, err := l.Pace(ctx, 1000)
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Fatal(err)
				}
			}
			cancel()
		}
		start := time.Now()
		if n, err := l.Pace(t.Context(), 1000); err != nil || n != smallestGrant || time.Since(start) > 256*time.Millisecond {
			t.Errorf("%d, %v after %v", n, err, time.Since(start))
		}
	})
}
