package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// samples are the figures of one thing, one for each round.
type samples []float64

func (s *samples) add(v float64) { *s = append(*s, v) }

func (s samples) min() float64 { return slices.Min(s) }
func (s samples) max() float64 { return slices.Max(s) }

// median is the middle figure; of an even number the mean of the two in the middle.
func (s samples) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// over divides round by round, so that what disturbed both in a round falls out.
func (s samples) over(base samples) samples {
	out := make(samples, min(len(s), len(base)))
	for i := range out {
		out[i] = s[i] / base[i]
	}
	return out
}

// each changes every figure alike.
func (s samples) each(f func(float64) float64) samples {
	out := make(samples, len(s))
	for i, v := range s {
		out[i] = f(v)
	}
	return out
}

// with shows the median and, where there was more than one round, the spread.
func (s samples) with(unit string) string {
	if len(s) == 0 {
		return "not measured"
	}
	text := figure(s.median()) + unit
	if len(s) > 1 {
		text += " (" + figure(s.min()) + " … " + figure(s.max()) + ")"
	}
	return text
}

// figure writes three meaning digits, thousands with commas.
func figure(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "?"
	case a >= 100:
		return commas(int64(math.Round(v)))
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func commas(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, r := range digits {
		if left := len(digits) - i; i > 0 && left%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// quantile of sorted durations, in milliseconds: the smallest that at least the share q does not exceed.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return float64(sorted[min(max(i, 0), len(sorted)-1)].Microseconds()) / 1000
}

// perSecond is a rate.
func perSecond(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }

// size names a number of cases: 10 k, 1 M.
func size(n int) string {
	if n >= 1_000_000 && n%1_000_000 == 0 {
		return fmt.Sprintf("%d M", n/1_000_000)
	}
	return fmt.Sprintf("%d k", n/1000)
}
