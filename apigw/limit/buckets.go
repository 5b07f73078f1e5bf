package limit

import "sync"

// Buckets are the buckets of methods and accounts by name. A stage is compiled anew on
// every change and finds the buckets that it had, with the tokens they have. The zero
// value is ready to use.
type Buckets struct {
	mu       sync.Mutex // guards the rest; nobody holds it while a request is served
	stages   map[stageName]map[string]*Bucket
	accounts map[accountName]*Bucket
}

type (
	stageName   struct{ api, stage string }
	accountName struct{ account, region string }
)

// Method is the bucket of a method ("GET /pets") of a stage: the one it had, if the rate is still
// the same.
func (b *Buckets) Method(api, stage, method string, r Rate) *Bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := stageName{api, stage}
	if b.stages == nil {
		b.stages = map[stageName]map[string]*Bucket{}
	}
	if b.stages[key] == nil {
		b.stages[key] = map[string]*Bucket{}
	}
	return keep(b.stages[key], method, r)
}

// Account is the bucket of all APIs of an account in a region.
func (b *Buckets) Account(account, region string, r Rate) *Bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.accounts == nil {
		b.accounts = map[accountName]*Bucket{}
	}
	return keep(b.accounts, accountName{account, region}, r)
}

func keep[K comparable](all map[K]*Bucket, key K, r Rate) *Bucket {
	if b := all[key]; b == nil || b.rate != r {
		all[key] = NewBucket(r)
	}
	return all[key]
}

// Forget drops the buckets of a stage that has ended; "" for stage means all of the API, "" for
// both everything.
func (b *Buckets) Forget(api, stage string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if stage != "" {
		delete(b.stages, stageName{api, stage})
		return
	}
	for key := range b.stages {
		if api == "" || key.api == api {
			delete(b.stages, key)
		}
	}
	if api == "" {
		clear(b.accounts)
	}
}
