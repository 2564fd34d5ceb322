//go:build linux

package delay

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// A parcel is on its way: bytes that are delivered when they are due. Without
// bytes it says that no more will follow.
type parcel struct {
	due  time.Time
	data []byte
}

// queueLength is how many parcels can be on the way. At 64 KiB each, the most
// that is read at once, and 20 ms, that is far beyond what a computer carries.
const queueLength = 8192

// sleepUntil is exact to some ten microseconds; the timers of the runtime round
// up to milliseconds where nothing else is going on.
func sleepUntil(t time.Time) {
	for {
		left := time.Until(t)
		if left <= 0 {
			return
		}
		ts := unix.NsecToTimespec(left.Nanoseconds())
		if err := unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &ts, nil); err != nil && !errors.Is(err, unix.EINTR) {
			time.Sleep(left)
		}
	}
}
