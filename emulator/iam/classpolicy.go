package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// read does something with the policies of an entity.
func (c class[T, P]) read(ctx context.Context, s *Service, name *string, fn func(*store.Tx, owner) error) error {
	return s.view(ctx, c.withOwner(name, fn))
}

// write is read for what changes them.
func (c class[T, P]) write(ctx context.Context, s *Service, name *string, fn func(*store.Tx, owner) error) error {
	return s.update(ctx, c.withOwner(name, fn))
}

func (c class[T, P]) withOwner(name *string, fn func(*store.Tx, owner) error) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		d, err := c.named(tx, name)
		if err != nil {
			return err
		}
		return fn(tx, c.owner(d))
	}
}

// putPolicy adds or replaces an inline policy.
func (c class[T, P]) putPolicy(ctx context.Context, s *Service, name, policy, document *string) error {
	if err := checkInline(policy, document); err != nil {
		return err
	}
	return c.write(ctx, s, name, func(tx *store.Tx, o owner) error { return o.put(tx, *policy, *document) })
}

// getPolicy reads an inline policy, and the name of its owner as it was created.
func (c class[T, P]) getPolicy(ctx context.Context, s *Service, name, policy *string) (of string, p inline, err error) {
	err = c.read(ctx, s, name, func(tx *store.Tx, o owner) (err error) {
		of = o.name
		p, err = o.get(tx, policy)
		return err
	})
	return of, p, err
}

// deletePolicy removes an inline policy.
func (c class[T, P]) deletePolicy(ctx context.Context, s *Service, name, policy *string) error {
	return c.write(ctx, s, name, func(tx *store.Tx, o owner) error { return o.remove(tx, policy) })
}

// listPolicies is a page of the names of the inline policies.
func (c class[T, P]) listPolicies(ctx context.Context, s *Service, name, marker *string, maxItems *int32) (part []string, next *string, truncated bool, err error) {
	var k checks
	k.maxItems(maxItems)
	if err := k.err(); err != nil {
		return nil, nil, false, err
	}
	err = c.read(ctx, s, name, func(tx *store.Tx, o owner) (err error) {
		part, next, truncated, err = o.names(tx, marker, maxItems)
		return err
	})
	return part, next, truncated, err
}

// attach gives an entity a policy of the account or of AWS.
func (c class[T, P]) attach(ctx context.Context, s *Service, name, arn *string) error {
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	return c.write(ctx, s, name, func(tx *store.Tx, o owner) error { return o.attach(tx, aws.ToString(arn)) })
}

// detach takes a policy from an entity.
func (c class[T, P]) detach(ctx context.Context, s *Service, name, arn *string) error {
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	return c.write(ctx, s, name, func(tx *store.Tx, o owner) error { return o.detach(tx, aws.ToString(arn)) })
}

// listAttached is a page of the policies that an entity was given.
func (c class[T, P]) listAttached(ctx context.Context, s *Service, name, prefix, marker *string, maxItems *int32) (part []types.AttachedPolicy, next *string, truncated bool, err error) {
	var k checks
	k.prefix(prefix)
	k.maxItems(maxItems)
	if err := k.err(); err != nil {
		return nil, nil, false, err
	}
	err = c.read(ctx, s, name, func(tx *store.Tx, o owner) (err error) {
		part, next, truncated, err = o.attached(tx, prefix, marker, maxItems)
		return err
	})
	return part, next, truncated, err
}
