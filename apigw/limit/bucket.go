package limit

import (
	"math"
	"sync/atomic"
	"time"
)

// A Rate is how many requests may pass. A negative number is no limit at all; with 0 in
// either nothing passes.
type Rate struct {
	PerSecond float64 // tokens that come back in a second
	Burst     int     // tokens that a full bucket has
}

// Unlimited reports whether everything passes.
func (r Rate) Unlimited() bool { return r.PerSecond < 0 || r.Burst < 0 }

// Account is what AWS grants an account in a region (REST API guide, "Quotas").
var Account = Rate{PerSecond: 10000, Burst: 5000}

// A Bucket is a token bucket that starts full. The nil Bucket is never empty.
//
// It is one number: when the bucket will be full again. That takes neither a lock nor an
// order of the times it is asked at: requests that waited for an authorizer come late, and
// x/time/rate would take an earlier time than its last for a clock that was set back, and
// give tokens twice.
type Bucket struct {
	rate          Rate
	token, window int64 // nanoseconds until one token is back, until all are
	full          atomic.Int64
}

// NewBucket makes a full bucket, nil for a rate without limit.
func NewBucket(r Rate) *Bucket {
	if r.Unlimited() {
		return nil
	}
	if r.PerSecond == 0 || r.Burst == 0 {
		return &Bucket{rate: r, token: 1}
	}
	const longest = 1 << 61 // some 70 years, so that sums do not overflow
	token := math.Min(1e9/r.PerSecond, float64(longest/int64(r.Burst)))
	b := &Bucket{rate: r, token: int64(math.Round(token))}
	b.window = b.token * int64(r.Burst)
	return b
}

// Take takes a token, if there is one.
func (b *Bucket) Take(t time.Time) bool {
	if b == nil {
		return true
	}
	now := t.UnixNano()
	for {
		full := b.full.Load()
		next := max(full, now) + b.token
		if next > now+b.window {
			if full > now+b.window+int64(time.Second) { // the clock was set back: begin anew
				b.full.CompareAndSwap(full, now+b.window)
			}
			return false
		}
		if b.full.CompareAndSwap(full, next) {
			return true
		}
	}
}

// A slot holds a bucket as long as its rate stays the same.
type slot struct{ bucket atomic.Pointer[Bucket] }

// take takes a token of the slot's bucket at a rate.
func (s *slot) take(r Rate, t time.Time) bool {
	if r.Unlimited() {
		return true
	}
	b := s.bucket.Load()
	if b == nil || b.rate != r {
		fresh := NewBucket(r)
		if !s.bucket.CompareAndSwap(b, fresh) {
			return s.take(r, t)
		}
		b = fresh
	}
	return b.Take(t)
}
