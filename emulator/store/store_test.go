package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/emulator/store"
)

var (
	scope  = store.Scope{Account: "000000000000", Region: "us-east-1"}
	apis   = store.Kind[thing]{Service: "test", Name: "api"}
	stages = store.Kind[thing]{Service: "test", Name: "stage"}
)

type thing struct {
	Color string
	Size  *int `json:",omitempty"`
}

// both runs a test on a store in a file and on one in memory.
func both(t *testing.T, test func(t *testing.T, s *store.Store)) {
	for name, path := range map[string]string{"file": "postern.db", "memory": ""} {
		t.Run(name, func(t *testing.T) {
			if path != "" {
				path = filepath.Join(t.TempDir(), path)
			}
			test(t, open(t, store.Options{Path: path}))
		})
	}
}

func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func update(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), scope, fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.View(context.Background(), scope, fn); err != nil {
		t.Fatal(err)
	}
}

func TestADocumentComesBackAsItWasWritten(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		size := 3
		want := store.Document[thing]{ID: "Aé<1>", Name: "n&", Value: thing{"red", &size}}
		child := store.Document[thing]{ID: "dev", Parent: &store.Ref{Kind: "api", ID: want.ID}}
		update(t, s, func(tx *store.Tx) error {
			want.Created, child.Created = tx.Now(), tx.Now()
			return errors.Join(apis.Insert(tx, want), stages.Insert(tx, child))
		})
		view(t, s, func(tx *store.Tx) error {
			got, err := apis.Get(tx, want.ID)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			gotChild, err2 := stages.Get(tx, "dev")
			if diff := cmp.Diff(child, gotChild); diff != "" {
				t.Error(diff)
			}
			return errors.Join(err, err2)
		})
	})
}

func TestPutKeepsCreationTimeAndChildren(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := open(t, store.Options{Now: func() time.Time { return now }})
	first := now
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(apis.Insert(tx, store.Document[thing]{ID: "a"}),
			stages.Insert(tx, store.Document[thing]{ID: "s", Parent: &store.Ref{Kind: "api", ID: "a"}}))
	})
	now = now.Add(time.Hour)
	update(t, s, func(tx *store.Tx) error {
		return apis.Put(tx, store.Document[thing]{ID: "a", Value: thing{Color: "blue"}})
	})
	view(t, s, func(tx *store.Tx) error {
		a, err := apis.Get(tx, "a")
		if !a.Created.Equal(first) || a.Value.Color != "blue" {
			t.Errorf("got %v %v", a.Created, a.Value)
		}
		n, err2 := stages.Count(tx, store.Query{Parent: &store.Ref{Kind: "api", ID: "a"}})
		if n != 1 {
			t.Errorf("%d children, want 1", n)
		}
		return errors.Join(err, err2)
	})
}

func TestDeletingAParentDeletesItsChildren(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		update(t, s, func(tx *store.Tx) error {
			return errors.Join(apis.Insert(tx, store.Document[thing]{ID: "a"}),
				stages.Insert(tx, store.Document[thing]{ID: "s", Parent: &store.Ref{Kind: "api", ID: "a"}}))
		})
		update(t, s, func(tx *store.Tx) error { return apis.Delete(tx, "a") })
		view(t, s, func(tx *store.Tx) error {
			if _, err := stages.Get(tx, "s"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("child is %v, want not found", err)
			}
			return nil
		})
	})
}

func TestErrorsSayWhatIsThereAndWhatIsNot(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		update(t, s, func(tx *store.Tx) error { return apis.Insert(tx, store.Document[thing]{ID: "a"}) })
		for _, c := range []struct {
			name string
			do   func(*store.Tx) error
			want error
		}{
			{"insert twice", func(tx *store.Tx) error { return apis.Insert(tx, store.Document[thing]{ID: "a"}) }, store.ErrExists},
			{"get none", func(tx *store.Tx) error { _, err := apis.Get(tx, "A"); return err }, store.ErrNotFound},
			{"delete none", func(tx *store.Tx) error { return apis.Delete(tx, "b") }, store.ErrNotFound},
			{"parent none", func(tx *store.Tx) error {
				return stages.Insert(tx, store.Document[thing]{ID: "s", Parent: &store.Ref{Kind: "api", ID: "b"}})
			}, store.ErrNotFound},
			{"foreign position", func(tx *store.Tx) error { _, err := apis.List(tx, store.Query{After: "x!"}); return err }, store.ErrPosition},
			{"blob none", func(tx *store.Tx) error { _, err := tx.Blob("x"); return err }, store.ErrNotFound},
			{"other scope", func(tx *store.Tx) error {
				_, err := apis.Get(tx.In(store.Scope{Account: "111111111111", Region: "us-east-1"}), "a")
				return err
			}, store.ErrNotFound},
		} {
			if err := s.Update(context.Background(), scope, c.do); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
		}
	})
}

func TestAFailedUpdateLeavesNothing(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		boom := errors.New("boom")
		err := s.Update(context.Background(), scope, func(tx *store.Tx) error {
			return errors.Join(apis.Insert(tx, store.Document[thing]{ID: "a"}), boom)
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		func() {
			defer func() { recover() }()
			s.Update(context.Background(), scope, func(tx *store.Tx) error {
				apis.Insert(tx, store.Document[thing]{ID: "b"})
				panic("boom")
			})
		}()
		view(t, s, func(tx *store.Tx) error {
			n, err := apis.Count(tx, store.Query{})
			if n != 0 {
				t.Errorf("%d documents, want 0", n)
			}
			return err
		})
	})
}

func TestAViewCannotWrite(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		err := s.View(context.Background(), scope, func(tx *store.Tx) error {
			return apis.Insert(tx, store.Document[thing]{ID: "a"})
		})
		if err == nil {
			t.Error("a view wrote")
		}
	})
}

func TestLocateAndReset(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		scopes := []store.Scope{{"1", "us-east-1"}, {"1", "eu-west-1"}, {"2", "us-east-1"}}
		for i, sc := range scopes {
			err := s.Update(ctx, sc, func(tx *store.Tx) error {
				return errors.Join(apis.Insert(tx, store.Document[thing]{ID: fmt.Sprint("a", i)}), tx.PutBlob("d", []byte{1}))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		there := func() (out []bool) {
			for i, sc := range scopes {
				got, err := s.Locate(ctx, "test", "api", fmt.Sprint("a", i))
				if err != nil && !errors.Is(err, store.ErrNotFound) || err == nil && got != sc {
					t.Errorf("located %v, %v; want %v", got, err, sc)
				}
				out = append(out, err == nil)
			}
			return out
		}
		for _, c := range []struct {
			reset store.Scope
			want  []bool
		}{
			{store.Scope{Account: "3"}, []bool{true, true, true}},
			{store.Scope{Account: "1", Region: "us-east-1"}, []bool{false, true, true}},
			{store.Scope{Account: "2"}, []bool{false, true, false}},
			{store.Scope{}, []bool{false, false, false}},
		} {
			if err := s.Reset(ctx, c.reset); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, there()); diff != "" {
				t.Errorf("after reset of %v: %s", c.reset, diff)
			}
		}
	})
}
