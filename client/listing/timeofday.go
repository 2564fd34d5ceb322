package listing

// A dayTime is a time of day as servers write it.
type dayTime struct {
	hour, minute, se uint8
	ok               bool // the form is right; the values may not be
	colon            bool // with colons, so that it can be nothing else
	seconds          bool
	fraction         bool
}

// clockTime reads "9:07", "09:07:33", "09:07:33.123456789", "01:05PM", "1:05p"
// and, without colon, "09.07".
func clockTime(w string) (t dayTime) {
	n := digitsEnd(w, 0)
	if n == 0 || n > 2 || n+1 >= len(w) || w[n] != ':' && w[n] != '.' {
		return t
	}
	t.hour = number2(w[:n])
	t.colon = w[n] == ':'
	m := digitsEnd(w, n+1)
	if m == n+1 || m > n+3 || !t.colon && (m != n+3 || m != len(w)) {
		return dayTime{}
	}
	t.minute = number2(w[n+1 : m])
	rest := w[m:]
	if rest != "" && rest[0] == ':' {
		s := digitsEnd(rest, 1)
		if s == 1 || s > 3 {
			return dayTime{}
		}
		t.se, t.seconds = number2(rest[1:s]), true
		rest = rest[s:]
		if rest != "" && (rest[0] == '.' || rest[0] == ',') {
			f := digitsEnd(rest, 1)
			t.fraction = f > 1
			rest = rest[f:]
		}
	}
	switch half, ok := halfOfDay(rest); {
	case !ok:
		return dayTime{}
	default:
		t.setHalf(half)
	}
	t.ok = true
	return t
}

// halfOfDay reads "AM", "pm", "a" or nothing: 0 for none, else 'A' or 'P'.
func halfOfDay(s string) (half byte, ok bool) {
	if s == "" {
		return 0, true
	}
	if len(s) > 2 || len(s) == 2 && s[1]|0x20 != 'm' {
		return 0, false
	}
	half = s[0] &^ 0x20
	return half, half == 'A' || half == 'P'
}

// setHalf applies AM or PM: 12 AM is midnight, 12 PM is noon.
func (t *dayTime) setHalf(half byte) {
	switch {
	case half == 'A' && t.hour == 12:
		t.hour = 0
	case half == 'P' && t.hour < 12:
		t.hour += 12
	}
}

// number2 reads one or two digits.
func number2(s string) uint8 {
	v := s[0] - '0'
	if len(s) == 2 {
		v = v*10 + s[1] - '0'
	}
	return v
}
