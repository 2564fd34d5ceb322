//go:build race

package exchange

// raceDetector says that memory and time are many times what they are without it.
const raceDetector = true
