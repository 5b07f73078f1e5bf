package stream

import (
	"context"
	"fmt"
	"sync"
	"time"

	"postern/emulator/eventsource"
)

const (
	firstPause   = 200 * time.Millisecond
	longestPause = 10 * time.Second
	// lookAgain is how long new shards may be there unseen that no shard ended for.
	lookAgain = 30 * time.Second
)

// readers are the shards that are read.
type readers struct {
	p       *Poller
	work    sync.WaitGroup
	changed chan struct{} // has one entry when a shard was finished

	mu      sync.Mutex                    // guards running
	running map[string]context.CancelFunc // by shard
}

// Run reads the stream until ctx ends, and waits for what is with the function. Shards are read at the same time,
// but those that come of others, by a split or a merge, after them. What the service refuses is tried again, later
// and later.
func (p *Poller) Run(ctx context.Context) {
	r := &readers{p: p, changed: make(chan struct{}, 1), running: map[string]context.CancelFunc{}}
	defer r.work.Wait()
	pause := eventsource.Pause{First: firstPause, Most: longestPause}
	for ctx.Err() == nil {
		if err := r.look(ctx); err != nil {
			p.complain(ctx, "", pause.Next(), err)
			pause.Wait(ctx)
			continue
		}
		pause.Reset()
		timer := time.NewTimer(lookAgain)
		select {
		case <-r.changed:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// complain logs that a shard, or the stream where it is "", is not read.
func (p *Poller) complain(ctx context.Context, shard string, again time.Duration, err error) {
	if ctx.Err() != nil {
		return
	}
	p.Report(ctx, fmt.Sprintf("PROBLEM: Cannot access stream %s.", p.Stream.ARN))
	p.Logger.Warn("stream is not read", "stream", p.Stream.ARN, "shard", shard, "again_in", again, "error", err)
}

// look starts readers of the shards whose turn it is, and ends those of shards that are gone.
func (r *readers) look(ctx context.Context) error {
	p := r.p
	if err := p.Begin(ctx); err != nil {
		return err
	}
	s := p.source()
	if err := p.learnRetention(ctx, s); err != nil {
		return err
	}
	all, err := s.shards(ctx)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, one := range all {
		listed[one.id] = true
	}
	for _, one := range all {
		at, known := p.at(one.id)
		if !known { // it came of another, or is new: nothing of it may be missed
			at = Position{Start: TrimHorizon}
			p.save(ctx, one.id, at)
		}
		if !at.Finished && r.ready(one, listed) {
			r.start(ctx, one.id, at)
		}
	}
	if len(all) > 0 { // a stream without shards is one that is not there yet, or again
		r.forget(ctx, listed)
	}
	return nil
}

// learnRetention asks how long the stream keeps records, once.
func (p *Poller) learnRetention(ctx context.Context, s source) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retention == 0 {
		p.retention, err = s.check(ctx)
	}
	return err
}

// ready tells whether the parents of a shard are done, or not there any more.
func (r *readers) ready(one shard, listed map[string]bool) bool {
	for _, parent := range one.parents {
		if at, _ := r.p.at(parent); listed[parent] && !at.Finished {
			return false
		}
	}
	return true
}

// forget drops shards that the stream does not keep any more.
func (r *readers) forget(ctx context.Context, listed map[string]bool) {
	r.p.mu.Lock()
	var gone []string
	for id := range r.p.positions {
		if !listed[id] {
			gone = append(gone, id)
			delete(r.p.positions, id)
		}
	}
	r.p.mu.Unlock()
	for _, id := range gone {
		r.mu.Lock()
		if stop := r.running[id]; stop != nil {
			stop()
		}
		r.mu.Unlock()
		if err := r.p.Positions.Forget(ctx, id); err != nil {
			r.p.Logger.Warn("position in a stream is not forgotten", "stream", r.p.Stream.ARN, "shard", id, "error", err)
		}
	}
}

func (r *readers) start(ctx context.Context, id string, at Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running[id] != nil {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	r.running[id] = stop
	r.work.Go(func() {
		defer stop()
		newReader(r.p, id, at).run(ctx)
		r.mu.Lock()
		delete(r.running, id)
		r.mu.Unlock()
		select {
		case r.changed <- struct{}{}:
		default:
		}
	})
}
