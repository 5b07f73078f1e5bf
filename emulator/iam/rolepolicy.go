package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

var (
	inlines     = store.Kind[inline]{Service: "iam", Name: "rolepolicy"}
	attachments = store.Kind[attachment]{Service: "iam", Name: "attachment"}
)

// onRole does something with a role's policies.
func (s *Service) onRole(ctx context.Context, name *string, write bool, fn func(*store.Tx, owner) error) error {
	do := s.view
	if write {
		do = s.update
	}
	return do(ctx, func(tx *store.Tx) error {
		d, err := getRole(tx, name)
		if err != nil {
			return err
		}
		return fn(tx, roleOwner(d))
	})
}

// PutRolePolicy adds or replaces an inline policy of a role.
func (s *Service) PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	if err := checkInline(in.PolicyName, in.PolicyDocument); err != nil {
		return nil, err
	}
	return &iam.PutRolePolicyOutput{}, s.onRole(ctx, in.RoleName, true, func(tx *store.Tx, o owner) error {
		return o.put(tx, *in.PolicyName, *in.PolicyDocument)
	})
}

// GetRolePolicy reads an inline policy of a role.
func (s *Service) GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	out := &iam.GetRolePolicyOutput{}
	err := s.onRole(ctx, in.RoleName, false, func(tx *store.Tx, o owner) error {
		p, err := o.get(tx, in.PolicyName)
		out.RoleName, out.PolicyName, out.PolicyDocument = &o.name, &p.Name, escape(p.Document)
		return err
	})
	return out, err
}

// DeleteRolePolicy removes an inline policy of a role.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	return &iam.DeleteRolePolicyOutput{}, s.onRole(ctx, in.RoleName, true, func(tx *store.Tx, o owner) error {
		return o.remove(tx, in.PolicyName)
	})
}

// ListRolePolicies lists the names of the inline policies of a role.
func (s *Service) ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	var c checks
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListRolePoliciesOutput{}
	err := s.onRole(ctx, in.RoleName, false, func(tx *store.Tx, o owner) (err error) {
		out.PolicyNames, out.Marker, out.IsTruncated, err = o.names(tx, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}

// AttachRolePolicy gives a role a policy of the account or of AWS.
func (s *Service) AttachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	if err := checkPolicyARN(in.PolicyArn); err != nil {
		return nil, err
	}
	return &iam.AttachRolePolicyOutput{}, s.onRole(ctx, in.RoleName, true, func(tx *store.Tx, o owner) error {
		return o.attach(tx, aws.ToString(in.PolicyArn))
	})
}

// DetachRolePolicy takes a policy from a role.
func (s *Service) DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	if err := checkPolicyARN(in.PolicyArn); err != nil {
		return nil, err
	}
	return &iam.DetachRolePolicyOutput{}, s.onRole(ctx, in.RoleName, true, func(tx *store.Tx, o owner) error {
		return o.detach(tx, aws.ToString(in.PolicyArn))
	})
}

// ListAttachedRolePolicies lists the policies that a role was given.
func (s *Service) ListAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesInput) (*iam.ListAttachedRolePoliciesOutput, error) {
	var c checks
	c.prefix(in.PathPrefix)
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListAttachedRolePoliciesOutput{AttachedPolicies: []types.AttachedPolicy{}}
	err := s.onRole(ctx, in.RoleName, false, func(tx *store.Tx, o owner) (err error) {
		out.AttachedPolicies, out.Marker, out.IsTruncated, err = o.attached(tx, in.PathPrefix, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}
