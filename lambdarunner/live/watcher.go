package live

import (
	"log/slog"
	"sync"
	"time"
)

// A Dir is a live directory.
type Dir struct {
	Path  string
	Layer bool // it is a layer's, and not a function's
}

// Options are what a Watcher works with.
type Options struct {
	Ignore []string         // patterns of path.Match, of names or paths below a directory, that are not code
	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now
}

// A Watcher knows the state of live directories. Many can ask it at once.
type Watcher struct {
	o      Options
	warned sync.Once

	mu      sync.Mutex // guards the following
	watched map[Dir]*watched
}

// New makes a Watcher that watches nothing yet.
func New(o Options) *Watcher {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Watcher{o: o, watched: map[Dir]*watched{}}
}

// Print is the state of directories, 0 for none.
func (w *Watcher) Print(dirs []Dir) (all Print) {
	for _, dir := range dirs {
		all = all*31 + w.of(dir).look()
	}
	return all
}

func (w *Watcher) of(dir Dir) *watched {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.watched[dir]
	if d == nil {
		d = &watched{w: w, dir: dir.Path, ignored: ignoring(dir.Layer, w.o.Ignore)}
		w.watched[dir] = d
	}
	d.used = w.o.Now()
	return d
}

// Forget stops watching what nobody has asked about since.
func (w *Watcher) Forget(since time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for dir, d := range w.watched {
		if d.used.Before(since) {
			delete(w.watched, dir)
			d.close()
		}
	}
}

// Close stops watching. Asking goes on to work, and watches again.
func (w *Watcher) Close() { w.Forget(w.o.Now().Add(time.Hour)) }

// A watched is a directory, and what was seen of it last.
type watched struct {
	w       *Watcher
	dir     string
	ignored func(path string, dir bool) bool
	used    time.Time // Watcher.mu guards it

	mu      sync.Mutex // guards the following
	changes *changes   // since print, nil where nobody keeps them
	print   Print
	saves   Print // that were seen: two within a tick of the file system's clock may leave the same times
	given   bool  // up: it cannot be watched
}

// look is the state now.
func (d *watched) look() Print {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changes != nil {
		changed, saved := d.changes.since(d.ignored)
		if !changed {
			return d.print
		}
		if saved {
			d.saves++
		}
	}
	d.stop()
	if !d.given {
		d.changes = d.begin()
	}
	d.print = printOf(d.dir, d.ignored, d.changes.of) + d.saves<<1
	if d.changes != nil && d.changes.err != nil {
		d.giveUp(d.changes.err)
	}
	return d.print
}

// begin watches the directory, if that can be.
func (d *watched) begin() *changes {
	c, err := watch(d.dir)
	if err != nil {
		d.giveUp(err)
	}
	return c
}

// giveUp leaves the directory to be read for each question.
func (d *watched) giveUp(why error) {
	d.given = true
	d.stop()
	d.w.warned.Do(func() {
		d.w.o.Logger.Warn("live code is read for each request, as it cannot be watched", "directory", d.dir, "error", why)
	})
}

func (d *watched) stop() {
	if d.changes != nil {
		d.changes.close()
		d.changes = nil
	}
}

func (d *watched) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stop()
}
