package diagnose

import "math"

// The tails here are the bounds that AnalyzePorts explains, each for one test.

// chance is the largest chance q that the next port of n is a given one.
func chance(n, ports int) float64 { return 1 / float64(max(1, ports-n+1)) }

// logChoose is the logarithm of the number of ways to choose k of n.
func logChoose(n, k int) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	return lg(n) - lg(k) - lg(n-k)
}

// binomialTail is the chance of k hits or more in m tries of chance p.
func binomialTail(m, k int, p float64) float64 {
	switch {
	case k <= 0 || p >= 1:
		return 1
	case k > m || p <= 0:
		return 0
	}
	sum := 0.0
	for j := k; j <= m; j++ {
		sum += math.Exp(logChoose(m, j) + float64(j)*math.Log(p) + float64(m-j)*math.Log1p(-p))
	}
	return min(1, sum)
}

// strideTail bounds the chance that some k of m steps are equal.
func strideTail(m, k int, q float64) float64 {
	if k < 2 {
		return 1
	}
	return min(1, math.Exp(logChoose(m, k)+float64(k-1)*math.Log(q)))
}

// wrapTail bounds the chance that some k of m steps have but two values.
func wrapTail(m, k int, q float64) float64 {
	if k < 3 || 2*q >= 1 {
		return 1
	}
	return min(1, math.Exp(logChoose(m, k)+math.Log(float64(k-1))+float64(k-2)*math.Log(2*q)))
}

// fixedTail bounds the chance that k of n ports are the same.
func fixedTail(n, k, ports int) float64 {
	if k < 2 {
		return 1
	}
	return min(1, math.Exp(logChoose(n, k)-float64(k-1)*math.Log(float64(ports))))
}

// spreadTail bounds the chance that n ports lie within w of each other.
func spreadTail(n, w, ports int) float64 {
	p := float64(w) / float64(ports)
	if n < 2 || p >= 1 {
		return 1
	}
	return min(1, float64(n)*math.Pow(p, float64(n-1)))
}

// repeatTail bounds the chance that r or more of n ports repeat earlier ones.
func repeatTail(n, r, ports int) float64 {
	if r <= 0 {
		return 1
	}
	dist := make([]float64, n+1) // dist[j]: chance of j repeats so far
	dist[0] = 1
	for i := 1; i < n; i++ {
		p := min(1, float64(i)/float64(ports))
		for j := i; j >= 1; j-- {
			dist[j] = dist[j]*(1-p) + dist[j-1]*p
		}
		dist[0] *= 1 - p
	}
	sum := 0.0
	for j := r; j <= n; j++ {
		sum += dist[j]
	}
	return min(1, sum)
}

// orderTail is the chance that a random order of the ports of a view goes in
// direction dir as much as it does. Each run of linked samples is taken as a
// circle, on which every order has one step back at least; with L samples, the
// orders with 1+j steps back are as many, of all, as those of L-1 samples in a
// line with j (Eulerian numbers): either rotate the circle until its largest
// stands at the end. Equal ports count as a step back.
func (a *portAnalysis) orderTail(v portView, dir int) float64 {
	dist := []float64{1} // of the steps back, beyond one a run
	back := 0
	for i := v.first; i < len(a.samples); {
		j := i + 1
		for j < len(a.samples) && a.linked(v, j) {
			j++
		}
		run := a.samples[i:j]
		if len(run) > 2 {
			back--
			for k := range run {
				next := run[(k+1)%len(run)]
				if dir*(int(next.Port)-int(run[k].Port)) <= 0 {
					back++
				}
			}
			dist = convolve(dist, eulerian(len(run)-1))
		}
		i = j
	}
	sum := 0.0
	for j := 0; j <= back && j < len(dist); j++ {
		sum += dist[j]
	}
	return min(1, sum)
}

// eulerian is the distribution of the number of descents in a random order of n.
func eulerian(n int) []float64 {
	dist := []float64{1}
	for size := 2; size <= n; size++ {
		next := make([]float64, size)
		for k := range next {
			if k < len(dist) {
				next[k] += float64(k+1) * dist[k]
			}
			if k > 0 {
				next[k] += float64(size-k) * dist[k-1]
			}
			next[k] /= float64(size)
		}
		dist = next
	}
	return dist
}

// convolve is the distribution of a sum.
func convolve(a, b []float64) []float64 {
	sum := make([]float64, len(a)+len(b)-1)
	for i, x := range a {
		for j, y := range b {
			sum[i+j] += x * y
		}
	}
	return sum
}
