package lambdarunner

import (
	"strings"
	"time"

	"postern/lambdarunner/live"
)

// takeWarm takes the sandbox used last that lives and has today's code.
func (p *Pool) takeWarm(key string, print live.Print) *warmSandbox {
	for {
		idle := p.warm[key]
		if len(idle) == 0 {
			delete(p.warm, key)
			return nil
		}
		sb := idle[len(idle)-1]
		p.warm[key] = idle[:len(idle)-1]
		select {
		case <-sb.Done():
			p.drop(sb)
			continue
		default:
		}
		if sb.print != print {
			p.drop(sb)
			continue
		}
		sb.busy = true
		return sb
	}
}

// evictIdle makes room by ending the sandbox that has been idle for longest.
func (p *Pool) evictIdle() bool {
	var oldest *warmSandbox
	for _, idle := range p.warm {
		for _, sb := range idle {
			if p.kept(sb) {
				continue
			}
			if oldest == nil || sb.idleSince.Before(oldest.idleSince) {
				oldest = sb
			}
		}
	}
	if oldest == nil {
		return false
	}
	p.cool(oldest.key)
	p.unwarm(oldest)
	p.drop(oldest)
	return true
}

func (p *Pool) unwarm(sb *warmSandbox) {
	idle := p.warm[sb.key]
	for i, other := range idle {
		if other == sb {
			p.warm[sb.key] = append(idle[:i], idle[i+1:]...)
			return
		}
	}
}

// release makes a sandbox idle again, or ends it if it is of no more use.
func (p *Pool) release(sb *warmSandbox, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sb.busy = false
	dead := ended || sb.retired || p.closed
	select {
	case <-sb.Done():
		dead = true
	default:
	}
	if dead {
		p.drop(sb)
		return
	}
	sb.idleSince = p.o.Now()
	p.warm[sb.key] = append(p.warm[sb.key], sb)
	if !p.starts.wake(sb.key) {
		p.wake()
	}
}

// drop ends a sandbox that is neither idle nor busy any more; p.mu is held.
func (p *Pool) drop(sb *warmSandbox) {
	delete(p.running, sb)
	p.active.Add(1)
	go func() {
		defer p.active.Done()
		if err := sb.Close(); err != nil {
			p.o.Logger.Warn("end a sandbox", "function", sb.fn.Name, "error", err)
		}
		sb.output.Flush()
	}()
	p.count--
	if p.live(sb.key) == 0 {
		p.cool(sb.key)
	}
	p.starts.wake(sb.key) // who waits for the only one of a function that is stepped through
	p.wake()
	if !p.closed {
		p.replenishAll()
	}
}

// wake lets one who waits try again.
func (p *Pool) wake() {
	if len(p.waiting) > 0 {
		close(p.waiting[0])
		p.waiting = p.waiting[1:]
	}
}

// Retire ends the sandboxes of all functions whose ARN starts with prefix: at once
// if idle, else after what they run.
func (p *Pool) Retire(prefix string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, v := range p.provisioned {
		if strings.HasPrefix(v.fn.ARN, prefix) {
			delete(p.provisioned, key)
		}
	}
	p.outdate(prefix)
}

// Renew ends all sandboxes, at once or after what they run, since something outside of the functions has changed
// that they would not see. What is provisioned is started again.
func (p *Pool) Renew() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outdate("")
}

// outdate is Retire without what is provisioned; p.mu is held.
func (p *Pool) outdate(prefix string) {
	for sb := range p.running {
		if !strings.HasPrefix(sb.fn.ARN, prefix) {
			continue
		}
		if sb.busy {
			sb.retired = true
			continue
		}
		p.unwarm(sb)
		p.drop(sb)
	}
}

// sweep ends sandboxes that have been idle for too long or have died.
func (p *Pool) sweep() {
	defer p.active.Done()
	tick := time.NewTicker(max(p.o.IdleTTL/4, 10*time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			unused := p.o.Now().Add(-p.o.IdleTTL)
			p.endIdle(unused)
			p.watcher.Forget(unused)
		}
	}
}

func (p *Pool) endIdle(before time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for sb := range p.running {
		if !sb.busy && sb.idleSince.Before(before) && !p.kept(sb) {
			p.cool(sb.key)
			p.unwarm(sb)
			p.drop(sb)
		}
	}
}
