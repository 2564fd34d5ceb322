package faulty

import (
	"math/rand/v2"
	"sync"

	"portside/client/ftptest"
)

// The passive ports of the demo are in this range, below those that systems hand
// out themselves.
const (
	lowest  = 20_000
	highest = 29_999
)

// somewhere is the first of size ports in the range.
func somewhere(size int) int { return lowest + rand.IntN(highest-lowest+2-size) }

// walk goes through 4,000 ports, on by step each time, and around.
func walk(step func() int) func(string) uint16 {
	const size = 4000
	var mu sync.Mutex // guards at
	first := somewhere(size)
	at := rand.IntN(size)
	return func(string) uint16 {
		mu.Lock()
		defer mu.Unlock()
		at = (at + step()) % size
		return uint16(first + at)
	}
}

func sequential() func(string) uint16 { return walk(func() int { return 1 }) }

func stride() func(string) uint16 { return walk(func() int { return 10 }) }

// busy leaves gaps of two ports on average.
func busy() func(string) uint16 { return walk(func() int { return 1 + rand.IntN(5) }) }

// narrow has twelve ports.
func narrow() func(string) uint16 {
	const size = 12
	first := somewhere(size)
	return func(string) uint16 { return uint16(first + rand.IntN(size)) }
}

func fixed() func(string) uint16 {
	port := uint16(somewhere(1))
	return func(string) uint16 { return port }
}

// random has 8,000 ports.
func random() func(string) uint16 {
	const size = 8000
	first := somewhere(size)
	return func(string) uint16 { return uint16(first + rand.IntN(size)) }
}

// partial has 2,000 ports, of which the upper half answers nothing.
func partial(Options) []ftptest.Option {
	const size = 2000
	first := somewhere(size)
	return []ftptest.Option{
		ftptest.PassivePorts(func(string) uint16 { return uint16(first + rand.IntN(size)) }),
		ftptest.DropPorts(func(_ string, port uint16) bool { return int(port) >= first+size/2 }),
	}
}

// epsvDropped gives PASV a port next to that of the last EPSV, where there was one,
// so that no border between open and closed ports explains what happens.
func epsvDropped(Options) []ftptest.Option {
	const size = 8000
	var mu sync.Mutex // guards what follows
	first := somewhere(size)
	beside := 0 // the port of the last EPSV; 0: it has its neighbour
	choose := func(verb string) uint16 {
		mu.Lock()
		defer mu.Unlock()
		port := first + 4 + rand.IntN(size-8)
		switch {
		case verb == "EPSV":
			beside = port
		case beside != 0:
			port = beside + 1 + rand.IntN(3)
			if rand.IntN(2) == 0 {
				port = beside - 1 - rand.IntN(3)
			}
			beside = 0
		}
		return uint16(port)
	}
	return []ftptest.Option{
		ftptest.PassivePorts(choose),
		ftptest.DropPorts(func(verb string, _ uint16) bool { return verb == "EPSV" }),
	}
}
