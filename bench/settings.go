package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"linli/internal/app"
	"linli/internal/platform/database"
)

// settings are those of the service's own writing connection, read from it, so that what it is compared to works
// under the same ones whatever they become. Two are not taken over on SQLite: the service flushes and carries over its
// log by itself, beside its writer, and has switched the engine's own ways off. A bare loop has only these: it runs
// with synchronous=FULL and carries its log over when that is as long as the service lets its own grow.
type settings struct {
	engine database.Engine
	values []setting
}

type setting struct{ name, value string }

// bareLog is the length of SQLite's log, in pages of 4 KiB, at which a bare loop carries it over; by default it would
// do so, and wait for it, eight times as often.
const bareLog = "8192"

// Those that decide about durability and speed.
var (
	sqliteSettings   = []string{"journal_mode", "cache_size", "temp_store", "foreign_keys", "journal_size_limit", "mmap_size", "busy_timeout"}
	postgresSettings = []string{"server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size"}
)

func (s *store) readSettings(ctx context.Context, p place) (read settings, err error) {
	a, err := p.open(ctx, app.Options{})
	if err != nil {
		return read, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	read.engine = s.engine
	names, show := sqliteSettings, "PRAGMA "
	if s.engine == database.Postgres {
		names, show = postgresSettings, "SHOW "
	}
	err = a.DB.Write(ctx, func(tx *database.Tx) error {
		read.values = nil
		for _, name := range names {
			var value sql.NullString
			if err := tx.Row(show + name).Scan(&value); err != nil {
				return fmt.Errorf("%s%s: %w", show, name, err)
			}
			read.values = append(read.values, setting{name, value.String})
		}
		return nil
	})
	if s.engine == database.SQLite {
		read.values = append(read.values, setting{"synchronous", "FULL"}, setting{"wal_autocheckpoint", bareLog})
	}
	return read, err
}

func (s settings) get(name string) string {
	for _, v := range s.values {
		if v.name == name {
			return v.value
		}
	}
	return ""
}

// title names the engine with what makes its commits durable. PostgreSQL is not measured without that; of the embedded
// engine the probe of the disk tells.
func (s settings) title() (string, error) {
	if s.engine == database.SQLite {
		return "SQLite (`journal_mode=" + s.get("journal_mode") + "`; every answer after a flush to the disk)", nil
	}
	if s.get("fsync") != "on" || s.get("synchronous_commit") != "on" {
		return "", fmt.Errorf("PostgreSQL runs with fsync=%s, synchronous_commit=%s: its commits are not durable and not worth measuring", s.get("fsync"), s.get("synchronous_commit"))
	}
	return "PostgreSQL " + s.get("server_version") + " on the same machine (`fsync=on`, `synchronous_commit=on`, `shared_buffers=" + s.get("shared_buffers") + "`)", nil
}

// bare opens a place beside the program with plain database/sql, under the service's settings.
func (s *store) bare(p place, connections int) (*sql.DB, error) {
	// One plan for all values, as the program has it for its lists: to plan anew each time would make the SELECT look slow.
	driver, address := "pgx", withSetting(p.address(), "plan_cache_mode", "force_generic_plan")
	if s.engine == database.SQLite {
		v := url.Values{"_txlock": {"immediate"}}
		for _, set := range s.settings.values {
			if set.value != "" {
				v.Add("_pragma", set.name+"("+set.value+")")
			}
		}
		driver, address = "sqlite", "file:"+(&url.URL{Path: filepath.Join(p.folder, "linli.db")}).EscapedPath()+"?"+v.Encode()
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// withSetting adds a setting of the session to the address of a server.
func withSetting(address, name, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // it is refused when it is opened
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}
