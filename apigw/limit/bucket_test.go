package limit

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// took counts how many of n requests at once pass.
func took(b *Bucket, n int, t time.Time) (passed int) {
	for range n {
		if b.Take(t) {
			passed++
		}
	}
	return passed
}

// The numbers are those of AWS's examples (REST API guide, "Throttle requests", read 2026-11), which
// round the third to 6000.
func TestTheBucketOfTheGuide(t *testing.T) {
	b := NewBucket(Account)
	if got := took(b, 10000, start); got != 5000 {
		t.Errorf("10000 at once: %d", got)
	}
	b = NewBucket(Account)
	if got := took(b, 5000, start) + took(b, 5000, start.Add(101*time.Millisecond)); got != 6010 {
		t.Errorf("5000 and 5000 after 101 ms: %d", got)
	}
	b = NewBucket(Account)
	passed := 0
	for i := range 1000 { // ten a millisecond
		passed += took(b, 10, start.Add(time.Duration(i)*time.Millisecond))
	}
	if passed != 10000 {
		t.Errorf("10 a millisecond for a second: %d", passed)
	}
}

func TestBucketLimits(t *testing.T) {
	cases := []struct {
		name        string
		rate        Rate
		first, then int // of 100 at once, and of 100 two seconds later
	}{
		{"two a second", Rate{2, 5}, 5, 4},
		{"one in two seconds", Rate{0.5, 1}, 1, 1},
		{"three a second, which no number of nanoseconds is", Rate{3, 3}, 3, 3},
		{"rate 0 means none", Rate{0, 5}, 0, 0},
		{"burst 0 means none", Rate{5, 0}, 0, 0},
		{"-1 means no limit", Rate{-1, -1}, 100, 100},
		{"no limit in one is no limit", Rate{5, -1}, 100, 100},
		{"almost never", Rate{1e-12, 7}, 7, 0},
		{"more than nanoseconds", Rate{2e9, 9}, 9, 9},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := NewBucket(c.rate)
			if got := took(b, 100, start); got != c.first {
				t.Errorf("at first %d, want %d", got, c.first)
			}
			if got := took(b, 100, start.Add(2*time.Second)); got != c.then {
				t.Errorf("then %d, want %d", got, c.then)
			}
		})
	}
}

func TestAClockThatIsSetBackNeitherGivesNorLocks(t *testing.T) {
	b := NewBucket(Rate{1, 3})
	took(b, 3, start)
	if b.Take(start.Add(-200 * time.Millisecond)) {
		t.Error("an earlier request got a token")
	}
	if got := took(b, 5, start.Add(time.Second)); got != 1 {
		t.Errorf("%d tokens after a second", got)
	}
	yesterday := start.Add(-24 * time.Hour)
	b.Take(yesterday)
	if got := took(b, 5, yesterday.Add(2*time.Second)); got != 2 {
		t.Errorf("%d tokens two seconds after the clock was set back", got)
	}
}

func TestBucketsAreExactAtTheSameTime(t *testing.T) {
	b := NewBucket(Rate{1, 1000})
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() { passed.Add(int64(took(b, 100, start))) })
	}
	wg.Wait()
	if passed.Load() != 1000 {
		t.Errorf("%d passed", passed.Load())
	}
}

func TestBucketsKeepTheirTokensWhileTheirRateStaysTheSame(t *testing.T) {
	var all Buckets
	get := func(r Rate) *Bucket { return all.Method("api", "prod", "GET /", r) }
	r := Rate{1, 3}
	took(get(r), 2, start)
	if got := took(get(r), 5, start); got != 1 {
		t.Errorf("after a republish %d", got)
	}
	if got := took(all.Method("api", "other", "GET /", r), 5, start); got != 3 {
		t.Errorf("another stage %d", got)
	}
	if got := took(get(Rate{1, 4}), 5, start); got != 4 {
		t.Errorf("another rate %d", got)
	}
	all.Forget("api", "prod")
	if got := took(get(Rate{1, 4}), 5, start); got != 4 {
		t.Errorf("a new stage of the name %d", got)
	}
	all.Forget("api", "")
	if len(all.stages) != 0 {
		t.Errorf("left: %v", all.stages)
	}
	took(all.Account("a", "r", r), 3, start)
	if all.Account("a", "r", r).Take(start) || !all.Account("a", "s", r).Take(start) {
		t.Error("accounts are not by region")
	}
}

func BenchmarkBucket(b *testing.B) {
	bucket := NewBucket(Rate{1e9, 1 << 30})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			bucket.Take(start)
		}
	})
}
