package store

import (
	"hash/maphash"
	"sync"
)

// Turns order what follows commits: one goroutine at a time publishes what is stored under a key (an API,
// a domain name). Who has the turn reads what is stored then, so the last one publishes the last commit,
// in whatever order they come. The zero value is ready to use; keys may share a lock.
type Turns struct {
	once  sync.Once
	seed  maphash.Seed
	locks [64]sync.Mutex
}

// Take waits for the turn of a key. The function that it returns ends it.
func (t *Turns) Take(key string) (end func()) {
	t.once.Do(func() { t.seed = maphash.MakeSeed() })
	lock := &t.locks[maphash.String(t.seed, key)%uint64(len(t.locks))]
	lock.Lock()
	return lock.Unlock
}
