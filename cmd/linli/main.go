// Command linli is the whole program: server, command line and demonstration.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"linli/internal/cli"
)

// version is set by the build (-ldflags "-X main.version=…").
var version = "dev"

// garbage is how many per cent of what is in use may pile up before it is collected. The program keeps little in memory
// (a county takes some 20 MB), so the usual 100 would have it collect twenty times a second under load, a fifth of the
// processor; at rest it makes no difference. GOGC overrides it.
const garbage = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, version, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
