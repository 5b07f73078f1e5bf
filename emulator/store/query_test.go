package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/emulator/store"
)

// ids walks a list page by page; between calls are made between the pages.
func ids(t *testing.T, s *store.Store, q store.Query, between func()) (out []string) {
	t.Helper()
	for {
		var p store.Page[thing]
		view(t, s, func(tx *store.Tx) (err error) {
			p, err = apis.List(tx, q)
			return err
		})
		for _, d := range p.Documents {
			out = append(out, d.ID)
		}
		if p.Next == "" {
			return out
		}
		if len(p.Documents) != q.Limit {
			t.Errorf("page of %d, want %d", len(p.Documents), q.Limit)
		}
		q.After = p.Next
		if between != nil {
			between()
		}
	}
}

func TestListsComeInTheOrderAskedFor(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		start := time.UnixMilli(1e12).UTC()
		update(t, s, func(tx *store.Tx) error {
			return errors.Join(
				apis.Insert(tx, store.Document[thing]{ID: "c", Name: "1", Created: start}),
				apis.Insert(tx, store.Document[thing]{ID: "a", Name: "2", Created: start.Add(2)}),
				apis.Insert(tx, store.Document[thing]{ID: "B", Name: "2", Created: start.Add(time.Hour)}),
				apis.Insert(tx, store.Document[thing]{ID: "aa", Name: "1", Created: start.Add(time.Minute)}),
			)
		})
		for _, c := range []struct {
			q    store.Query
			want []string
		}{
			{store.Query{}, []string{"B", "a", "aa", "c"}},
			{store.Query{Prefix: "a"}, []string{"a", "aa"}},
			{store.Query{Order: store.ByName}, []string{"aa", "c", "B", "a"}},
			{store.Query{Order: store.ByCreated}, []string{"a", "c", "aa", "B"}},
			{store.Query{Order: store.ByCreatedDesc}, []string{"B", "aa", "c", "a"}},
			{store.Query{Parent: &store.Ref{Kind: "api", ID: "a"}}, nil},
		} {
			for limit := range 6 {
				c.q.Limit = limit
				if diff := cmp.Diff(c.want, ids(t, s, c.q, nil)); diff != "" {
					t.Errorf("%+v: %s", c.q, diff)
				}
			}
		}
	})
}

func TestAPositionStaysValidWhileDocumentsComeAndGo(t *testing.T) {
	for _, order := range []store.Order{store.ByID, store.ByName, store.ByCreated} {
		s := open(t, store.Options{})
		var want []string
		update(t, s, func(tx *store.Tx) error {
			for i := range 50 {
				id := fmt.Sprintf("m%02d", i)
				want = append(want, id)
				if err := apis.Insert(tx, store.Document[thing]{ID: id, Name: id}); err != nil {
					return err
				}
			}
			return nil
		})
		n := 0
		got := ids(t, s, store.Query{Order: order, Limit: 7}, func() {
			n++
			update(t, s, func(tx *store.Tx) error {
				position, early := fmt.Sprintf("m%02d", 7*n-1), fmt.Sprint("a", n)
				return errors.Join(apis.Delete(tx, position),
					apis.Insert(tx, store.Document[thing]{ID: early, Name: early, Created: time.UnixMilli(1)}))
			})
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("order %d: %s", order, diff)
		}
	}
}

func TestChildrenAreListedByTheirParent(t *testing.T) {
	s := open(t, store.Options{})
	update(t, s, func(tx *store.Tx) (err error) {
		for _, api := range []string{"a", "b"} {
			err = errors.Join(err, apis.Insert(tx, store.Document[thing]{ID: api}))
			for i := range 3 {
				err = errors.Join(err, stages.Insert(tx, store.Document[thing]{
					ID: fmt.Sprint(api, i), Parent: &store.Ref{Kind: "api", ID: api}}))
			}
		}
		return err
	})
	view(t, s, func(tx *store.Tx) error {
		p, err := stages.List(tx, store.Query{Parent: &store.Ref{Kind: "api", ID: "b"}, Limit: 2})
		if len(p.Documents) != 2 || p.Documents[0].ID != "b0" || p.Next == "" {
			t.Errorf("got %+v", p)
		}
		return err
	})
}

func TestIDsHaveTheirLengthAndAlphabet(t *testing.T) {
	s := open(t, store.Options{})
	seen := map[byte]bool{}
	update(t, s, func(tx *store.Tx) error {
		for range 500 {
			id := tx.ID(10)
			if len(id) != 10 {
				t.Fatalf("id %q", id)
			}
			for i := range id {
				seen[id[i]] = true
			}
		}
		if u := tx.UUID(); len(u) != 36 || u[14] != '4' {
			t.Errorf("uuid %q", u)
		}
		return nil
	})
	if len(seen) != 36 {
		t.Errorf("%d different characters, want 36", len(seen))
	}
}
