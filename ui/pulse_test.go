package ui

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestPulseCoalescesAndRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beats := 0
		p := newPulse(100*time.Millisecond, func(f func()) { f() }, func() bool { beats++; return false })
		defer p.Close()
		synctest.Wait()
		if beats != 0 {
			t.Fatalf("%d beats before anybody woke it", beats)
		}
		for range 1000 {
			p.Wake()
		}
		synctest.Wait()
		if beats != 1 {
			t.Fatalf("%d beats at once, want 1", beats)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if beats != 1 && beats != 2 {
			t.Errorf("%d beats for one burst, want 1 or the one that was due", beats)
		}
		seen := beats
		time.Sleep(time.Hour)
		synctest.Wait()
		if beats != seen {
			t.Errorf("beat %d times in an idle hour", beats-seen)
		}
	})
}

func TestPulseKeepsBeatingWhileActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beats := 0
		p := newPulse(100*time.Millisecond, func(f func()) { f() }, func() bool { beats++; return beats < 10 })
		defer p.Close()
		p.Wake()
		time.Sleep(450 * time.Millisecond)
		synctest.Wait()
		if beats != 5 {
			t.Errorf("%d beats in 450 ms, want 5", beats)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if beats != 10 {
			t.Errorf("%d beats in all, want 10", beats)
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
