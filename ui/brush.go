package ui

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// A brush paints smooth shapes into a picture of device pixels. Its measures are
// those of the window, which scale turns into pixels.
type brush struct {
	img   *image.RGBA
	scale float32
	r     *vector.Rasterizer
}

// newBrush returns a brush on a transparent picture of w by h pixels.
func newBrush(w, h int, scale float32) *brush {
	return &brush{img: image.NewRGBA(image.Rect(0, 0, w, h)), scale: scale, r: vector.NewRasterizer(w, h)}
}

// A spot is a place in a picture.
type spot struct{ x, y float32 }

// paint fills what the path encloses.
func (b *brush) paint(c color.Color) {
	b.r.Draw(b.img, b.img.Rect, image.NewUniform(c), image.Point{})
	b.r.Reset(b.img.Rect.Dx(), b.img.Rect.Dy())
}

// shape adds a closed path through spots.
func (b *brush) shape(spots ...spot) {
	for i, s := range spots {
		if i == 0 {
			b.r.MoveTo(s.x*b.scale, s.y*b.scale)
		} else {
			b.r.LineTo(s.x*b.scale, s.y*b.scale)
		}
	}
	b.r.ClosePath()
}

// stroke adds a line to the path.
func (b *brush) stroke(from, to spot, width float32) {
	dx, dy := to.x-from.x, to.y-from.y
	l := float32(math.Hypot(float64(dx), float64(dy)))
	if l == 0 {
		return
	}
	nx, ny := -dy/l*width/2, dx/l*width/2
	b.shape(spot{from.x + nx, from.y + ny}, spot{to.x + nx, to.y + ny}, spot{to.x - nx, to.y - ny}, spot{from.x - nx, from.y - ny})
}

// line paints a line.
func (b *brush) line(from, to spot, width float32, c color.Color) {
	b.stroke(from, to, width)
	b.paint(c)
}

// dashes paints a line of dashes so long, with gaps so wide.
func (b *brush) dashes(from, to spot, width, dash, gap float32, c color.Color) {
	dx, dy := to.x-from.x, to.y-from.y
	l := float32(math.Hypot(float64(dx), float64(dy)))
	for at := float32(0); at < l; at += dash + gap {
		end := min(at+dash, l)
		b.stroke(spot{from.x + dx*at/l, from.y + dy*at/l}, spot{from.x + dx*end/l, from.y + dy*end/l}, width)
	}
	b.paint(c)
}

// circle adds a circle to the path, to be left out where inside another.
func (b *brush) circle(at spot, radius float32, hole bool) {
	const k = 0.5522847498 // a quarter circle as a Bézier curve
	x, y, r := at.x*b.scale, at.y*b.scale, radius*b.scale
	h := k * r
	b.r.MoveTo(x+r, y)
	if hole {
		b.r.CubeTo(x+r, y-h, x+h, y-r, x, y-r)
		b.r.CubeTo(x-h, y-r, x-r, y-h, x-r, y)
		b.r.CubeTo(x-r, y+h, x-h, y+r, x, y+r)
		b.r.CubeTo(x+h, y+r, x+r, y+h, x+r, y)
	} else {
		b.r.CubeTo(x+r, y+h, x+h, y+r, x, y+r)
		b.r.CubeTo(x-h, y+r, x-r, y+h, x-r, y)
		b.r.CubeTo(x-r, y-h, x-h, y-r, x, y-r)
		b.r.CubeTo(x+h, y-r, x+r, y-h, x+r, y)
	}
	b.r.ClosePath()
}

// disc paints a filled circle.
func (b *brush) disc(at spot, radius float32, c color.Color) {
	b.circle(at, radius, false)
	b.paint(c)
}

// ring paints the edge of a circle.
func (b *brush) ring(at spot, radius, width float32, c color.Color) {
	b.circle(at, radius+width/2, false)
	b.circle(at, radius-width/2, true)
	b.paint(c)
}

// cross paints an X.
func (b *brush) cross(at spot, radius, width float32, c color.Color) {
	b.line(spot{at.x - radius, at.y - radius}, spot{at.x + radius, at.y + radius}, width, c)
	b.line(spot{at.x - radius, at.y + radius}, spot{at.x + radius, at.y - radius}, width, c)
}

// arrow paints a head that points to the right, or with a negative size to the left.
func (b *brush) arrow(tip spot, size float32, c color.Color) {
	half := float32(math.Abs(float64(size))) * 0.62
	b.shape(tip, spot{tip.x - size, tip.y - half}, spot{tip.x - size, tip.y + half})
	b.paint(c)
}
