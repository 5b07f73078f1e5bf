package domainname

import (
	"context"
	"errors"
	"log/slog"

	"postern/emulator/store"
)

// Options say what a Keeper works with. Store is required.
type Options struct {
	Store     *store.Store
	Publisher Publisher // nil: no name is served
	// Certificate finds a certificate of ACM by its ARN, in whatever scope, or returns
	// store.ErrNotFound. Nil: there are none.
	Certificate func(tx *store.Tx, arn string) (Certificate, error)
	// Truststore reads what an S3 URL and a version of its object name. Nil: nothing can be read.
	Truststore func(ctx context.Context, uri, version string) ([]byte, error)
	Logger     *slog.Logger // nil is slog.Default
}

// A Keeper checks names against what is around them and publishes them.
type Keeper struct {
	o     Options
	turns store.Turns // by name: one publishes a name at a time
}

// New makes a Keeper.
func New(o Options) *Keeper {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Certificate == nil {
		o.Certificate = func(*store.Tx, string) (Certificate, error) { return Certificate{}, store.ErrNotFound }
	}
	if o.Truststore == nil {
		o.Truststore = func(_ context.Context, uri, _ string) ([]byte, error) {
			return nil, errors.New(uri + " cannot be read")
		}
	}
	return &Keeper{o: o}
}
