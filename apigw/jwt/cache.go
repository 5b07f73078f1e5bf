package jwt

import (
	"crypto/sha256"
	"sync"
)

// generationSize bounds the cache, which holds two generations of tokens.
const generationSize = 2048

type digest = [sha256.Size]byte

// A cache keeps verified tokens by their hash. When a generation is full the one before it
// goes: what is used moves on to the new one.
type cache struct {
	// mu guards both maps.
	mu       sync.Mutex
	now, old map[digest]*entry
}

// An entry is a genuine token and the keys that said so.
type entry struct {
	token *Token
	set   *keySet
	keys  *keys
}

func (c *cache) get(sum digest) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.now[sum]; e != nil {
		return e
	}
	e := c.old[sum]
	if e != nil {
		c.add(sum, e)
	}
	return e
}

func (c *cache) put(sum digest, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(sum, e)
}

// add wants c.mu held.
func (c *cache) add(sum digest, e *entry) {
	if c.now == nil || len(c.now) >= generationSize {
		c.now, c.old = make(map[digest]*entry), c.now
	}
	c.now[sum] = e
}
