package lambdarunner

import "context"

// A slowStarter is a Launcher whose sandboxes take long to start. Of a function that is hot, which has needed
// several at once, one more is started ahead of the event that will need it. (Lambda initialises environments ahead of
// demand too, without saying when.)
type slowStarter interface{ StartsAhead() bool }

// heat marks a function that needs another sandbox while it has some as hot; p.mu is held. It is so until one is ended
// that nobody needed.
func (p *Pool) heat(key string) {
	if p.hot != nil && p.live(key)+p.starts.now[key] > 0 {
		p.hot[key] = true
	}
}

// cool ends that; p.mu is held.
func (p *Pool) cool(key string) { delete(p.hot, key) }

// getAhead starts a sandbox for the next event of a hot function whose others are all busy; p.mu is held.
func (p *Pool) getAhead(fn *Function) {
	key := keyOf(fn)
	switch {
	case !p.hot[key], p.closed, len(p.warm[key]) > 0, p.count >= p.o.MaxSandboxes:
		return
	case p.starts.busy(key), p.provisioned[key] != nil, p.o.Debugger.Debugs(fn.Name):
		return
	}
	p.count++
	p.starts.begin(key)
	p.active.Add(1)
	go p.startSpare(fn)
}

// startSpare starts a sandbox that nobody waits for. If that fails the event that needs it will say why.
func (p *Pool) startSpare(fn *Function) {
	defer p.active.Done()
	sb, err := p.launch(context.Background(), fn, p.printOf(fn))
	if err == nil {
		err = initialize(sb)
	}
	if err != nil {
		p.o.Logger.Debug("start a sandbox ahead", "function", fn.ARN, "error", err)
		p.mu.Lock()
		p.cool(keyOf(fn))
		p.mu.Unlock()
	}
	if sb != nil {
		p.release(sb, err != nil)
	}
}
