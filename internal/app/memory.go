package app

import (
	"os"
	"runtime/debug"
)

// garbage is how many per cent of what is in use may pile up before it is collected. The program keeps little in memory
// (a county takes some 20 MB), so the usual 100 would have it collect twenty times a second under load, a fifth of the
// processor. GOGC overrides it.
const garbage = 400

// settleMemory gives back what the start needed, and lets garbage pile up from then on.
func settleMemory() {
	debug.FreeOSMemory()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}
