package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/emulator/store"
)

// A part is a kind of thing that an API, or a part of one, consists of. Its documents are stored under
// their owner's id, a slash and their own id, and go with their owner.
type part[T any] struct {
	store.Kind[T]
	owner   string // the kind that it is a part of
	missing string // AWS's text where there is none
}

func (p part[T]) document(owner, id, name string, value T) store.Document[T] {
	return store.Document[T]{ID: owner + "/" + id, Parent: &store.Ref{Kind: p.owner, ID: owner}, Name: name, Value: value}
}

// get reads a part, or AWS's error that there is none.
func (p part[T]) get(tx *store.Tx, owner string, id *string) (store.Document[T], error) {
	d, err := p.Get(tx, owner+"/"+aws.ToString(id))
	return d, missing(err, "%s", p.missing)
}

// of selects the parts of an owner, oldest first.
func (p part[T]) of(owner string) store.Query {
	return store.Query{Parent: &store.Ref{Kind: p.owner, ID: owner}, Order: store.ByCreated}
}

// all reads the parts of an owner, oldest first.
func (p part[T]) all(tx *store.Tx, owner string) ([]T, error) {
	page, err := p.List(tx, p.of(owner))
	return page.Values(), err
}

// An owner finds what the parts that a request names belong to.
type owner func(*store.Tx) (id string, err error)

func ofAPI(id *string) owner {
	return func(tx *store.Tx) (string, error) {
		d, err := getAPI(tx, id)
		return d.ID, err
	}
}

// find reads the part that a request names.
func (p part[T]) find(tx *store.Tx, of owner, id *string) (store.Document[T], error) {
	owner, err := of(tx)
	if err != nil {
		return store.Document[T]{}, err
	}
	return p.get(tx, owner, id)
}

// find is part.find in a transaction of its own.
func find[T any](ctx context.Context, s *Service, p part[T], of owner, id *string) (value T, err error) {
	err = s.view(ctx, func(tx *store.Tx) error {
		d, err := p.find(tx, of, id)
		value = d.Value
		return err
	})
	return value, err
}

// list reads one page of the parts of an owner.
func list[T any](ctx context.Context, s *Service, p part[T], of owner, maxResults, nextToken *string) (items []T, next *string, err error) {
	err = s.view(ctx, func(tx *store.Tx) error {
		owner, err := of(tx)
		if err != nil {
			return err
		}
		items, next, err = page(tx, p.Kind, p.of(owner), maxResults, nextToken)
		return err
	})
	return items, next, err
}
