package main

import "time"

// now is the machine's clock: here time is what is measured.
func now() time.Time { return time.Now() } //nolint:forbidigo // the one place

const day = 24 * time.Hour

// timed tells how long f took.
func timed(f func() error) (time.Duration, error) {
	start := now()
	err := f()
	return now().Sub(start), err
}
