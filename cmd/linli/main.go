// Command linli is the whole program: server, command line and demonstration.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"linli/internal/cli"
)

// version is set by the build (-ldflags "-X main.version=…").
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, version, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
