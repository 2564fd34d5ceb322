package diagnose

import (
	"encoding/binary"
	"testing"
	"time"
)

// FuzzAnalyzePorts takes any ports at any times: four bytes a sample, of which two
// are the port and two the seconds since the last.
func FuzzAnalyzePorts(f *testing.F) {
	f.Add([]byte{0x20, 0, 0, 1, 0x20, 1, 0, 1, 0x20, 2, 0, 1, 0x20, 3, 0, 1, 0x20, 4, 0, 1, 0x20, 5, 0, 1, 0x20, 6, 0, 1, 0x20, 7, 0, 1})
	f.Add([]byte{0xff, 0xff, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		var samples []PortSample
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		for ; len(data) >= 4; data = data[4:] {
			now = now.Add(time.Duration(int16(binary.BigEndian.Uint16(data[2:]))) * time.Second)
			s := PortSample{Time: now, Port: binary.BigEndian.Uint16(data)}
			if data[3] == 0xfe {
				s.Time = time.Time{}
			}
			samples = append(samples, s)
		}
		a := AnalyzePorts(samples)
		switch {
		case len(a.Samples) > maxSamples || len(a.Guesses) != len(a.Samples) || a.Hits > a.Tried || a.Tried > len(a.Samples):
			t.Errorf("%d samples, %d guesses, %d of %d", len(a.Samples), len(a.Guesses), a.Hits, a.Tried)
		case a.Low > a.High || a.LongestRun > len(a.Samples):
			t.Errorf("%+v", a)
		case a.Class.Predictable() && (a.Odds < 0 || a.Odds > falseAlarm || a.Candidates < 1 || a.Low == 0):
			t.Errorf("%+v", a)
		case a.Class.Predictable() && len(a.Samples) < fixedSamples:
			t.Errorf("%s of %d samples", a.Class, len(a.Samples))
		}
		PortWarning(a, "vsftpd", true)
	})
}
