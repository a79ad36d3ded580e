package casework

import (
	"fmt"
	"strconv"
	"strings"

	"linli/internal/platform/database"
	"linli/internal/staff"
)

// A row of a list shows everything but what only the case's own page does (its words, where and why it came here, its
// clocks), which is most of its bytes. The engine sends it as one text: fetching 27 values one by one takes half again as
// long as finding the row. The title stands last, for it may hold anything, also the separator.
const listColumns = `c.id, c.serial, c.version, c.path, c.area, c.model, c.stage, c.ended, c.category, c.kind, c.urgency, c.channel,
	c.confidential, c.supervised, c.asked, c.owner, c.holder, c.reported_at, c.received_at, c.ended_at, c.updated_at, c.due_at, c.hop_due_at, c.paused_at,
	c.rating, c.merged_into, c.title`

const (
	listFields    = 27
	listSeparator = "\x1f" // ASCII's own, for units of a record
)

// listRow is a row of a list as one text.
func listRow(engine database.Engine) string {
	separator := "char(31)"
	if engine == database.Postgres {
		separator = "chr(31)"
	}
	return "concat_ws(" + separator + ", " + listColumns + ")"
}

// listed is a row of a list and the value it is ordered by.
type listed struct {
	c   *Case
	key int64
}

func scanListed(s database.Scanner) (listed, error) {
	var row string
	var l listed
	if err := s.Scan(&row, &l.key); err != nil {
		return l, err
	}
	var err error
	l.c, err = readRow(row)
	return l, err
}

// readRow takes the text apart again.
func readRow(row string) (*Case, error) {
	var f [listFields]string
	for i := range listFields - 1 {
		var ok bool
		if f[i], row, ok = strings.Cut(row, listSeparator); !ok {
			return nil, fmt.Errorf("a row of a list has %d fields, not %d", i+1, listFields)
		}
	}
	f[listFields-1] = row
	c := &Case{ID: f[0], Path: f[3], Area: f[4], Model: f[5], Stage: f[6], Ended: f[7], Category: f[8], Kind: f[9], Urgency: f[10], Channel: f[11],
		Confidential: yes(f[12]), Supervised: yes(f[13]), Asked: yes(f[14]), Owner: staff.Post(f[15]), Holder: staff.Post(f[16]),
		MergedInto: f[25], Title: f[26]}
	numbers := [...]struct {
		text string
		to   func(int64)
	}{
		{f[1], func(n int64) { c.Serial = n }}, {f[2], func(n int64) { c.Version = n }},
		{f[17], func(n int64) { c.ReportedAt = database.Time(n) }}, {f[18], func(n int64) { c.ReceivedAt = database.Time(n) }},
		{f[19], func(n int64) { c.EndedAt = database.Time(n) }}, {f[20], func(n int64) { c.UpdatedAt = database.Time(n) }},
		{f[21], func(n int64) { c.DueAt = database.Time(n) }}, {f[22], func(n int64) { c.HopDueAt = database.Time(n) }},
		{f[23], func(n int64) { c.PausedAt = database.Time(n) }}, {f[24], func(n int64) { c.Rating = int(n) }},
	}
	for _, number := range numbers {
		n, err := strconv.ParseInt(number.text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a row of a list: %w", err)
		}
		number.to(n)
	}
	return c, nil
}

// yes reads a truth value as the engines write it into a text.
func yes(text string) bool { return text == "1" || text == "t" }
