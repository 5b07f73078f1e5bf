package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// A database is the connections to one SQLite file: one that writes, and some
// that read, opened as they are first needed.
type database struct {
	pool    *sql.DB
	writer  chan *conn // holds the one writer while it is idle
	readers chan *conn // holds the readers; nil is one not opened yet
	done    chan struct{}

	memory bool
	// busy guards a database in memory, which has no WAL: there readers do not
	// run beside a writer.
	busy sync.RWMutex
}

// names tells the databases in memory of one process apart.
var names atomic.Int64

func openDatabase(ctx context.Context, path string) (*database, error) {
	d := &database{memory: path == "", writer: make(chan *conn, 1), done: make(chan struct{})}
	var err error
	if d.pool, err = sql.Open("sqlite", source(path)); err != nil {
		return nil, err
	}
	w, err := d.connect(ctx)
	if err != nil {
		return nil, errors.Join(err, d.pool.Close())
	}
	d.writer <- w
	d.readers = make(chan *conn, max(4, runtime.GOMAXPROCS(0)))
	for range cap(d.readers) {
		d.readers <- nil
	}
	return d, nil
}

// source is the SQLite URI of a file, or of a new database in memory that all
// connections of this process share.
func source(path string) string {
	if path == "" {
		return fmt.Sprintf("file:/postern-%d?vfs=memdb", names.Add(1))
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if path[0] != '/' {
		path = "/" + path // C:/… becomes file:///C:/…
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// connect opens a connection. In WAL mode with synchronous=NORMAL a commit is
// with the operating system, which outlives this process, when it returns; only
// a power cut can lose the latest ones.
func (d *database) connect(ctx context.Context) (*conn, error) {
	pragmas := []string{"busy_timeout(10000)", "journal_mode(wal)", "synchronous(normal)", "wal_autocheckpoint(4000)", "foreign_keys(on)"}
	if d.memory {
		pragmas = []string{"journal_mode(memory)", "foreign_keys(on)"}
	}
	c, err := d.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range pragmas {
		if _, err := c.ExecContext(ctx, "PRAGMA "+p); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return &conn{sql: c, statements: map[string]*sql.Stmt{}}, nil
}

func (d *database) acquireReader(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var c *conn
	select {
	case c = <-d.readers:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-d.done:
		return nil, ErrClosed
	}
	if d.memory {
		d.busy.RLock()
	}
	if c != nil {
		return c, nil
	}
	c, err := d.connectReader(ctx)
	if err != nil {
		d.releaseReader(nil)
	}
	return c, err
}

func (d *database) connectReader(ctx context.Context) (*conn, error) {
	c, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.sql.ExecContext(ctx, "PRAGMA query_only = on"); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (d *database) releaseReader(c *conn) {
	if d.memory {
		d.busy.RUnlock()
	}
	d.readers <- c
}

// close waits until every connection is idle, readers first, so that the writer
// is the last to leave and removes the WAL. It must be called once.
func (d *database) close() error {
	close(d.done)
	var errs []error
	for range cap(d.readers) {
		if c := <-d.readers; c != nil {
			errs = append(errs, c.close())
		}
	}
	errs = append(errs, (<-d.writer).close(), d.pool.Close())
	return errors.Join(errs...)
}

// A conn is one connection and the statements prepared on it.
type conn struct {
	sql        *sql.Conn
	statements map[string]*sql.Stmt
}

// prepare returns the statement of a query, prepared once. Queries are a closed
// set: values are always arguments.
func (c *conn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	s, err := c.sql.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	c.statements[query] = s
	return s, nil
}

func (c *conn) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// transact runs fn between begin and COMMIT, or ROLLBACK where fn fails or panics.
// The frame itself does not heed a cancelled ctx, which could leave the connection
// inside a transaction; the statements of fn do.
func (c *conn) transact(ctx context.Context, begin string, fn func() error) error {
	ctx = context.WithoutCancel(ctx)
	if _, err := c.exec(ctx, begin); err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			// After some errors (a full disk) SQLite has rolled back by itself
			// and this finds nothing to do.
			c.exec(ctx, "ROLLBACK")
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if _, err := c.exec(ctx, "COMMIT"); err != nil {
		return err
	}
	committed = true
	return nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.sql.Close())...)
}
