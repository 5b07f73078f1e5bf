package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

// Migrations are numbered without gaps from 1; the file's user_version is the
// last one applied. A released migration is never edited.
//
//go:embed migration/*.sql
var migrations embed.FS

// A NewerError refuses a file that a newer Postern has migrated: this one could
// misread it or damage it.
type NewerError struct {
	Path      string
	Version   int // of the file
	Supported int // the newest this program understands
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("%s was written by a newer Postern (schema version %d, this one understands up to %d): "+
		"run the newer version, or choose another data directory", e.Path, e.Version, e.Supported)
}

// migrate brings the schema up to date, all or nothing.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := loadMigrations(migrations)
	if err != nil {
		return err
	}
	c := <-s.db.writer
	defer func() { s.db.writer <- c }()
	var version int
	if err := c.sql.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("open store %s: %w", s.path, err)
	}
	if version > len(steps) {
		return &NewerError{Path: s.path, Version: version, Supported: len(steps)}
	}
	if version == len(steps) {
		return nil
	}
	err = c.transact(ctx, "BEGIN IMMEDIATE", func() error { return apply(ctx, c, steps, version) })
	return s.writeError(err)
}

func apply(ctx context.Context, c *conn, steps []string, version int) error {
	for i, step := range steps[version:] {
		if _, err := c.sql.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("migration %d: %w", version+i+1, err)
		}
	}
	_, err := c.sql.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(steps)))
	return err
}

// loadMigrations returns the SQL of each version in order.
func loadMigrations(files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, "migration/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var steps []string
	for i, name := range names {
		if !strings.HasPrefix(name, fmt.Sprintf("migration/%04d_", i+1)) {
			return nil, fmt.Errorf("%s: want migration %04d", name, i+1)
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, string(b))
	}
	return steps, nil
}
