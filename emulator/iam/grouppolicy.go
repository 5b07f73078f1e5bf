package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// onGroup does something with a group's policies.
func (s *Service) onGroup(ctx context.Context, name *string, write bool, fn func(*store.Tx, owner) error) error {
	do := s.view
	if write {
		do = s.update
	}
	return do(ctx, func(tx *store.Tx) error {
		d, err := getGroup(tx, name)
		if err != nil {
			return err
		}
		return fn(tx, groupOwner(d))
	})
}

// PutGroupPolicy adds or replaces an inline policy of a group.
func (s *Service) PutGroupPolicy(ctx context.Context, in *iam.PutGroupPolicyInput) (*iam.PutGroupPolicyOutput, error) {
	if err := checkInline(in.PolicyName, in.PolicyDocument); err != nil {
		return nil, err
	}
	return &iam.PutGroupPolicyOutput{}, s.onGroup(ctx, in.GroupName, true, func(tx *store.Tx, o owner) error {
		return o.put(tx, *in.PolicyName, *in.PolicyDocument)
	})
}

// GetGroupPolicy reads an inline policy of a group.
func (s *Service) GetGroupPolicy(ctx context.Context, in *iam.GetGroupPolicyInput) (*iam.GetGroupPolicyOutput, error) {
	out := &iam.GetGroupPolicyOutput{}
	err := s.onGroup(ctx, in.GroupName, false, func(tx *store.Tx, o owner) error {
		p, err := o.get(tx, in.PolicyName)
		out.GroupName, out.PolicyName, out.PolicyDocument = &o.name, &p.Name, escape(p.Document)
		return err
	})
	return out, err
}

// DeleteGroupPolicy removes an inline policy of a group.
func (s *Service) DeleteGroupPolicy(ctx context.Context, in *iam.DeleteGroupPolicyInput) (*iam.DeleteGroupPolicyOutput, error) {
	return &iam.DeleteGroupPolicyOutput{}, s.onGroup(ctx, in.GroupName, true, func(tx *store.Tx, o owner) error {
		return o.remove(tx, in.PolicyName)
	})
}

// ListGroupPolicies lists the names of the inline policies of a group.
func (s *Service) ListGroupPolicies(ctx context.Context, in *iam.ListGroupPoliciesInput) (*iam.ListGroupPoliciesOutput, error) {
	var c checks
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListGroupPoliciesOutput{}
	err := s.onGroup(ctx, in.GroupName, false, func(tx *store.Tx, o owner) (err error) {
		out.PolicyNames, out.Marker, out.IsTruncated, err = o.names(tx, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}

// AttachGroupPolicy gives a group a policy of the account or of AWS.
func (s *Service) AttachGroupPolicy(ctx context.Context, in *iam.AttachGroupPolicyInput) (*iam.AttachGroupPolicyOutput, error) {
	if err := checkPolicyARN(in.PolicyArn); err != nil {
		return nil, err
	}
	return &iam.AttachGroupPolicyOutput{}, s.onGroup(ctx, in.GroupName, true, func(tx *store.Tx, o owner) error {
		return o.attach(tx, aws.ToString(in.PolicyArn))
	})
}

// DetachGroupPolicy takes a policy from a group.
func (s *Service) DetachGroupPolicy(ctx context.Context, in *iam.DetachGroupPolicyInput) (*iam.DetachGroupPolicyOutput, error) {
	if err := checkPolicyARN(in.PolicyArn); err != nil {
		return nil, err
	}
	return &iam.DetachGroupPolicyOutput{}, s.onGroup(ctx, in.GroupName, true, func(tx *store.Tx, o owner) error {
		return o.detach(tx, aws.ToString(in.PolicyArn))
	})
}

// ListAttachedGroupPolicies lists the policies that a group was given.
func (s *Service) ListAttachedGroupPolicies(ctx context.Context, in *iam.ListAttachedGroupPoliciesInput) (*iam.ListAttachedGroupPoliciesOutput, error) {
	var c checks
	c.prefix(in.PathPrefix)
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListAttachedGroupPoliciesOutput{AttachedPolicies: []types.AttachedPolicy{}}
	err := s.onGroup(ctx, in.GroupName, false, func(tx *store.Tx, o owner) (err error) {
		out.AttachedPolicies, out.Marker, out.IsTruncated, err = o.attached(tx, in.PathPrefix, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}
