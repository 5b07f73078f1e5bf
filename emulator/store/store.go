package store

import (
	"context"
	"io"
	"time"
)

// Options say where a Store keeps its file and where it takes time and chance from.
type Options struct {
	Path string           // the SQLite file; "" keeps everything in memory
	Now  func() time.Time // nil is time.Now
	Rand io.Reader        // nil is crypto/rand
}

// A Scope is the account and region that every document belongs to.
// Global services (iam, sts) use region "aws-global".
type Scope struct{ Account, Region string }

// Open opens or creates the store and brings its schema up to date.
// A file written by a newer Postern is refused with *NewerError.
func Open(ctx context.Context, o Options) (*Store, error)

// Update runs fn in one write transaction. When Update returns nil the writes
// are on disk; when fn fails nothing of it is kept. fn must not touch the Store.
func (s *Store) Update(ctx context.Context, sc Scope, fn func(*Tx) error) error

// View runs fn in one consistent read-only transaction.
func (s *Store) View(ctx context.Context, sc Scope, fn func(*Tx) error) error

// Locate finds in which scope a document lives, for lookups that know only an
// id (an API id in a host name). ErrNotFound if nowhere.
func (s *Store) Locate(ctx context.Context, service, kind, id string) (Scope, error)

// Reset deletes everything, or what is in sc where its fields are not empty.
func (s *Store) Reset(ctx context.Context, sc Scope) error

func (s *Store) Close() error

// On a Tx: Scope() Scope; Now() time.Time (UTC, millisecond precision);
// ID(n int) string   n characters of [a-z0-9], the first a letter or digit as AWS's
// UUID() string      lower-case, version 4
// PutBlob(digest string, data []byte) error; Blob(digest string) ([]byte, error)

// ErrNotFound, ErrExists are compared with errors.Is.

// A Kind is a kind of document of one service, with its Go type: any value that
// encoding/json writes and reads back.
//
//	var restAPIs = store.Kind[types.RestApi]{Service: "apigateway", Name: "restapi"}
type Kind[T any] struct{ Service, Name string }

// A Document is one stored value and where it hangs.
type Document[T any] struct {
	ID      string    // unique in (account, region, service, kind), case-sensitive
	Parent  *Ref      // deleting the parent deletes this document too; nil for none
	Name    string    // what lists may be ordered and searched by
	Created time.Time // set by Insert
	Value   T
}

// A Ref names a document of the same service.
type Ref struct{ Kind, ID string }

// Operations of a Kind, each within a transaction:
//	Insert(tx, Document[T]) error            ErrExists
//	Put(tx, Document[T]) error               insert or replace (keeps Created, children)
//	Get(tx, id) (Document[T], error)         ErrNotFound
//	Delete(tx, id) error                     ErrNotFound; children go with it
//	List(tx, Query) (Page[T], error)
//	Count(tx, Query) (int, error)

// A Query selects and pages documents of one kind.
type Query struct {
	Parent *Ref   // only children of
	Prefix string // only ids that start with
	Order  Order  // ByID (default), ByName, ByCreated (each with id as tie-breaker), ByCreatedDesc
	After  string // position a previous Page returned; "" starts
	Limit  int    // 0 is no limit
}

// Page: Documents []Document[T]; Next string ("" on the last page). A position stays valid while
// documents are added and removed.
