package ui

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestPulseCoalescesAndRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var beats atomic.Int32
		p := newPulse(100*time.Millisecond, func(f func()) { f() }, func() bool { beats.Add(1); return false })
		defer p.Close()
		synctest.Wait()
		if n := beats.Load(); n != 0 {
			t.Fatalf("%d beats before anybody woke it", n)
		}
		for range 1000 {
			p.Wake()
		}
		synctest.Wait()
		if n := beats.Load(); n != 1 {
			t.Fatalf("%d beats at once, want 1", n)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := beats.Load(); n != 1 && n != 2 {
			t.Errorf("%d beats for one burst, want 1 or the one that was due", n)
		}
		seen := beats.Load()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := beats.Load(); n != seen {
			t.Errorf("beat %d times in an idle hour", n-seen)
		}
	})
}

func TestPulseKeepsBeatingWhileActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var beats atomic.Int32
		p := newPulse(100*time.Millisecond, func(f func()) { f() }, func() bool { return beats.Add(1) < 10 })
		defer p.Close()
		p.Wake()
		time.Sleep(450 * time.Millisecond)
		synctest.Wait()
		if n := beats.Load(); n != 5 {
			t.Errorf("%d beats in 450 ms, want 5", n)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := beats.Load(); n != 10 {
			t.Errorf("%d beats in all, want 10", n)
		}
	})
}

func TestPulseClosesThoughNobodyRunsTheBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPulse(time.Millisecond, func(func()) {}, func() bool { return true })
		p.Wake()
		synctest.Wait()
		p.Close() // a deadlock fails the test
		p.Close()
	})
}
