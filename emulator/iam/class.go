package iam

import (
	"cmp"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/emulator/store"
)

// An entry is what users, groups and roles have in common.
type entry struct{ Name, ID, Path string }

func (e *entry) common() *entry { return e }

// An entity is a user, a group or a role.
type entity[T any] interface {
	*T
	common() *entry
}

// A class is all users, all groups or all roles. The kind's name is the word for one of them.
type class[T any, P entity[T]] struct {
	store.Kind[T]
	byName      bool // documents' ids are names in lower case, not unique ids
	maxName     int
	inlines     store.Kind[inline]
	attachments store.Kind[attachment]
}

// find reads an entity by name, in whatever case.
func (c class[T, P]) find(tx *store.Tx, name string) (d store.Document[T], ok bool, err error) {
	if c.byName {
		d, err = c.Get(tx, strings.ToLower(name))
		return d, err == nil, ignoreMissing(err)
	}
	all, err := c.List(tx, store.Query{})
	for _, d := range all.Documents {
		if strings.EqualFold(P(&d.Value).common().Name, name) {
			return d, true, err
		}
	}
	return store.Document[T]{}, false, err
}

// named is find for an entity that must be there.
func (c class[T, P]) named(tx *store.Tx, name *string) (store.Document[T], error) {
	d, ok, err := c.find(tx, aws.ToString(name))
	if err == nil && !ok {
		err = noSuchEntity("The %s with name %s cannot be found.", c.Name, aws.ToString(name))
	}
	return d, err
}

// isFree refuses a name that another entity has than the one with the id.
func (c class[T, P]) isFree(tx *store.Tx, name, id string) error {
	other, ok, err := c.find(tx, name)
	if err == nil && ok && other.ID != id {
		err = exists("%s with name %s already exists.", title(c.Name), name)
	}
	return err
}

// title is a word as it begins a sentence.
func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

func (c class[T, P]) refTo(id string) *store.Ref { return &store.Ref{Kind: c.Name, ID: id} }

// owner is an entity as one that may have policies.
func (c class[T, P]) owner(d store.Document[T]) owner {
	return owner{c.refTo(d.ID), c.Name, P(&d.Value).common().Name, c.inlines, c.attachments}
}

// change rewrites an entity.
func (c class[T, P]) change(ctx context.Context, s *Service, name *string, fn func(*T) error) error {
	return change(ctx, s, c.named, c.Put, name, func(_ *store.Tx, v *T) error { return fn(v) })
}

// change rewrites what get finds.
func change[T any](ctx context.Context, s *Service, get func(*store.Tx, *string) (store.Document[T], error), put func(*store.Tx, store.Document[T]) error,
	name *string, fn func(*store.Tx, *T) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		d, err := get(tx, name)
		if err != nil {
			return err
		}
		if err := fn(tx, &d.Value); err != nil {
			return err
		}
		return put(tx, d)
	})
}

// listed is a page of the entities under a path, by name.
func listed[T, D any, P entity[T]](ctx context.Context, s *Service, c class[T, P], prefix, marker *string, maxItems *int32,
	describe func(*store.Tx, store.Document[T]) D, name func(D) string) (part []D, next *string, truncated bool, err error) {
	var k checks
	k.prefix(prefix)
	k.maxItems(maxItems)
	if err := k.err(); err != nil {
		return nil, nil, false, err
	}
	err = s.view(ctx, func(tx *store.Tx) error {
		all, err := c.List(tx, store.Query{})
		if err != nil {
			return err
		}
		var found []D
		for _, d := range all.Documents {
			if strings.HasPrefix(P(&d.Value).common().Path, aws.ToString(prefix)) {
				found = append(found, describe(tx, d))
			}
		}
		part, next, truncated, err = page(found, name, marker, maxItems)
		return err
	})
	return part, next, truncated, err
}

// rename gives an entity another name, another path or both.
func (c class[T, P]) rename(ctx context.Context, s *Service, name, to, path *string) error {
	var k checks
	if to != nil {
		k.name("new"+title(c.Name)+"Name", to, c.maxName)
	}
	k.path(path)
	if err := k.err(); err != nil {
		return err
	}
	return s.update(ctx, func(tx *store.Tx) error {
		d, err := c.named(tx, name)
		if err != nil {
			return err
		}
		e := P(&d.Value).common()
		if to != nil {
			if err := c.isFree(tx, *to, d.ID); err != nil {
				return err
			}
			e.Name = *to
		}
		e.Path = cmp.Or(aws.ToString(path), e.Path)
		return c.Put(tx, d)
	})
}
