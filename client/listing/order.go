package listing

// A dateClass groups the dates of a listing that are written alike, so that one
// of them can settle how the others are to be read.
type dateClass uint8

const (
	numericDash  dateClass = iota // 03-04-22 of DOS
	numericSlash                  // 03/04/22
	numericDot                    // 03.04.22
	unixNumeric                   // 03-04-2022 in a line of ls
	contested                     // a month named alike in two languages
	dateClasses
)

// The orders of a numeric date. For contested months 0 is the reading of most
// languages and 1 is that of Croatian.
const (
	monthDayYear = iota
	dayMonthYear
	yearMonthDay
	readings
)

// preference lists the readings of each class, the likeliest first.
func (c dateClass) preference() [readings]uint8 {
	switch c {
	case numericDot, unixNumeric:
		return [readings]uint8{dayMonthYear, monthDayYear, yearMonthDay}
	default:
		return [readings]uint8{monthDayYear, dayMonthYear, yearMonthDay}
	}
}

// A pendingDate is a date that can be read in several ways.
type pendingDate struct {
	entry int // index in Listing.Entries
	class dateClass
	c     [readings]civil // year 0: not possible
}

// dateVotes counts for each reading the dates for which it is possible, and
// those that it would put into the future.
type dateVotes struct {
	possible, future [readings]int
}

// best returns the reading that suits most of the dates of class.
func (v *dateVotes) best(class dateClass) uint8 {
	order := class.preference()
	best := order[0]
	for _, r := range order[1:] {
		switch {
		case v.possible[r] > v.possible[best],
			v.possible[r] == v.possible[best] && v.future[r] < v.future[best]:
			best = r
		}
	}
	return best
}

// weigh records how d can be read. If there is only one way, or none, it returns
// that and no need to wait; else d is to be settled with the whole listing.
func (p *parser) weigh(d *pendingDate) (only civil, wait bool) {
	v := &p.votes[d.class]
	ways := 0
	for r := range d.c {
		if !d.c[r].valid() {
			d.c[r] = civil{}
			continue
		}
		if ways == 0 || d.c[r] != only {
			ways++
		}
		only = d.c[r]
		v.possible[r]++
		if only.after(p.now.latest) {
			v.future[r]++
		}
	}
	return only, ways > 1
}

// settle gives the dates that waited their meaning.
func (p *parser) settle() {
	var best [dateClasses]uint8
	for class := range dateClasses {
		best[class] = p.votes[class].best(class)
	}
	if n := p.months.votes; n[1] > n[0] {
		best[contested] = 1
	} else {
		best[contested] = 0
	}
	for i := range p.late {
		d := &p.late[i]
		c := d.c[best[d.class]]
		for _, r := range d.class.preference() {
			if c.year == 0 {
				c = d.c[r]
			}
		}
		p.out.Entries[d.entry].ModTime = p.now.time(c)
	}
}

// numericDate reads a date of three numbers, with the time of day that at has.
// The year comes first if it has four digits, else most often last. If the date
// can be read in several ways, it returns them to be settled later.
func (p *parser) numericDate(class dateClass, n, digits [3]int, at civil) (civil, *pendingDate) {
	mk := func(y, digits, m, d int) civil {
		if m < 1 || m > 12 || d < 1 || d > 31 {
			return civil{}
		}
		c := at
		c.year, c.month, c.day = fullYear(y, digits), uint8(m), uint8(d)
		return c
	}
	if digits[0] == 4 {
		return mk(n[0], 4, n[1], n[2]), nil
	}
	d := pendingDate{class: class}
	d.c[monthDayYear] = mk(n[2], digits[2], n[0], n[1])
	d.c[dayMonthYear] = mk(n[2], digits[2], n[1], n[0])
	if digits[0] == 2 && digits[2] == 2 {
		d.c[yearMonthDay] = mk(n[0], 2, n[1], n[2])
	}
	if c, wait := p.weigh(&d); !wait {
		return c, nil
	}
	return civil{}, p.keep(d)
}

// keep returns a copy of d that lives until the next line is read.
func (p *parser) keep(d pendingDate) *pendingDate {
	if len(p.spare) == cap(p.spare) {
		p.spare = make([]pendingDate, 0, 8) // a line has few dates
	}
	p.spare = append(p.spare, d)
	return &p.spare[len(p.spare)-1]
}
