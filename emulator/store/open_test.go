package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

type note struct{ Text string }

var notes = Kind[note]{Service: "test", Name: "note"}

func mustOpen(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(s *Store, id, text string) error {
	return s.Update(context.Background(), Scope{}, func(tx *Tx) error {
		return notes.Put(tx, Document[note]{ID: id, Value: note{text}})
	})
}

func get(s *Store, id string) (n note, err error) {
	err = s.View(context.Background(), Scope{}, func(tx *Tx) error {
		d, err := notes.Get(tx, id)
		n = d.Value
		return err
	})
	return n, err
}

// pragma sets a PRAGMA on the connection that writes.
func pragma(s *Store, set string) {
	c := <-s.db.writer
	defer func() { s.db.writer <- c }()
	if _, err := c.sql.ExecContext(context.Background(), "PRAGMA "+set); err != nil {
		panic(err)
	}
}

func TestANewerFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "postern.db")
	s := mustOpen(t, path)
	pragma(s, "user_version = 99")
	s.Close()
	_, err := Open(context.Background(), Options{Path: path})
	var newer *NewerError
	if !errors.As(err, &newer) || newer.Version != 99 || newer.Supported < 1 || !strings.Contains(err.Error(), path) {
		t.Fatal(err)
	}
	t.Log(err)
	if err := os.Remove(path + ".lock"); err != nil {
		t.Error(err)
	}
}

func TestAnOlderFileIsBroughtUpToDate(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "postern.db")
	steps, err := loadMigrations(migrations)
	if err != nil {
		t.Fatal(err)
	}
	d, err := openDatabase(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	old := &Store{db: d, later: newLater(nil)}
	c := <-d.writer
	if err := c.transact(ctx, "BEGIN", func() error { return apply(ctx, c, steps[:1], 0) }); err != nil {
		t.Fatal(err)
	}
	d.writer <- c
	if err := old.db.close(); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, path)
	if err := put(s, "a", "b"); err != nil {
		t.Error(err)
	}
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	_, err := loadMigrations(fstest.MapFS{"migration/0001_a.sql": {}, "migration/0003_b.sql": {}})
	if err == nil || !strings.Contains(err.Error(), "want migration 0002") {
		t.Error(err)
	}
}

func TestSomethingElseThanAStoreIsAClearError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "postern.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), Options{Path: path})
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}

// unwritable checks that a store that cannot write says so and serves what it has.
func unwritable(t *testing.T, s *Store, reason string) {
	t.Helper()
	err := put(s, "new", strings.Repeat("x", 1<<20))
	var w *WriteError
	if !errors.As(err, &w) || w.Reason != reason {
		t.Fatalf("write: %v", err)
	}
	t.Log(w.ErrorMessage())
	if n, err := get(s, "old"); err != nil || n.Text != "kept" {
		t.Errorf("read: %v %v", n, err)
	}
	if _, err := get(s, "new"); !errors.Is(err, ErrNotFound) {
		t.Errorf("failed write left %v", err)
	}
}

func TestAWriteWithoutRoomIsAClearErrorAndReadsGoOn(t *testing.T) {
	for name, path := range map[string]string{"file": filepath.Join(t.TempDir(), "postern.db"), "memory": ""} {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, path)
			if err := put(s, "old", "kept"); err != nil {
				t.Fatal(err)
			}
			pragma(s, "max_page_count = 60")
			unwritable(t, s, "the disk is full")
			pragma(s, "query_only = on")
			unwritable(t, s, "the file or its disk is read-only")
			pragma(s, "query_only = off")

			// Updates that share a commit with one that fails are told the truth too.
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					id, text := string(rune('a'+i)), "small"
					if i%5 == 0 {
						text = strings.Repeat("x", 1<<20)
					}
					failed := put(s, id, text)
					if _, err := get(s, id); (failed == nil) != (err == nil) {
						t.Errorf("%s: write %v, read %v", id, failed, err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestTheFilesAreForTheirOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := t.TempDir()
	s := mustOpen(t, filepath.Join(dir, "postern.db"))
	if err := put(s, "a", "secret"); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if i, err := f.Info(); err != nil || i.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), i.Mode(), err)
		}
	}
}
