package process

import (
	"errors"
	"os"
	"path/filepath"
)

// directoryPrefix begins the names of the directories of launchers.
const directoryPrefix = "postern-functions-"

// errTaken is of a directory that another program has locked.
var errTaken = errors.New("it is locked")

// newDirectory makes the directory of a launcher, locked while this program lives, and removes those of programs that were
// killed, which nobody has locked, with the processes that belong to them.
func newDirectory() (dir string, lock *os.File, err error) {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), directoryPrefix+"*")) // an error is one of the pattern
	for _, dir := range left {
		if lock, err := lockDirectory(dir); err == nil {
			killProcesses(dir)
			_ = os.RemoveAll(dir) // the next start tries again
			lock.Close()
		}
	}
	for {
		if dir, err = os.MkdirTemp("", directoryPrefix); err != nil {
			return "", nil, err
		}
		lock, err = lockDirectory(dir)
		if _, gone := os.Lstat(dir); gone == nil && !errors.Is(err, errTaken) {
			return dir, lock, nil // without a lock where there are none
		}
		if lock != nil { // another program, which was looking for what was left, was faster
			lock.Close()
		}
	}
}
