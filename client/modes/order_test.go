package modes

import (
	"slices"
	"testing"
	"time"

	"portside/client/internal/dtp"
)

const day = 24 * time.Hour

func noon() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

func TestOrder(t *testing.T) {
	now := noon()
	worked := func(m Method, ago time.Duration, n int) Outcome {
		return Outcome{Method: m, Worked: now.Add(-ago), Successes: n}
	}
	failed := func(m Method, ago time.Duration) Outcome {
		return Outcome{Method: m, Failed: now.Add(-ago), Failures: 1}
	}
	both := func(m Method, workedAgo, failedAgo time.Duration) Outcome {
		return Outcome{Method: m, Worked: now.Add(-workedAgo), Successes: 1, Failed: now.Add(-failedAgo), Failures: 1}
	}
	const e, p, x, r = dtp.EPSV, dtp.PASV, dtp.EPRT, dtp.PORT
	for _, tt := range []struct {
		name   string
		choice Choice
		known  []Outcome
		want   []Method
	}{
		{"nothing known", Choice{}, nil, []Method{e, p, x, r}},
		{"active preferred", Choice{PreferActive: true}, nil, []Method{x, r, e, p}},
		{"IPv6", Choice{IPv6: true}, nil, []Method{e, x}},
		{"IPv6, active preferred", Choice{IPv6: true, PreferActive: true}, nil, []Method{x, e}},
		{"passive only", Choice{Methods: []Method{p, e}}, nil, []Method{e, p}},
		{"active only over IPv6", Choice{Methods: []Method{x, r}, IPv6: true}, nil, []Method{x}},
		{"PASV demanded over IPv6", Choice{Methods: []Method{p}, IPv6: true}, nil, []Method{p}},
		{"nothing allowed", Choice{Methods: []Method{}}, nil, nil},
		{"one worked", Choice{}, []Outcome{worked(x, time.Hour, 1)}, []Method{x, e, p, r}},
		{"the last that worked wins", Choice{}, []Outcome{worked(p, 2*time.Hour, 9), worked(x, time.Hour, 1)}, []Method{x, p, e, r}},
		{"what worked beats the preference", Choice{PreferActive: true}, []Outcome{worked(p, day, 1)}, []Method{p, x, r, e}},
		{"what worked but is not allowed", Choice{Methods: []Method{e, p}}, []Outcome{worked(x, time.Hour, 1)}, []Method{e, p}},
		{"PASV worked, now IPv6", Choice{IPv6: true}, []Outcome{worked(p, time.Hour, 1)}, []Method{e, x}},
		{"an old success is forgotten", Choice{}, []Outcome{worked(r, 8*day, 1)}, []Method{e, p, x, r}},
		{"many successes last longer", Choice{}, []Outcome{worked(r, 8*day, 2)}, []Method{r, e, p, x}},
		{"but not for ever", Choice{}, []Outcome{worked(r, 31*day, 100000)}, []Method{e, p, x, r}},
		{"a success in the future", Choice{}, []Outcome{worked(r, -time.Hour, 5)}, []Method{e, p, x, r}},
		{"a clock set right by a minute", Choice{}, []Outcome{worked(r, -time.Minute, 5)}, []Method{r, e, p, x}},
		{"one failed", Choice{}, []Outcome{failed(e, time.Hour)}, []Method{p, x, r, e}},
		{"an old failure is forgotten", Choice{}, []Outcome{failed(e, 25*time.Hour)}, []Method{e, p, x, r}},
		{"a failure in the future", Choice{}, []Outcome{failed(e, -time.Hour)}, []Method{e, p, x, r}},
		{"all failed", Choice{}, []Outcome{failed(e, 1), failed(p, 2), failed(x, 3), failed(r, 4)}, []Method{e, p, x, r}},
		{"the only one allowed failed", Choice{Methods: []Method{x}}, []Outcome{failed(x, 1)}, []Method{x}},
		{"worked, then failed", Choice{}, []Outcome{both(p, 2*time.Hour, time.Hour)}, []Method{e, x, r, p}},
		{"failed, then worked", Choice{}, []Outcome{both(p, time.Hour, 2*time.Hour)}, []Method{p, e, x, r}},
		{"worked, failed two days ago", Choice{}, []Outcome{both(p, 3*day, 2*day)}, []Method{e, p, x, r}},
		{
			"all failed, two worked before",
			Choice{},
			[]Outcome{failed(e, 1), both(p, 3*time.Hour, 1), failed(x, 1), both(r, 2*time.Hour, 1)},
			[]Method{r, p, e, x},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rec Record
			for _, o := range tt.known {
				rec.set(o)
			}
			if got := Order(tt.choice, rec, now); !slices.Equal(got, tt.want) {
				t.Errorf("Order = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestOrderLeavesTheChoiceAlone(t *testing.T) {
	given := []Method{dtp.PORT, dtp.EPSV, dtp.PASV}
	Order(Choice{Methods: given}, Record{}, noon())
	if !slices.Equal(given, []Method{dtp.PORT, dtp.EPSV, dtp.PASV}) {
		t.Errorf("the caller's slice is now %v", given)
	}
}

func TestBest(t *testing.T) {
	now := noon()
	var rec Record
	if got := rec.Best(now); got != dtp.None {
		t.Errorf("Best of nothing = %v", got)
	}
	rec.set(Outcome{Method: dtp.EPRT, Worked: now.Add(-time.Hour), Successes: 1})
	rec.set(Outcome{Method: dtp.EPSV, Worked: now.Add(-2 * time.Hour), Successes: 50})
	if got := rec.Best(now); got != dtp.EPRT {
		t.Errorf("Best = %v, want the one used last", got)
	}
	if got := rec.Best(now.Add(60 * day)); got != dtp.None {
		t.Errorf("Best after 60 days = %v", got)
	}
}
