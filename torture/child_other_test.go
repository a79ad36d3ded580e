//go:build !linux

package torture

func childServe() int { return 64 } // only Linux is asked for it
