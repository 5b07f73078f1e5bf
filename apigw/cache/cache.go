package cache

import (
	"container/list"
	"sync"
	"time"

	"postern/apigw"
)

// maxAnswer is the largest answer that is kept, in bytes (REST API guide, "Cache settings
// for REST APIs").
const maxAnswer = 1048576

// overhead is about what an entry costs besides its key, headers and body.
const overhead = 512

// An Answer is what a client got. It is shared and never changed.
type Answer struct {
	Status int
	Header apigw.Header
	Body   []byte
}

func (a *Answer) size() int64 {
	n := len(a.Body)
	for _, f := range a.Header {
		n += len(f.Name) + len(f.Value)
	}
	return int64(n)
}

// A Cache is what one stage, or its canary, keeps. When it is full, what was not used for
// longest goes.
type Cache struct {
	capacity int64 // bytes

	// mu guards the rest.
	mu      sync.Mutex
	entries map[string]*list.Element // of *entry
	used    list.List                // the last used first
	bytes   int64
}

type entry struct {
	key     string
	answer  *Answer
	expires time.Time
	size    int64
}

// New makes a Cache of a capacity in bytes.
func New(capacity int64) *Cache {
	return &Cache{capacity: capacity, entries: map[string]*list.Element{}}
}

// Get returns the answer of a key, nil if there is none that still counts.
func (c *Cache) Get(key []byte, now time.Time) *Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.entries[string(key)]
	if !ok {
		return nil
	}
	e := found.Value.(*entry)
	if !now.Before(e.expires) {
		c.drop(found)
		return nil
	}
	c.used.MoveToFront(found)
	return e.answer
}

// Put keeps an answer until a time, in place of the key's former one. One that is too
// large for AWS, or for the whole cache, is not kept.
func (c *Cache) Put(key string, a *Answer, expires time.Time) {
	size := a.size()
	if size > maxAnswer {
		return
	}
	size += int64(len(key)) + overhead
	c.mu.Lock()
	defer c.mu.Unlock()
	if former, ok := c.entries[key]; ok {
		c.drop(former)
	}
	if size > c.capacity {
		return
	}
	for c.bytes+size > c.capacity {
		c.drop(c.used.Back())
	}
	c.entries[key] = c.used.PushFront(&entry{key, a, expires, size})
	c.bytes += size
}

// Flush forgets everything.
func (c *Cache) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
	c.used.Init()
	c.bytes = 0
}

func (c *Cache) drop(at *list.Element) {
	e := c.used.Remove(at).(*entry)
	delete(c.entries, e.key)
	c.bytes -= e.size
}
