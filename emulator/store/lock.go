package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// A LockedError says that another process has the file open. Two of them would
// each serve what the other does not know of.
type LockedError struct {
	Path   string
	Holder string // "process 4711 on host build7, since 2026-11-23T10:00:00Z", as it wrote of itself
}

func (e *LockedError) Error() string {
	holder := e.Holder
	if holder == "" {
		holder = "another process"
	}
	return fmt.Sprintf("%s is in use by %s: stop it, or choose another data directory", e.Path, holder)
}

// errBusy is what lockExclusive returns where another open file has the lock.
var errBusy = errors.New("locked")

// A fileLock is a lock of the operating system on a file beside the store. It
// goes with its process, however that ends; the file may stay and says then only
// who was last.
type fileLock struct{ file *os.File }

func lockFile(path string) (*fileLock, error) {
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock store: %w", err)
	}
	if err := lockExclusive(f); err != nil {
		f.Close()
		if errors.Is(err, errBusy) {
			holder, _ := os.ReadFile(name)
			return nil, &LockedError{Path: path, Holder: strings.TrimSpace(string(holder))}
		}
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	l := &fileLock{file: f}
	if err := l.sign(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", name, err), l.release())
	}
	return l, nil
}

// sign writes who holds the lock, for the message of those who do not get it.
func (l *fileLock) sign() error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(fmt.Appendf(nil, "process %d on host %s, since %s\n",
		os.Getpid(), host, time.Now().UTC().Format(time.RFC3339)), 0)
	return err
}

// release gives the lock up. A nil lock has nothing to give up.
func (l *fileLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}
