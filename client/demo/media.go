package demo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
)

// newRand is a source of numbers that are the same in every run.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x706f727473696465)) }

// photos are skies above water, at several times of the day.
func (b *builder) photos() {
	for i, p := range []struct {
		name           string
		top, low, lake color.RGBA
	}{
		{"Dawn", color.RGBA{40, 48, 92, 255}, color.RGBA{244, 170, 130, 255}, color.RGBA{58, 66, 104, 255}},
		{"Morning", color.RGBA{92, 150, 210, 255}, color.RGBA{232, 238, 240, 255}, color.RGBA{70, 120, 150, 255}},
		{"Noon", color.RGBA{36, 110, 200, 255}, color.RGBA{170, 210, 236, 255}, color.RGBA{20, 84, 130, 255}},
		{"Evening", color.RGBA{80, 60, 120, 255}, color.RGBA{250, 130, 80, 255}, color.RGBA{66, 50, 90, 255}},
		{"Night", color.RGBA{6, 10, 28, 255}, color.RGBA{34, 46, 80, 255}, color.RGBA{8, 14, 30, 255}},
	} {
		img := image.NewRGBA(image.Rect(0, 0, 480, 320))
		for y := range 320 {
			c := mix(p.top, p.low, float64(y)/200)
			if y >= 200 {
				c = mix(p.lake, p.low, 0.4*math.Pow(1-float64(y-200)/120, 3))
			}
			for x := range 480 {
				img.SetRGBA(x, y, c)
			}
		}
		// The light of the harbour, red, on the port side.
		disc(img, 90, 188, 5, color.RGBA{226, 40, 36, 255})
		disc(img, 90+60*i, 60+8*i, 14, color.RGBA{255, 246, 214, 255})
		var buf bytes.Buffer
		b.try(func() error { return png.Encode(&buf, img) })
		b.file(fmt.Sprintf("/Photos/%02d %s.png", i+1, p.name), buf.Bytes())
	}
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	t = min(max(t, 0), 1)
	part := func(x, y uint8) uint8 { return uint8(float64(x)*(1-t) + float64(y)*t) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 255}
}

func disc(img *image.RGBA, cx, cy, r int, c color.RGBA) {
	for y := -r; y <= r; y++ {
		for x := -r; x <= r; x++ {
			if x*x+y*y <= r*r {
				img.SetRGBA(cx+x, cy+y, c)
			}
		}
	}
}

// music is three melodies of plain tones, mono, 16 bits.
func (b *builder) music() {
	for _, m := range []struct {
		name  string
		notes []int // semitones above A3
	}{
		{"Leaving harbour", []int{0, 4, 7, 12, 7, 4, 0, 5, 9, 12, 9, 5, 7, 11, 14, 11}},
		{"Calm sea", []int{3, 7, 10, 15, 10, 7, 1, 5, 8, 13, 8, 5, 0, 3, 7, 12}},
		{"Coming home", []int{12, 7, 4, 0, 9, 5, 0, 5, 11, 7, 2, 7, 12, 7, 4, 0}},
	} {
		b.file("/Music/"+m.name+".wav", wav(m.notes))
	}
}

// wav plays notes, four a second, twice.
func wav(notes []int) []byte {
	const rate, length = 44100, 44100 / 4
	samples := make([]int16, 0, 2*len(notes)*length)
	for range 2 {
		for _, n := range notes {
			step := 2 * math.Pi * 220 * math.Pow(2, float64(n)/12) / rate
			for i := range length {
				fade := math.Exp(-4 * float64(i) / length)
				attack := min(1, float64(i)/400)
				v := math.Sin(step*float64(i)) + 0.3*math.Sin(2*step*float64(i))
				samples = append(samples, int16(9000*attack*fade*v))
			}
		}
	}
	size := uint32(2 * len(samples))
	le := binary.LittleEndian
	out := make([]byte, 0, 44+size)
	out = append(out, "RIFF"...)
	out = le.AppendUint32(out, 36+size)
	out = append(out, "WAVEfmt "...)
	out = le.AppendUint32(out, 16)
	out = le.AppendUint16(out, 1) // PCM
	out = le.AppendUint16(out, 1) // mono
	out = le.AppendUint32(out, rate)
	out = le.AppendUint32(out, 2*rate)
	out = le.AppendUint16(out, 2)
	out = le.AppendUint16(out, 16)
	out = append(out, "data"...)
	out = le.AppendUint32(out, size)
	for _, v := range samples {
		out = le.AppendUint16(out, uint16(v))
	}
	return out
}

// samples are files large enough for a progress bar.
func (b *builder) samples() {
	for _, size := range []int{1, 2, 4, 8} {
		r := newRand(uint64(size))
		data := make([]byte, size<<20)
		for i := 0; i < len(data); i += 8 {
			binary.LittleEndian.PutUint64(data[i:], r.Uint64())
		}
		b.file(fmt.Sprintf("/Samples/random-%dMiB.bin", size), data)
	}
	b.file("/Samples/empty.dat", nil)
	b.file("/Samples/zeros-1MiB.bin", make([]byte, 1<<20))
}
