package app

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// garbage is how many per cent of what is in use may pile up before it is collected. The program keeps little in memory
// (a county takes some 20 MB), so the usual 100 would have it collect twenty times a second under load, a fifth of the
// processor. GOGC overrides it.
const garbage = 400

// settleMemory gives back what the start needed, and lets garbage pile up from then on.
func settleMemory() {
	debug.FreeOSMemory()
	pileUp()
}

// pileUp lets garbage pile up, for work that makes much of it.
func pileUp() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}

const (
	restEvery = 3 * time.Second
	littleNew = 8 << 20  // bytes made within restEvery by a program that nobody asks for anything
	worthIt   = 16 << 20 // bytes that can be given back
)

// rest gives memory back to the system when nobody asks for anything. What is allowed to pile up under load would
// else stay for as long as nothing new is made: a single sign-in alone leaves 64 MB behind, and the embedded database
// keeps the pages it has read.
func (a *App) rest(ctx context.Context) {
	tick := time.NewTicker(restEvery)
	defer tick.Stop()
	made, _ := memory()
	least := uint64(0) // unknown: what is held when this begins may be the first sign-in's
	busy := true       // with the start
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		before := made
		var held uint64
		if made, held = memory(); made-before >= littleNew {
			busy = true
		} else if busy || held > least+worthIt {
			if err := a.DB.Rest(ctx); err != nil && ctx.Err() == nil {
				a.Log.Warn("the database keeps memory that nobody needs", "error", err)
			}
			runtime.GC() // what is kept to be used again goes at the second time only
			debug.FreeOSMemory()
			_, least = memory()
			busy = false
		}
		least = min(least, held)
	}
}

// memory is how many bytes were ever made, and how many are held from the system.
func memory() (made, held uint64) {
	figures := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(figures)
	return figures[0].Value.Uint64(), figures[1].Value.Uint64() - figures[2].Value.Uint64()
}
