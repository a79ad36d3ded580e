package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	sqlite3 "modernc.org/sqlite/lib"

	"linli/internal/platform/fault"
)

// ErrDuplicate is inside the error of a row whose key exists already.
var ErrDuplicate = errors.New("duplicate key")

// IsDuplicate tells whether a row was refused because its key exists already.
func IsDuplicate(err error) bool { return errors.Is(err, ErrDuplicate) }

type duplicate struct{ error }

func (d duplicate) Is(target error) bool { return target == ErrDuplicate }
func (d duplicate) Unwrap() error        { return d.error }

// explain turns a driver's error into one the program knows: a duplicate key, or a fault that says
// what the operator should do. Others pass as they are.
func explain(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var known *fault.Error
	if errors.As(err, &known) || IsDuplicate(err) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Unavailable, "cancelled", "请求已取消或超时", "The request was cancelled or took too long").Because(err)
	}
	var lite sqliteError
	if errors.As(err, &lite) {
		return explainSQLite(lite)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return explainPostgres(pg)
	}
	var netErr net.Error
	var connect *pgconn.ConnectError
	if errors.As(err, &netErr) || errors.As(err, &connect) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "unexpected EOF") {
		return fault.New(fault.Unavailable, "database-unreachable", "数据库暂时连不上,请稍后再试", "The database cannot be reached at the moment; try again shortly").After(5).Because(err)
	}
	return err
}

// sqliteError is what SQLite said, through its driver or directly.
type sqliteError interface {
	error
	Code() int // extended result code
}

func explainSQLite(err sqliteError) error {
	switch err.Code() {
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return duplicate{err}
	}
	switch err.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return diskFull(err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.New(fault.Unavailable, "database-busy", "数据库正忙,请稍后再试", "The database is busy; try again shortly").After(2).Because(err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return fault.New(fault.Unavailable, "disk-error", "磁盘读写出错,数据未保存,请检查磁盘", "The disk reported an error and nothing was saved; check the disk").After(30).Because(err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fault.New(fault.Unavailable, "database-damaged", "数据库文件已损坏,请停止服务并从备份恢复(linli restore)", "The database file is damaged; stop and restore a backup (linli restore)").Because(err)
	}
	return err
}

func explainPostgres(err *pgconn.PgError) error {
	switch {
	case err.Code == "23505" || err.Code == "42P07" || err.Code == "42710":
		return duplicate{err}
	case err.Code == "53100":
		return diskFull(err)
	case err.Code == "57014":
		return fault.New(fault.Unavailable, "cancelled", "请求已取消或超时", "The request was cancelled or took too long").Because(err)
	case strings.HasPrefix(err.Code, "53"), strings.HasPrefix(err.Code, "57P"), strings.HasPrefix(err.Code, "08"):
		return fault.New(fault.Unavailable, "database-unreachable", "数据库暂时不可用,请稍后再试", "The database is not available at the moment; try again shortly").After(5).Because(err)
	}
	return err
}

func diskFull(err error) error {
	return fault.New(fault.Unavailable, "disk-full", "磁盘已满,数据未保存,请清理磁盘后再试", "The disk is full and nothing was saved; free some space and try again").After(60).Because(err)
}
