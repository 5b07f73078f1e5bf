package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"postern/emulator/store"
)

var body = thing{Color: strings.Repeat("x", 4000)}

// fill stores n documents of 4 KB.
func fill(b testing.TB, s *store.Store, n int) {
	update(b, s, func(tx *store.Tx) error {
		for i := range n {
			if err := apis.Insert(tx, store.Document[thing]{ID: fmt.Sprintf("a%09d", i), Name: fmt.Sprint(i), Value: body}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Start-up must not grow with what is stored.
func BenchmarkReopen(b *testing.B) {
	for _, n := range []int{0, 10_000} {
		b.Run(fmt.Sprint(n, "documents"), func(b *testing.B) {
			o := store.Options{Path: filepath.Join(b.TempDir(), "postern.db")}
			s := open(b, o)
			fill(b, s, n)
			s.Close()
			for b.Loop() {
				s, err := store.Open(context.Background(), o)
				if err != nil {
					b.Fatal(err)
				}
				s.Close()
			}
		})
	}
}

func BenchmarkInsert(b *testing.B) {
	small := thing{Color: "red"}
	for _, path := range []string{"file", "memory"} {
		b.Run(path, func(b *testing.B) {
			o := store.Options{}
			if path == "file" {
				o.Path = filepath.Join(b.TempDir(), "postern.db")
			}
			s := open(b, o)
			var n atomic.Int64
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					id := fmt.Sprint("a", n.Add(1))
					err := s.Update(context.Background(), scope, func(tx *store.Tx) error {
						return apis.Insert(tx, store.Document[thing]{ID: id, Value: small})
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func BenchmarkGet(b *testing.B) {
	s := open(b, store.Options{Path: filepath.Join(b.TempDir(), "postern.db")})
	fill(b, s, 10_000)
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := fmt.Sprintf("a%09d", n.Add(7)%10_000)
			err := s.View(context.Background(), scope, func(tx *store.Tx) error {
				_, err := apis.Get(tx, id)
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkListPageOf100In10000(b *testing.B) {
	s := open(b, store.Options{Path: filepath.Join(b.TempDir(), "postern.db")})
	fill(b, s, 10_000)
	for _, order := range []store.Order{store.ByID, store.ByName, store.ByCreated} {
		b.Run(fmt.Sprint(order), func(b *testing.B) {
			for b.Loop() {
				view(b, s, func(tx *store.Tx) error {
					_, err := apis.List(tx, store.Query{Order: order, Limit: 100})
					return err
				})
			}
		})
	}
}

func BenchmarkResetOf10000(b *testing.B) {
	s := open(b, store.Options{Path: filepath.Join(b.TempDir(), "postern.db")})
	for b.Loop() {
		b.StopTimer()
		fill(b, s, 10_000)
		b.StartTimer()
		if err := s.Reset(context.Background(), store.Scope{}); err != nil {
			b.Fatal(err)
		}
	}
}

// What a function's invocation costs in log events: three lines each.
func BenchmarkLaterLog(b *testing.B) {
	s := open(b, store.Options{Path: filepath.Join(b.TempDir(), "postern.db")})
	update(b, s, func(tx *store.Tx) error {
		if err := groups.Insert(tx, store.Document[thing]{ID: "g"}); err != nil {
			return err
		}
		return streams.Insert(tx, store.Document[thing]{ID: "g:s", Parent: &store.Ref{Kind: "group", ID: "g"}})
	})
	batch := []store.LogEvent{{Timestamp: at(0), Message: "START"}, {Timestamp: at(0), Message: "END"}, {Timestamp: at(0), Message: "REPORT"}}
	for n := 1; b.Loop(); n++ {
		if err := s.Later(scope, 300, func(tx *store.Tx) error { return events.Append(tx, "g:s", batch) }); err != nil {
			b.Fatal(err)
		}
		if n%500 == 0 {
			if err := s.Flush(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	}
}
