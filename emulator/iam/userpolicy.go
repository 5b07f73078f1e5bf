package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// onUser does something with a user's policies.
func (s *Service) onUser(ctx context.Context, name *string, write bool, fn func(*store.Tx, owner) error) error {
	do := s.view
	if write {
		do = s.update
	}
	return do(ctx, func(tx *store.Tx) error {
		d, err := getUser(tx, name)
		if err != nil {
			return err
		}
		return fn(tx, userOwner(d))
	})
}

// PutUserPolicy adds or replaces an inline policy of a user.
func (s *Service) PutUserPolicy(ctx context.Context, in *iam.PutUserPolicyInput) (*iam.PutUserPolicyOutput, error) {
	if err := checkInline(in.PolicyName, in.PolicyDocument); err != nil {
		return nil, err
	}
	return &iam.PutUserPolicyOutput{}, s.onUser(ctx, in.UserName, true, func(tx *store.Tx, o owner) error {
		return o.put(tx, *in.PolicyName, *in.PolicyDocument)
	})
}

// GetUserPolicy reads an inline policy of a user.
func (s *Service) GetUserPolicy(ctx context.Context, in *iam.GetUserPolicyInput) (*iam.GetUserPolicyOutput, error) {
	out := &iam.GetUserPolicyOutput{}
	err := s.onUser(ctx, in.UserName, false, func(tx *store.Tx, o owner) error {
		p, err := o.get(tx, in.PolicyName)
		out.UserName, out.PolicyName, out.PolicyDocument = &o.name, &p.Name, escape(p.Document)
		return err
	})
	return out, err
}

// DeleteUserPolicy removes an inline policy of a user.
func (s *Service) DeleteUserPolicy(ctx context.Context, in *iam.DeleteUserPolicyInput) (*iam.DeleteUserPolicyOutput, error) {
	return &iam.DeleteUserPolicyOutput{}, s.onUser(ctx, in.UserName, true, func(tx *store.Tx, o owner) error {
		return o.remove(tx, in.PolicyName)
	})
}

// ListUserPolicies lists the names of the inline policies of a user.
func (s *Service) ListUserPolicies(ctx context.Context, in *iam.ListUserPoliciesInput) (*iam.ListUserPoliciesOutput, error) {
	var c checks
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListUserPoliciesOutput{}
	err := s.onUser(ctx, in.UserName, false, func(tx *store.Tx, o owner) (err error) {
		out.PolicyNames, out.Marker, out.IsTruncated, err = o.names(tx, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}

// AttachUserPolicy gives a user a policy of the account or of AWS.
func (s *Service) AttachUserPolicy(ctx context.Context, in *iam.AttachUserPolicyInput) (*iam.AttachUserPolicyOutput, error) {
	if err := checkPolicyARN(in.PolicyArn); err != nil {
		return nil, err
	}
	return &iam.AttachUserPolicyOutput{}, s.onUser(ctx, in.UserName, true, func(tx *store.Tx, o owner) error {
		return o.attach(tx, aws.ToString(in.PolicyArn))
	})
}

// DetachUserPolicy takes a policy from a user.
func (s *Service) DetachUserPolicy(ctx context.Context, in *iam.DetachUserPolicyInput) (*iam.DetachUserPolicyOutput, error) {
	if err := checkPolicyARN(in.PolicyArn); err != nil {
		return nil, err
	}
	return &iam.DetachUserPolicyOutput{}, s.onUser(ctx, in.UserName, true, func(tx *store.Tx, o owner) error {
		return o.detach(tx, aws.ToString(in.PolicyArn))
	})
}

// ListAttachedUserPolicies lists the policies that a user was given.
func (s *Service) ListAttachedUserPolicies(ctx context.Context, in *iam.ListAttachedUserPoliciesInput) (*iam.ListAttachedUserPoliciesOutput, error) {
	var c checks
	c.prefix(in.PathPrefix)
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListAttachedUserPoliciesOutput{AttachedPolicies: []types.AttachedPolicy{}}
	err := s.onUser(ctx, in.UserName, false, func(tx *store.Tx, o owner) (err error) {
		out.AttachedPolicies, out.Marker, out.IsTruncated, err = o.attached(tx, in.PathPrefix, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}
