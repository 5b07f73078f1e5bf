package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/emulator/store"
)

func count(t *testing.T, s *store.Store) (n int) {
	t.Helper()
	view(t, s, func(tx *store.Tx) (err error) {
		n, err = apis.Count(tx, store.Query{})
		return err
	})
	return n
}

func TestDeferredWritesAreThereAfterFlushAndAfterClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "postern.db")
	s := open(t, store.Options{Path: path})
	insert := func(id string) {
		t.Helper()
		err := s.Later(scope, 10, func(tx *store.Tx) error { return apis.Insert(tx, store.Document[thing]{ID: id}) })
		if err != nil {
			t.Error(err)
		}
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() { insert(fmt.Sprint(i)) })
	}
	wg.Wait()
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s); n != 50 {
		t.Errorf("%d after Flush, want 50", n)
	}
	insert("last")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Later(scope, 1, nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if err := s.Flush(context.Background()); err != nil {
		t.Errorf("after Close: %v", err)
	}
	if n := count(t, open(t, store.Options{Path: path})); n != 51 {
		t.Errorf("%d after Close, want 51", n)
	}
}

func TestDeferredWritesHappenWithoutAFlush(t *testing.T) {
	s := open(t, store.Options{})
	done := make(chan time.Time, 1)
	start := time.Now()
	s.Later(scope, 1, func(*store.Tx) error { done <- time.Now(); return nil })
	if took := (<-done).Sub(start); took > time.Second {
		t.Errorf("took %v", took)
	}
}

func TestADeferredWriteThatFailsTakesNoOtherWithIt(t *testing.T) {
	var log strings.Builder
	s := open(t, store.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for i := range 5 {
		s.Later(scope, 1, func(tx *store.Tx) error {
			return errors.Join(apis.Insert(tx, store.Document[thing]{ID: fmt.Sprint(i % 4)}))
		})
	}
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s); n != 4 {
		t.Errorf("%d documents, want 4", n)
	}
	if strings.Count(log.String(), "exists already") != 1 {
		t.Errorf("log: %s", &log)
	}
}

func TestResetAlsoTakesWhatWasDeferredBefore(t *testing.T) {
	s := open(t, store.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	s.Later(scope, 1, func(tx *store.Tx) error { return apis.Insert(tx, store.Document[thing]{ID: "a"}) })
	if err := s.Reset(context.Background(), store.Scope{}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s); n != 0 {
		t.Errorf("%d documents, want 0", n)
	}
}

var (
	groups  = store.Kind[thing]{Service: "test", Name: "group"}
	streams = store.Kind[thing]{Service: "test", Name: "stream"}
	events  = store.Log{Service: "test", Group: "group", Stream: "stream"}
)

// at is n milliseconds after a fixed moment.
func at(n int) time.Time { return time.UnixMilli(1_700_000_000_000 + int64(n)).UTC() }

// logged is a store with the events 0 … 9, the even ones in stream g:a and the
// odd ones in g:b, each appended in reverse order.
func logged(t *testing.T) *store.Store {
	s := open(t, store.Options{Now: func() time.Time { return at(1000) }})
	update(t, s, func(tx *store.Tx) error {
		err := groups.Insert(tx, store.Document[thing]{ID: "g"})
		for i, stream := range []string{"g:a", "g:b"} {
			err = errors.Join(err, streams.Insert(tx, store.Document[thing]{ID: stream, Parent: &store.Ref{Kind: "group", ID: "g"}}))
			var batch []store.LogEvent
			for n := 8 + i; n >= 0; n -= 2 {
				batch = append(batch, store.LogEvent{Timestamp: at(n), Message: fmt.Sprint("é", n)})
			}
			err = errors.Join(err, events.Append(tx, stream, batch))
		}
		return err
	})
	return s
}

func messages(t *testing.T, s *store.Store, q store.LogQuery, limit int) (out []string, last *store.LogPosition) {
	t.Helper()
	view(t, s, func(tx *store.Tx) error {
		return events.Events(tx, q, func(e store.LogEvent) bool {
			if len(out) == limit {
				return false
			}
			out = append(out, strings.TrimPrefix(e.Message, "é"))
			p := e.Position()
			last = &p
			return true
		})
	})
	return out, last
}

func TestLogEventsAreSelectedByStreamTimeAndPosition(t *testing.T) {
	s := logged(t)
	for _, c := range []struct {
		q    store.LogQuery
		want string
	}{
		{store.LogQuery{Group: "g"}, "0 1 2 3 4 5 6 7 8 9"},
		{store.LogQuery{Stream: "g:b"}, "1 3 5 7 9"},
		{store.LogQuery{Stream: "g:a", Backward: true}, "8 6 4 2 0"},
		{store.LogQuery{Group: "g", From: at(3), Until: at(6)}, "3 4 5"},
		{store.LogQuery{Group: "g", Until: at(3), Backward: true}, "2 1 0"},
	} {
		all, _ := messages(t, s, c.q, -1)
		if got := strings.Join(all, " "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
		var paged []string
		for {
			page, last := messages(t, s, c.q, 2)
			if len(page) == 0 {
				break
			}
			paged, c.q.After = append(paged, page...), last
		}
		if got := strings.Join(paged, " "); got != c.want {
			t.Errorf("paged %+v: %s, want %s", c.q, got, c.want)
		}
	}
}

func TestLogStatisticsFollowWhatIsThere(t *testing.T) {
	s := logged(t)
	check := func(want map[string]store.LogStats, bytes int64) {
		t.Helper()
		view(t, s, func(tx *store.Tx) error {
			got, err := events.Stats(tx, "g")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			n, err2 := events.Bytes(tx, "g")
			if n != bytes {
				t.Errorf("%d bytes, want %d", n, bytes)
			}
			return errors.Join(err, err2)
		})
	}
	check(map[string]store.LogStats{
		"g:a": {FirstEvent: at(0), LastEvent: at(8), LastIngestion: at(1000), Bytes: 5 * 29},
		"g:b": {FirstEvent: at(1), LastEvent: at(9), LastIngestion: at(1000), Bytes: 5 * 29},
	}, 290)
	update(t, s, func(tx *store.Tx) error { return events.Expire(tx, "g", at(9)) })
	check(map[string]store.LogStats{"g:b": {FirstEvent: at(9), LastEvent: at(9), LastIngestion: at(1000), Bytes: 29}}, 29)
	update(t, s, func(tx *store.Tx) error { return streams.Delete(tx, "g:b") })
	check(map[string]store.LogStats{}, 0)
}
