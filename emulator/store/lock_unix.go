//go:build unix

package store

import (
	"errors"
	"os"
	"syscall"
)

// lockExclusive takes the lock of an open file, or errBusy at once.
func lockExclusive(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errBusy
	}
	return err
}
