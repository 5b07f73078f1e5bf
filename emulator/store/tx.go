package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
)

// A Tx is one transaction in one scope. It is used by one goroutine and is dead
// when the function it was given to returns.
type Tx struct {
	ctx   context.Context
	conn  *conn
	scope Scope
	now   time.Time
	rand  io.Reader
}

func (s *Store) tx(ctx context.Context, c *conn, sc Scope) *Tx {
	return &Tx{ctx: ctx, conn: c, scope: sc, now: s.now().UTC().Truncate(time.Millisecond), rand: s.rand}
}

// Scope is the account and region that everything in the transaction belongs to.
func (tx *Tx) Scope() Scope { return tx.scope }

// Now is when the transaction began, in UTC with millisecond precision: the same
// for all that it writes.
func (tx *Tx) Now() time.Time { return tx.now }

// In is the same transaction looking at another scope.
func (tx *Tx) In(sc Scope) *Tx {
	other := *tx
	other.scope = sc
	return &other
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

// ID returns n random characters of [a-z0-9], as API Gateway's ids are.
func (tx *Tx) ID(n int) string { return tx.Token(n, idAlphabet) }

// Token returns n random characters of an alphabet of at most 256 bytes, each
// equally likely.
func (tx *Tx) Token(n int, alphabet string) string {
	fair := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	chunk := make([]byte, n)
	for len(out) < n {
		tx.random(chunk)
		for _, b := range chunk {
			if int(b) < fair && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// UUID returns a lower-case random UUID, version 4.
func (tx *Tx) UUID() string {
	var u uuid.UUID
	tx.random(u[:])
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u.String()
}

// random fills p. There is no going on without chance, and crypto/rand does not fail.
func (tx *Tx) random(p []byte) {
	if _, err := io.ReadFull(tx.rand, p); err != nil {
		panic(fmt.Sprintf("store: read random bytes: %v", err))
	}
}

func (tx *Tx) exec(query string, args ...any) (changed int64, err error) {
	r, err := tx.conn.exec(tx.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// row reads the single row of a query into dest; ErrNotFound where there is none.
func (tx *Tx) row(query string, args ...any) func(dest ...any) error {
	return func(dest ...any) error {
		s, err := tx.conn.prepare(tx.ctx, query)
		if err != nil {
			return err
		}
		err = s.QueryRowContext(tx.ctx, args...).Scan(dest...)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	}
}

// rows calls each for every row of a query.
func (tx *Tx) rows(query string, args []any, each func(*sql.Rows) error) error {
	s, err := tx.conn.prepare(tx.ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(tx.ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
