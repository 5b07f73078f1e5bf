package cache

import (
	"strings"
	"sync"
)

// Caches are the caches of all stages. They outlive the Stage values, which a deployment
// or a changed setting replaces.
type Caches struct {
	// mu guards all.
	mu  sync.Mutex
	all map[string]*Cache // by name
}

// A Name names a cache among all stages.
type Name struct {
	API, Stage string
	Canary     bool // the canary's own
}

func (n Name) key() string {
	key := n.API + "/" + n.Stage
	if n.Canary {
		key += "/canary"
	}
	return key
}

// Open returns the cache of a name. One that has another capacity is replaced by an empty
// one, as on AWS.
func (s *Caches) Open(n Name, capacity int64) *Cache {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*Cache{}
	}
	c := s.all[n.key()]
	if c == nil || c.capacity != capacity {
		c = New(capacity)
		s.all[n.key()] = c
	}
	return c
}

// Close forgets a cache.
func (s *Caches) Close(n Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, n.key())
}

// CloseAll forgets the caches of a stage and its canary, of all stages of an API where stage is "",
// and of all APIs where api is "" too.
func (s *Caches) CloseAll(api, stage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.all {
		if of(key, api, stage) {
			delete(s.all, key)
		}
	}
}

// Flush empties the caches of a stage and its canary.
func (s *Caches) Flush(api, stage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, c := range s.all {
		if of(key, api, stage) {
			c.Flush()
		}
	}
}

// of tells whether a key is of a stage; "" stands for any.
func of(key, api, stage string) bool {
	parts := strings.Split(key, "/")
	return (api == "" || parts[0] == api) && (stage == "" || parts[1] == stage)
}
