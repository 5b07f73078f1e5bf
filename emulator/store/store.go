package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Options say where a Store keeps its file and where it takes time and chance from.
type Options struct {
	Path string           // the SQLite file; "" keeps everything in memory
	Now  func() time.Time // nil is time.Now
	Rand io.Reader        // nil is crypto/rand

	// Logger is told of deferred writes that are lost; nil is slog.Default.
	Logger *slog.Logger
}

// A Scope is the account and region that every document belongs to.
// Global services (iam, sts) use region "aws-global".
type Scope struct{ Account, Region string }

var (
	// ErrNotFound means that there is no such document, parent or blob.
	ErrNotFound = errors.New("not found")
	// ErrExists means that the id is taken in its scope, service and kind.
	ErrExists = errors.New("exists already")
	// ErrPosition means that Query.After is not what a Page returned.
	ErrPosition = errors.New("not a position in this list")
	// ErrClosed means that the Store was closed.
	ErrClosed = errors.New("store is closed")
)

// A Store is one open SQLite file. Its methods may be called from any goroutine;
// one writes at a time, readers run beside it and each other.
type Store struct {
	path string
	now  func() time.Time
	rand io.Reader
	lock *fileLock // nil in memory
	db   *database

	waiting queue
	later   *later
	closing sync.Once
	closed  error // of Close
}

// Open opens or creates the store and brings its schema up to date. A file
// written by a newer Postern is refused with *NewerError, one that another
// process has open with *LockedError.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{path: o.Path, now: o.Now, rand: o.Rand}
	if s.now == nil {
		s.now = time.Now
	}
	if s.rand == nil {
		s.rand = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	s.later = newLater(o.Logger)
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.lock.release())
	}
	go s.writeLater()
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.path != "" {
		if s.lock, err = lockFile(s.path); err != nil {
			return err
		}
		if err := createFile(s.path); err != nil {
			return err
		}
	}
	if s.db, err = openDatabase(ctx, s.path); err != nil {
		return fmt.Errorf("open store %s: %w", s.path, err)
	}
	if err := s.migrate(ctx); err != nil {
		return errors.Join(err, s.db.close())
	}
	return nil
}

// createFile makes an empty file that only its owner reads, for it will hold code
// and secrets; SQLite gives the files beside it the same mode.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	return f.Close()
}

// View runs fn in one consistent read-only transaction. fn must not touch the Store.
func (s *Store) View(ctx context.Context, sc Scope, fn func(*Tx) error) error {
	c, err := s.db.acquireReader(ctx)
	if err != nil {
		return err
	}
	defer s.db.releaseReader(c)
	return c.transact(ctx, "BEGIN", func() error { return fn(s.tx(ctx, c, sc)) })
}

// Locate finds in which scope a document lives, for lookups that know only an
// id (an API id in a host name): the oldest, where several have it. ErrNotFound
// if nowhere.
func (s *Store) Locate(ctx context.Context, service, kind, id string) (sc Scope, err error) {
	err = s.View(ctx, sc, func(tx *Tx) error {
		return tx.row(`SELECT account, region FROM document WHERE id = ? AND kind = ? AND service = ? ORDER BY key LIMIT 1`,
			id, kind, service)(&sc.Account, &sc.Region)
	})
	return sc, err
}

// Reset deletes everything, or what is in sc where its fields are not empty.
func (s *Store) Reset(ctx context.Context, sc Scope) error {
	if err := s.Flush(ctx); err != nil { // what is deferred is from before
		return err
	}
	return s.Update(ctx, sc, func(tx *Tx) error {
		for _, table := range []string{"document", "blob"} {
			_, err := tx.exec(`DELETE FROM `+table+` WHERE (account = ?1 OR ?1 = '') AND (region = ?2 OR ?2 = '')`, sc.Account, sc.Region)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Close does the deferred writes, waits for running transactions and closes the
// file. It is safe twice.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.later.close()
		s.closed = errors.Join(s.db.close(), s.lock.release())
	})
	return s.closed
}
