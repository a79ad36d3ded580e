package main

import (
	"time"

	"linli/internal/platform/database"
)

// plan is how much is measured.
type plan struct {
	rounds     int // of each comparison
	reports    int // of an intake round
	slowly     int // of one on PostgreSQL, which takes several times as long for a report
	warm       int // reports before the clock starts
	sizes      []int
	clients    []int
	burst      time.Duration // of one level of clients
	httpRounds int
	lists      int // pages asked for in one turn
	listRounds int
	atSize     int // reports of a round with many cases stored
	starts     int // for a session that is open already
	signIns    int // starts with a sign-in, between the others
	checks     int
	microCount int
}

func (o options) plan() plan {
	if o.short {
		return plan{rounds: 3, reports: 6_000, slowly: 3_000, warm: 300, sizes: []int{10_000, 100_000}, clients: []int{1, 8, 32, 128},
			burst: 2 * time.Second, httpRounds: 2, lists: 60, listRounds: 5, atSize: 2_000, starts: 2, signIns: 1, checks: 1, microCount: 2}
	}
	return plan{rounds: 5, reports: 20_000, slowly: 10_000, warm: 1_000, sizes: []int{10_000, 100_000, 1_000_000}, clients: []int{1, 8, 32, 128},
		burst: 3 * time.Second, httpRounds: 4, lists: 200, listRounds: 9, atSize: 6_000, starts: 4, signIns: 2, checks: 3, microCount: 5}
}

// of is how many reports a round on an engine has.
func (p plan) of(engine database.Engine) int {
	if engine == database.Postgres {
		return p.slowly
	}
	return p.reports
}

// senders is how many report at once in the bar on intake, and how many callers ask for worklists.
const senders = 32

// Bars of issue 3 and the quality document.
const (
	barIntake        = 0.5    // of the bare loop
	barHTTPIntake    = 7_500  // reports/s on SQLite
	barsBareLoop     = 24_000 // reports/s of the bare loop on the machine that this bar comes from
	barHTTPTail      = 25     // ms, p99
	barGrowth        = 1.3
	barList          = 2
	barHTTPList      = 2_500 // requests/s
	barLocate        = 1     // million/s on one core
	barDecide        = 20    // us
	barDeadline      = 2     // us
	barStart         = 300   // ms
	barIdle          = 80    // MB
	barCheck         = 60    // s
	httpBarAtClients = 32
)
