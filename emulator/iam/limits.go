package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// limits are what users and roles have and groups have not: a permissions boundary, and tags,
// which policies compare.
type limits struct {
	Boundary *string `json:",omitempty"`
	Tags     tags
}

func (l *limits) limited() *limits { return l }

// A principal is a user or a role.
type principal[T any] interface {
	entity[T]
	limited() *limits
}

func describeBoundary(arn *string) *types.AttachedPermissionsBoundary {
	if arn == nil {
		return nil
	}
	return &types.AttachedPermissionsBoundary{
		PermissionsBoundaryArn:  arn,
		PermissionsBoundaryType: types.PermissionsBoundaryAttachmentTypePolicy,
	}
}

// bound sets the policy that bounds a principal.
func bound[T any, P principal[T]](ctx context.Context, s *Service, c class[T, P], name, arn *string) error {
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	return c.change(ctx, s, name, func(v *T) error {
		P(v).limited().Boundary = arn
		return nil
	})
}

// unbound removes the policy that bounds a principal.
func unbound[T any, P principal[T]](ctx context.Context, s *Service, c class[T, P], name *string) error {
	return c.change(ctx, s, name, func(v *T) error {
		l := P(v).limited()
		if l.Boundary == nil {
			return noSuchEntity("The permissions boundary of %s %s cannot be found.", c.Name, P(v).common().Name)
		}
		l.Boundary = nil
		return nil
	})
}

// A tagging is how the tags of users, roles or policies are found.
type tagging[T any] struct {
	get, own func(*store.Tx, *string) (store.Document[T], error) // own only what may be changed
	put      func(*store.Tx, store.Document[T]) error
	tags     func(*T) *tags
}

var (
	userTags   = tagging[user]{users.named, users.named, users.Put, func(u *user) *tags { return &u.Tags }}
	roleTags   = tagging[role]{roles.named, roles.named, roles.Put, func(r *role) *tags { return &r.Tags }}
	policyTags = tagging[policy]{getPolicy, ownPolicy, policies.Put, func(p *policy) *tags { return &p.Tags }}
)

func (t tagging[T]) add(ctx context.Context, s *Service, name *string, more []types.Tag) error {
	var c checks
	c.tags(more)
	if err := c.err(); err != nil {
		return err
	}
	return change(ctx, s, t.own, t.put, name, func(_ *store.Tx, v *T) (err error) {
		has := t.tags(v)
		*has, err = has.with(more)
		return err
	})
}

func (t tagging[T]) remove(ctx context.Context, s *Service, name *string, keys []string) error {
	return change(ctx, s, t.own, t.put, name, func(_ *store.Tx, v *T) error {
		has := t.tags(v)
		*has = has.without(keys)
		return nil
	})
}

// list is a page of the tags by key.
func (t tagging[T]) list(ctx context.Context, s *Service, name, marker *string, maxItems *int32) (part []types.Tag, next *string, truncated bool, err error) {
	err = s.view(ctx, func(tx *store.Tx) error {
		d, err := t.get(tx, name)
		if err != nil {
			return err
		}
		part, next, truncated, err = page(*t.tags(&d.Value), tagKey, marker, maxItems)
		return err
	})
	return part, next, truncated, err
}

func tagKey(t types.Tag) string { return aws.ToString(t.Key) }
