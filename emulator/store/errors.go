package store

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// A WriteError says that the file could not be written: the disk is full, has
// become read-only or fails. Nothing of the transaction was kept; what was
// stored before can still be read. Toward AWS clients it is a server fault that
// carries its text.
type WriteError struct {
	Path   string
	Reason string // "the disk is full"
	Err    error  // SQLite's
}

func (e *WriteError) Error() string {
	return fmt.Sprintf("write %s: %s: %v", e.Path, e.Reason, e.Err)
}

func (e *WriteError) Unwrap() error                 { return e.Err }
func (e *WriteError) ErrorCode() string             { return "InternalFailure" }
func (e *WriteError) ErrorFault() smithy.ErrorFault { return smithy.FaultServer }

func (e *WriteError) ErrorMessage() string {
	return fmt.Sprintf("Postern could not save the change to %s: %s.", e.Path, e.Reason)
}

// writeError makes a *WriteError of what SQLite reports about the file itself,
// and leaves every other error as it is.
func (s *Store) writeError(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	reasons := map[int]string{
		lib.SQLITE_FULL:     "the disk is full",
		lib.SQLITE_READONLY: "the file or its disk is read-only",
		lib.SQLITE_IOERR:    "the disk reports an error",
		lib.SQLITE_CANTOPEN: "the file cannot be opened for writing",
		lib.SQLITE_PERM:     "permission denied",
	}
	reason, ok := reasons[e.Code()&0xff]
	if !ok {
		return err
	}
	path := s.path
	if path == "" {
		path = "memory"
	}
	return &WriteError{Path: path, Reason: reason, Err: err}
}
