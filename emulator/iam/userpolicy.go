package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// PutUserPolicy adds or replaces an inline policy of a user.
func (s *Service) PutUserPolicy(ctx context.Context, in *iam.PutUserPolicyInput) (*iam.PutUserPolicyOutput, error) {
	return &iam.PutUserPolicyOutput{}, users.putPolicy(ctx, s, in.UserName, in.PolicyName, in.PolicyDocument)
}

// GetUserPolicy reads an inline policy of a user.
func (s *Service) GetUserPolicy(ctx context.Context, in *iam.GetUserPolicyInput) (*iam.GetUserPolicyOutput, error) {
	name, p, err := users.getPolicy(ctx, s, in.UserName, in.PolicyName)
	return &iam.GetUserPolicyOutput{UserName: &name, PolicyName: &p.Name, PolicyDocument: escape(p.Document)}, err
}

// DeleteUserPolicy removes an inline policy of a user.
func (s *Service) DeleteUserPolicy(ctx context.Context, in *iam.DeleteUserPolicyInput) (*iam.DeleteUserPolicyOutput, error) {
	return &iam.DeleteUserPolicyOutput{}, users.deletePolicy(ctx, s, in.UserName, in.PolicyName)
}

// ListUserPolicies lists the names of the inline policies of a user.
func (s *Service) ListUserPolicies(ctx context.Context, in *iam.ListUserPoliciesInput) (out *iam.ListUserPoliciesOutput, err error) {
	out = &iam.ListUserPoliciesOutput{}
	out.PolicyNames, out.Marker, out.IsTruncated, err = users.listPolicies(ctx, s, in.UserName, in.Marker, in.MaxItems)
	return out, err
}

// AttachUserPolicy gives a user a policy of the account or of AWS.
func (s *Service) AttachUserPolicy(ctx context.Context, in *iam.AttachUserPolicyInput) (*iam.AttachUserPolicyOutput, error) {
	return &iam.AttachUserPolicyOutput{}, users.attach(ctx, s, in.UserName, in.PolicyArn)
}

// DetachUserPolicy takes a policy from a user.
func (s *Service) DetachUserPolicy(ctx context.Context, in *iam.DetachUserPolicyInput) (*iam.DetachUserPolicyOutput, error) {
	return &iam.DetachUserPolicyOutput{}, users.detach(ctx, s, in.UserName, in.PolicyArn)
}

// ListAttachedUserPolicies lists the policies that a user was given.
func (s *Service) ListAttachedUserPolicies(ctx context.Context, in *iam.ListAttachedUserPoliciesInput) (out *iam.ListAttachedUserPoliciesOutput, err error) {
	out = &iam.ListAttachedUserPoliciesOutput{}
	out.AttachedPolicies, out.Marker, out.IsTruncated, err = users.listAttached(ctx, s, in.UserName, in.PathPrefix, in.Marker, in.MaxItems)
	return out, err
}
