package auth

import (
	"sync"
	"time"
)

// maxCache bounds what one authorizer of one stage remembers: identities and results, in bytes.
const maxCache = 16 << 20

// A cache keeps results by identity until they are too old. All live equally long, so the
// oldest go first. The zero cache is empty.
type cache struct {
	mu     sync.Mutex // guards the rest
	byKey  map[string]*entry
	oldest *entry // of a list in the order of age
	newest *entry
	size   int
	age    int // how often it was flushed
}

type entry struct {
	key     string
	result  *Result
	expires time.Time
	size    int
	next    *entry // that came after it
}

// get returns what is remembered, nil for nothing, and the age to put what takes its place with.
func (c *cache) get(key string, now time.Time) (r *Result, age int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[key]
	if e == nil || !now.Before(e.expires) {
		return nil, c.age
	}
	return e.result, c.age
}

// put remembers a result, unless it was asked for before a flush.
func (c *cache) put(key string, r *Result, age int, now time.Time, ttl time.Duration) {
	e := &entry{key: key, result: r, expires: now.Add(ttl), size: len(key) + r.size + 128}
	c.mu.Lock()
	defer c.mu.Unlock()
	if age != c.age {
		return
	}
	if c.byKey == nil {
		c.byKey = map[string]*entry{}
	}
	if c.newest == nil {
		c.oldest = e
	} else {
		c.newest.next = e
	}
	c.newest, c.byKey[key] = e, e
	c.size += e.size
	for c.oldest != e && (c.size > maxCache || !now.Before(c.oldest.expires)) {
		c.drop()
	}
}

// drop forgets the oldest entry, and its key if no newer one has taken it.
func (c *cache) drop() {
	e := c.oldest
	if c.byKey[e.key] == e {
		delete(c.byKey, e.key)
	}
	c.oldest = e.next
	c.size -= e.size
}

func (c *cache) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byKey, c.oldest, c.newest, c.size = nil, nil, nil, 0
	c.age++
}
