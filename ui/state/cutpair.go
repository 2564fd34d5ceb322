package state

import "strings"

// pairArrow stands between the two sites of a copy: a sign that the usual font has.
const pairArrow = " › "

// CutPair is CutMiddle for two names with an arrow between them, which both keep their
// share: what one does not need the other has. Any other text is cut in its middle.
func CutPair(text string, limit float32, width func(string) float32) string {
	from, to, pair := strings.Cut(text, pairArrow)
	if !pair || width(text) <= limit {
		return CutMiddle(text, limit, width)
	}
	room := limit - width(pairArrow)
	half := room / 2
	if room <= 0 {
		return CutMiddle(text, limit, width)
	}
	switch {
	case width(from) < half:
		return from + pairArrow + CutMiddle(to, room-width(from), width)
	case width(to) < half:
		return CutMiddle(from, room-width(to), width) + pairArrow + to
	default:
		return CutMiddle(from, half, width) + pairArrow + CutMiddle(to, half, width)
	}
}
