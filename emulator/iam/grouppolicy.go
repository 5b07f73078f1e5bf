package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// PutGroupPolicy adds or replaces an inline policy of a group.
func (s *Service) PutGroupPolicy(ctx context.Context, in *iam.PutGroupPolicyInput) (*iam.PutGroupPolicyOutput, error) {
	return &iam.PutGroupPolicyOutput{}, groups.putPolicy(ctx, s, in.GroupName, in.PolicyName, in.PolicyDocument)
}

// GetGroupPolicy reads an inline policy of a group.
func (s *Service) GetGroupPolicy(ctx context.Context, in *iam.GetGroupPolicyInput) (*iam.GetGroupPolicyOutput, error) {
	name, p, err := groups.getPolicy(ctx, s, in.GroupName, in.PolicyName)
	return &iam.GetGroupPolicyOutput{GroupName: &name, PolicyName: &p.Name, PolicyDocument: escape(p.Document)}, err
}

// DeleteGroupPolicy removes an inline policy of a group.
func (s *Service) DeleteGroupPolicy(ctx context.Context, in *iam.DeleteGroupPolicyInput) (*iam.DeleteGroupPolicyOutput, error) {
	return &iam.DeleteGroupPolicyOutput{}, groups.deletePolicy(ctx, s, in.GroupName, in.PolicyName)
}

// ListGroupPolicies lists the names of the inline policies of a group.
func (s *Service) ListGroupPolicies(ctx context.Context, in *iam.ListGroupPoliciesInput) (out *iam.ListGroupPoliciesOutput, err error) {
	out = &iam.ListGroupPoliciesOutput{}
	out.PolicyNames, out.Marker, out.IsTruncated, err = groups.listPolicies(ctx, s, in.GroupName, in.Marker, in.MaxItems)
	return out, err
}

// AttachGroupPolicy gives a group a policy of the account or of AWS.
func (s *Service) AttachGroupPolicy(ctx context.Context, in *iam.AttachGroupPolicyInput) (*iam.AttachGroupPolicyOutput, error) {
	return &iam.AttachGroupPolicyOutput{}, groups.attach(ctx, s, in.GroupName, in.PolicyArn)
}

// DetachGroupPolicy takes a policy from a group.
func (s *Service) DetachGroupPolicy(ctx context.Context, in *iam.DetachGroupPolicyInput) (*iam.DetachGroupPolicyOutput, error) {
	return &iam.DetachGroupPolicyOutput{}, groups.detach(ctx, s, in.GroupName, in.PolicyArn)
}

// ListAttachedGroupPolicies lists the policies that a group was given.
func (s *Service) ListAttachedGroupPolicies(ctx context.Context, in *iam.ListAttachedGroupPoliciesInput) (out *iam.ListAttachedGroupPoliciesOutput, err error) {
	out = &iam.ListAttachedGroupPoliciesOutput{}
	out.AttachedPolicies, out.Marker, out.IsTruncated, err = groups.listAttached(ctx, s, in.GroupName, in.PathPrefix, in.Marker, in.MaxItems)
	return out, err
}
