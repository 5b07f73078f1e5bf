package lambdarunner

import (
	"context"
	"maps"
	"time"
)

// A provision is how many sandboxes of a version are kept ready.
type provision struct {
	fn     *Function
	want   int
	failed error // why the last one could not be started
}

// Provision keeps n sandboxes of a version ready, started ahead of any invocation, until it is told
// another number; 0 ends it. They count against the cap on all sandboxes, but are not ended for being idle
// or to make room. It returns at once.
func (p *Pool) Provision(fn *Function, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n <= 0 {
		delete(p.provisioned, keyOf(fn))
		return
	}
	ahead := *fn
	ahead.Provisioned = true
	if p.provisioned == nil {
		p.provisioned = map[string]*provision{}
	}
	p.provisioned[keyOf(fn)] = &provision{fn: &ahead, want: n}
	p.replenish(keyOf(fn))
}

// Provisioned is how many sandboxes of a version are ready, of those that were asked for, and why there are no
// more, if the last one could not be started or its init phase failed.
func (p *Pool) Provisioned(fn *Function) (live int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.provisioned[keyOf(fn)]
	if v == nil {
		return 0, nil
	}
	for sb := range p.running {
		if sb.key == keyOf(fn) && !sb.ahead {
			live++
		}
	}
	return min(live, v.want), v.failed
}

// live counts the sandboxes of a key; p.mu is held.
func (p *Pool) live(key string) (n int) {
	for sb := range p.running {
		if sb.key == key {
			n++
		}
	}
	return n
}

// kept tells whether an idle sandbox must stay because it is provisioned; p.mu is held.
func (p *Pool) kept(sb *warmSandbox) bool {
	if p.o.Debugger.Suspends(sb.fn.Name) {
		return true
	}
	v := p.provisioned[sb.key]
	return v != nil && !sb.retired && p.live(sb.key) <= v.want
}

// replenish starts the sandboxes of a key that are missing; p.mu is held.
func (p *Pool) replenish(key string) {
	v := p.provisioned[key]
	if v == nil || p.closed {
		return
	}
	for missing := v.want - p.live(key) - p.starting[key]; missing > 0; missing-- {
		if p.count >= p.o.MaxSandboxes && !p.evictIdle() {
			return // as soon as one ends
		}
		p.count++
		p.starting = incremented(p.starting, key)
		p.starts.begin(key)
		p.active.Add(1)
		go p.startAhead(key, v)
	}
}

func incremented(m map[string]int, key string) map[string]int {
	if m == nil {
		m = map[string]int{}
	}
	m[key]++
	return m
}

// startAhead starts one sandbox, which is idle when its init phase is over.
func (p *Pool) startAhead(key string, v *provision) {
	defer p.active.Done()
	sb, err := p.launch(context.Background(), v.fn, p.printOf(v.fn))
	p.mu.Lock()
	p.starting[key]--
	if err == nil {
		sb.ahead = true
	}
	p.mu.Unlock()
	if err == nil {
		err = initialize(sb)
	}
	p.mu.Lock()
	v.failed = err
	if sb != nil {
		sb.ahead = false
	}
	closed := p.closed
	p.mu.Unlock()
	if err != nil && !closed {
		p.o.Logger.Warn("start a provisioned sandbox", "function", v.fn.ARN, "error", err)
	}
	if sb != nil {
		p.release(sb, err != nil)
	}
}

// initialize waits for the init phase of a sandbox that is started ahead. It may take longer than on demand: 130 seconds, or
// as long as an invocation (Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle").
func initialize(sb *warmSandbox) error {
	ctx, cancel := context.WithTimeout(context.Background(), max(initAheadLimit, sb.fn.Timeout))
	defer cancel()
	return sb.Init(ctx)
}

const initAheadLimit = 130 * time.Second

// replenishAll is replenish for all keys, when there may be room again; p.mu is held.
func (p *Pool) replenishAll() {
	for key := range maps.Keys(p.provisioned) {
		if p.provisioned[key].failed == nil {
			p.replenish(key)
		}
	}
}
