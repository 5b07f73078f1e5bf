package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"postern/emulator/store"
)

// Open opens an object for others of Postern, "" for the latest version, and says how large it is. What is not
// there is an *Error.
func (s *Service) Open(ctx context.Context, in, key, version string) (f io.ReadCloser, size int64, err error) {
	for range 3 { // it may be replaced between the two
		var o store.Object[object]
		err = s.o.Store.View(ctx, store.Scope{}, func(tx *store.Tx) (err error) {
			o, err = readable(tx, in, key, version)
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		if f, err = s.open(o); !errors.Is(err, fs.ErrNotExist) {
			return f, o.Value.Size, err
		}
	}
	return nil, 0, fmt.Errorf("content of %s/%s: %w", in, key, err)
}

func readable(tx *store.Tx, in, key, version string) (o store.Object[object], err error) {
	if tx, _, err = findBucket(tx, in); err != nil {
		return o, err
	}
	o, err = getVersion(tx, in, key, version)
	if err == nil && o.Marker {
		if err = noSuchKey(key); version != "" {
			err = methodNotAllowed("GET", "DeleteMarker")
		}
	}
	return o, err
}

func (s *Service) open(o store.Object[object]) (io.ReadCloser, error) {
	if o.Content == "" {
		return io.NopCloser(eof{}), nil
	}
	return s.contents.open(o.Content)
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }
