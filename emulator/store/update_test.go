package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"postern/emulator/store"
)

// hold occupies the writer until release is called, so that updates queue up and
// share the next commit.
func hold(s *store.Store) (release func()) {
	begun, free := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		s.Update(context.Background(), scope, func(*store.Tx) error {
			close(begun)
			<-free
			return nil
		})
	})
	<-begun
	return func() { close(free); wg.Wait() }
}

func TestUpdatesThatShareACommitFailAlone(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		release := hold(s)
		boom := errors.New("boom")
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				defer func() {
					if r := recover(); (r != nil) != (i%10 == 1) {
						t.Errorf("update %d recovered %v", i, r)
					}
				}()
				err := s.Update(context.Background(), scope, func(tx *store.Tx) error {
					err := apis.Insert(tx, store.Document[thing]{ID: fmt.Sprint(i)})
					switch i % 10 {
					case 0:
						return boom
					case 1:
						panic("boom")
					}
					return err
				})
				if want := i%10 == 0; errors.Is(err, boom) != want || !want && err != nil {
					t.Errorf("update %d: %v", i, err)
				}
			})
		}
		release()
		wg.Wait()
		if n := count(t, s); n != 80 {
			t.Errorf("%d documents, want 80", n)
		}
	})
}

func TestAnUpdateThatIsCancelledWhileItWaitsDoesNothing(t *testing.T) {
	s := open(t, store.Options{})
	release := hold(s)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		ended <- s.Update(ctx, scope, func(tx *store.Tx) error {
			return apis.Insert(tx, store.Document[thing]{ID: "a"})
		})
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	release()
	if n := count(t, s); n != 0 {
		t.Errorf("%d documents, want 0", n)
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	s := open(t, store.Options{})
	var wg sync.WaitGroup
	for i := range 20 { // some before, some after the Close
		wg.Go(func() {
			err := s.Update(context.Background(), scope, func(tx *store.Tx) error {
				return apis.Insert(tx, store.Document[thing]{ID: fmt.Sprint(i)})
			})
			if err != nil && !errors.Is(err, store.ErrClosed) {
				t.Error(err)
			}
		})
	}
	s.Close()
	wg.Wait()
	if err := s.View(context.Background(), scope, func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Error(err)
	}
	if err := s.Update(context.Background(), scope, func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Error(err)
	}
}

func TestReadersRunBesideAWriter(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir() + "/postern.db"})
	release := hold(s)
	if n := count(t, s); n != 0 {
		t.Errorf("%d documents", n)
	}
	release()
}

func TestAViewNeverSeesHalfAnUpdate(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store) {
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range 50 {
					id := fmt.Sprint(w, "-", i)
					err := s.Update(context.Background(), scope, func(tx *store.Tx) error {
						return errors.Join(apis.Insert(tx, store.Document[thing]{ID: id}),
							stages.Insert(tx, store.Document[thing]{ID: id, Parent: &store.Ref{Kind: "api", ID: id}}))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
			wg.Go(func() {
				for range 50 {
					err := s.View(context.Background(), scope, func(tx *store.Tx) error {
						parents, err := apis.Count(tx, store.Query{})
						children, err2 := stages.Count(tx, store.Query{})
						if parents != children {
							t.Errorf("%d parents and %d children", parents, children)
						}
						return errors.Join(err, err2)
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := count(t, s); n != 200 {
			t.Errorf("%d documents, want 200", n)
		}
	})
}
