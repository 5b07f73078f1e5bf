package s3

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"postern/emulator/store"
)

// Contents are the files that objects and parts are made of: never changed, each named at random. A new one
// lies in new/ until the store names it, and moves to a directory of the others then, so that what a killed
// server leaves behind is known without a look at all of them. Those that nothing names any more are listed in
// the store and removed in the background.
type contents struct {
	dir   string
	store *store.Store
	log   *slog.Logger

	wake   chan struct{}
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func openContents(ctx context.Context, dir string, st *store.Store, log *slog.Logger) (*contents, error) {
	c := &contents{dir: dir, store: st, log: log, wake: make(chan struct{}, 1)}
	if err := os.MkdirAll(c.fresh(""), 0o700); err != nil {
		return nil, err
	}
	if err := c.recover(ctx); err != nil {
		return nil, err
	}
	ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	c.done.Go(func() { c.remove(ctx) })
	c.sweep()
	return c, nil
}

func (c *contents) close() {
	c.cancel()
	c.done.Wait()
}

func (c *contents) fresh(name string) string   { return filepath.Join(c.dir, "new", name) }
func (c *contents) settled(name string) string { return filepath.Join(c.dir, name[:2], name) }

// recover decides about files that were written and perhaps not named when the server ended.
func (c *contents) recover(ctx context.Context) error {
	files, err := os.ReadDir(c.fresh(""))
	if err != nil {
		return err
	}
	for _, f := range files {
		var named bool
		err := c.store.View(ctx, store.Scope{}, func(tx *store.Tx) (err error) {
			named, err = tx.NamesContent(f.Name())
			return err
		})
		if err != nil {
			return err
		}
		if named {
			c.settle(f.Name())
			continue
		}
		if err := os.Remove(c.fresh(f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// create begins a new file.
func (c *contents) create() (*os.File, string, error) {
	var b [16]byte
	rand.Read(b[:])
	name := hex.EncodeToString(b[:])
	f, err := os.OpenFile(c.fresh(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return f, name, err
}

// write makes a file of all that r has. Whoever calls it settles or drops it.
func (c *contents) write(r io.Reader) (name string, err error) {
	f, name, err := c.create()
	if err != nil {
		return "", full(err)
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{f}, r, make([]byte, 64<<10))
	if err = errors.Join(err, f.Close()); err != nil {
		c.drop(name)
		return "", full(err)
	}
	return name, nil
}

// full gives a disk that cannot be written the store's words for it.
func full(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) && (e.Op == "write" || e.Op == "open") {
		return &store.WriteError{Path: e.Path, Reason: e.Err.Error(), Err: err}
	}
	return err
}

// link makes a new file with the bytes of one that is there.
func (c *contents) link(old string) (name string, err error) {
	f, name, err := c.create()
	if err != nil {
		return "", full(err)
	}
	f.Close()
	os.Remove(f.Name())
	for _, from := range []string{c.settled(old), c.fresh(old)} {
		if os.Link(from, f.Name()) == nil {
			return name, nil
		}
	}
	from, err := c.open(old) // a file system without links
	if err != nil {
		return "", err
	}
	defer from.Close()
	return c.write(from)
}

// settle moves a file that the store names to its place.
func (c *contents) settle(name string) {
	if name == "" {
		return
	}
	err := os.Rename(c.fresh(name), c.settled(name))
	if errors.Is(err, fs.ErrNotExist) {
		os.MkdirAll(filepath.Dir(c.settled(name)), 0o700)
		err = os.Rename(c.fresh(name), c.settled(name))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // it is found where it is, and moved at the next start
		c.log.Debug("content of an object stays where it was written", "content", name, "error", err)
	}
}

// drop removes a file that was not named.
func (c *contents) drop(name string) {
	if name != "" {
		os.Remove(c.fresh(name))
	}
}

// open opens a file, or reports fs.ErrNotExist for one that was removed meanwhile.
func (c *contents) open(name string) (f *os.File, err error) {
	for range 2 { // it may be moved between the two
		for _, path := range []string{c.settled(name), c.fresh(name)} {
			if f, err = os.Open(path); !errors.Is(err, fs.ErrNotExist) {
				return f, err
			}
		}
	}
	return nil, err
}

// sweep has the files removed that nothing names any more.
func (c *contents) sweep() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// litterAtOnce is how many files are removed between two writes to the store.
const litterAtOnce = 500

func (c *contents) remove(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		}
		for {
			n, err := c.removeSome(ctx)
			if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrClosed) {
				c.log.Warn("contents of deleted objects are not removed", "error", err)
			}
			if err != nil || n < litterAtOnce {
				break
			}
		}
	}
}

func (c *contents) removeSome(ctx context.Context) (n int, err error) {
	var litter []string
	err = c.store.View(ctx, store.Scope{}, func(tx *store.Tx) (err error) {
		litter, err = tx.Litter(litterAtOnce)
		return err
	})
	if err != nil || len(litter) == 0 {
		return 0, err
	}
	for _, name := range litter {
		for _, path := range []string{c.fresh(name), c.settled(name)} { // in this order: settle may run beside
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return 0, fmt.Errorf("remove %s: %w", path, err)
			}
		}
	}
	return len(litter), c.store.Update(ctx, store.Scope{}, func(tx *store.Tx) error { return tx.Removed(litter) })
}
