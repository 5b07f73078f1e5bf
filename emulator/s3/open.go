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
			if tx, _, err = findBucket(tx, in); err != nil {
				return err
			}
			if o, err = getVersion(tx, in, key, version); err == nil && o.Marker {
				err = noSuchKey(key)
				if version != "" {
					err = methodNotAllowed("GET", "DeleteMarker")
				}
			}
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		if o.Content == "" {
			return io.NopCloser(eof{}), 0, nil
		}
		if f, err = s.contents.open(o.Content); !errors.Is(err, fs.ErrNotExist) {
			return f, o.Value.Size, err
		}
	}
	return nil, 0, fmt.Errorf("content of %s/%s: %w", in, key, err)
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }
