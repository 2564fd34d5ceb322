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
	path  []brushStep
}

// A brushStep is a step of a path, in pixels: one spot, or the three of a curve.
type brushStep struct {
	kind stepKind
	at   [3]spot
}

type stepKind uint8

const (
	pathMove stepKind = iota
	pathLine
	pathCurve
	pathClose
)

// spots is how many of a step's spots count.
func (k stepKind) spots() int {
	switch k {
	case pathMove, pathLine:
		return 1
	case pathCurve:
		return 3
	default:
		return 0
	}
}

// newBrush returns a brush on a transparent picture of w by h pixels.
func newBrush(w, h int, scale float32) *brush {
	return &brush{img: image.NewRGBA(image.Rect(0, 0, w, h)), scale: scale, r: vector.NewRasterizer(0, 0)}
}

// A spot is a place in a picture.
type spot struct{ x, y float32 }

// paint fills what the path encloses. It looks at no more of the picture than that.
func (b *brush) paint(c color.Color) {
	box := b.box()
	dx, dy := float32(box.Min.X), float32(box.Min.Y)
	b.r.Reset(box.Dx(), box.Dy())
	for _, s := range b.path {
		at := s.at
		for i := range at {
			at[i].x -= dx
			at[i].y -= dy
		}
		switch s.kind {
		case pathMove:
			b.r.MoveTo(at[0].x, at[0].y)
		case pathLine:
			b.r.LineTo(at[0].x, at[0].y)
		case pathCurve:
			b.r.CubeTo(at[0].x, at[0].y, at[1].x, at[1].y, at[2].x, at[2].y)
		case pathClose:
			b.r.ClosePath()
		}
	}
	b.forget()
	if !box.Empty() {
		b.r.Draw(b.img, box, image.NewUniform(c), image.Point{})
	}
}

// box is the part of the picture that the path can reach.
func (b *brush) box() image.Rectangle {
	low, high := spot{math.MaxFloat32, math.MaxFloat32}, spot{-math.MaxFloat32, -math.MaxFloat32}
	for _, s := range b.path {
		for _, p := range s.at[:s.kind.spots()] {
			low.x, low.y = min(low.x, p.x), min(low.y, p.y)
			high.x, high.y = max(high.x, p.x), max(high.y, p.y)
		}
	}
	limit := b.img.Rect
	within := func(v float32, most int) int { return int(max(0, min(v, float32(most)))) }
	return image.Rect(within(low.x, limit.Max.X), within(low.y, limit.Max.Y),
		within(high.x+1, limit.Max.X), within(high.y+1, limit.Max.Y))
}

// forget gives up the path.
func (b *brush) forget() { b.path = b.path[:0] }

func (b *brush) step(kind stepKind, at ...spot) {
	s := brushStep{kind: kind}
	copy(s.at[:], at)
	b.path = append(b.path, s)
}

// shape adds a closed path through spots.
func (b *brush) shape(spots ...spot) {
	for i, s := range spots {
		if i == 0 {
			b.step(pathMove, spot{s.x * b.scale, s.y * b.scale})
		} else {
			b.step(pathLine, spot{s.x * b.scale, s.y * b.scale})
		}
	}
	b.step(pathClose)
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
	b.step(pathMove, spot{x + r, y})
	if hole {
		b.step(pathCurve, spot{x + r, y - h}, spot{x + h, y - r}, spot{x, y - r})
		b.step(pathCurve, spot{x - h, y - r}, spot{x - r, y - h}, spot{x - r, y})
		b.step(pathCurve, spot{x - r, y + h}, spot{x - h, y + r}, spot{x, y + r})
		b.step(pathCurve, spot{x + h, y + r}, spot{x + r, y + h}, spot{x + r, y})
	} else {
		b.step(pathCurve, spot{x + r, y + h}, spot{x + h, y + r}, spot{x, y + r})
		b.step(pathCurve, spot{x - h, y + r}, spot{x - r, y + h}, spot{x - r, y})
		b.step(pathCurve, spot{x - r, y - h}, spot{x - h, y - r}, spot{x, y - r})
		b.step(pathCurve, spot{x + h, y - r}, spot{x + r, y - h}, spot{x + r, y})
	}
	b.step(pathClose)
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
