package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// PutRolePolicy adds or replaces an inline policy of a role.
func (s *Service) PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	return &iam.PutRolePolicyOutput{}, roles.putPolicy(ctx, s, in.RoleName, in.PolicyName, in.PolicyDocument)
}

// GetRolePolicy reads an inline policy of a role.
func (s *Service) GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	name, p, err := roles.getPolicy(ctx, s, in.RoleName, in.PolicyName)
	return &iam.GetRolePolicyOutput{RoleName: &name, PolicyName: &p.Name, PolicyDocument: escape(p.Document)}, err
}

// DeleteRolePolicy removes an inline policy of a role.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	return &iam.DeleteRolePolicyOutput{}, roles.deletePolicy(ctx, s, in.RoleName, in.PolicyName)
}

// ListRolePolicies lists the names of the inline policies of a role.
func (s *Service) ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput) (out *iam.ListRolePoliciesOutput, err error) {
	out = &iam.ListRolePoliciesOutput{}
	out.PolicyNames, out.Marker, out.IsTruncated, err = roles.listPolicies(ctx, s, in.RoleName, in.Marker, in.MaxItems)
	return out, err
}

// AttachRolePolicy gives a role a policy of the account or of AWS.
func (s *Service) AttachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	return &iam.AttachRolePolicyOutput{}, roles.attach(ctx, s, in.RoleName, in.PolicyArn)
}

// DetachRolePolicy takes a policy from a role.
func (s *Service) DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	return &iam.DetachRolePolicyOutput{}, roles.detach(ctx, s, in.RoleName, in.PolicyArn)
}

// ListAttachedRolePolicies lists the policies that a role was given.
func (s *Service) ListAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesInput) (out *iam.ListAttachedRolePoliciesOutput, err error) {
	out = &iam.ListAttachedRolePoliciesOutput{}
	out.AttachedPolicies, out.Marker, out.IsTruncated, err = roles.listAttached(ctx, s, in.RoleName, in.PathPrefix, in.Marker, in.MaxItems)
	return out, err
}
