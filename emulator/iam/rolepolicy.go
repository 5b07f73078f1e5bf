package iam

import (
	"context"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// An inline is a policy that is part of a role. Its id is "role/name".
type inline struct{ Name, Document string }

// An attachment is a policy that a role has. Its id is "role/ARN".
type attachment struct{ Role, ARN string }

var (
	inlines     = store.Kind[inline]{Service: "iam", Name: "rolepolicy"}
	attachments = store.Kind[attachment]{Service: "iam", Name: "attachment"}
)

// PutRolePolicy adds or replaces an inline policy of a role.
func (s *Service) PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	var c checks
	c.name("policyName", in.PolicyName, 128)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := checkPolicy(aws.ToString(in.PolicyDocument)); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		return inlines.Put(tx, store.Document[inline]{
			ID:     r.ID + "/" + *in.PolicyName,
			Parent: roleRef(r.ID),
			Name:   *in.PolicyName,
			Value:  inline{*in.PolicyName, *in.PolicyDocument},
		})
	})
	return &iam.PutRolePolicyOutput{}, err
}

// GetRolePolicy reads an inline policy of a role.
func (s *Service) GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	out := &iam.GetRolePolicyOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		p, err := inlines.Get(tx, r.ID+"/"+aws.ToString(in.PolicyName))
		if err != nil {
			return missing(err, "The role policy with name %s cannot be found.", aws.ToString(in.PolicyName))
		}
		out.RoleName, out.PolicyName, out.PolicyDocument = &r.Value.Name, &p.Value.Name, escape(p.Value.Document)
		return nil
	})
	return out, err
}

// DeleteRolePolicy removes an inline policy of a role.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		err = inlines.Delete(tx, r.ID+"/"+aws.ToString(in.PolicyName))
		return missing(err, "The role policy with name %s cannot be found.", aws.ToString(in.PolicyName))
	})
	return &iam.DeleteRolePolicyOutput{}, err
}

// ListRolePolicies lists the names of the inline policies of a role.
func (s *Service) ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	var c checks
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListRolePoliciesOutput{PolicyNames: []string{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		all, err := inlines.List(tx, store.Query{Parent: roleRef(r.ID)})
		if err != nil {
			return err
		}
		var names []string
		for _, p := range all.Documents {
			names = append(names, p.Value.Name)
		}
		var part []string
		part, out.Marker, out.IsTruncated, err = page(names, func(n string) string { return n }, in.Marker, in.MaxItems)
		out.PolicyNames = append(out.PolicyNames, part...)
		return err
	})
	return out, err
}

// AttachRolePolicy gives a role a policy of the account or of AWS. It may have it
// already.
func (s *Service) AttachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	if err := checkPolicyARN(in.PolicyArn); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		if !managedPattern.MatchString(*in.PolicyArn) {
			if _, err := policies.Get(tx, *in.PolicyArn); err != nil {
				return missing(err, "Policy %s does not exist or is not attachable.", *in.PolicyArn)
			}
		}
		return attachments.Put(tx, store.Document[attachment]{
			ID:     r.ID + "/" + *in.PolicyArn,
			Parent: roleRef(r.ID),
			Name:   *in.PolicyArn,
			Value:  attachment{r.Value.Name, *in.PolicyArn},
		})
	})
	return &iam.AttachRolePolicyOutput{}, err
}

// DetachRolePolicy takes a policy from a role.
func (s *Service) DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	if err := checkPolicyARN(in.PolicyArn); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		return missing(attachments.Delete(tx, r.ID+"/"+*in.PolicyArn), "Policy %s was not found.", *in.PolicyArn)
	})
	return &iam.DetachRolePolicyOutput{}, err
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
	err := s.view(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		all, err := attachments.List(tx, store.Query{Parent: roleRef(r.ID)})
		if err != nil {
			return err
		}
		var found []types.AttachedPolicy
		for _, a := range all.Documents {
			if strings.HasPrefix(arnPath(a.Value.ARN), aws.ToString(in.PathPrefix)) {
				found = append(found, types.AttachedPolicy{PolicyArn: &a.Value.ARN, PolicyName: aws.String(path.Base(a.Value.ARN))})
			}
		}
		key := func(p types.AttachedPolicy) string { return *p.PolicyArn }
		var part []types.AttachedPolicy
		part, out.Marker, out.IsTruncated, err = page(found, key, in.Marker, in.MaxItems)
		out.AttachedPolicies = append(out.AttachedPolicies, part...)
		return err
	})
	return out, err
}

// arnPath is the path in the ARN of a policy: "/service-role/".
func arnPath(arn string) string {
	_, p, _ := strings.Cut(arn, ":policy")
	return strings.TrimSuffix(p, path.Base(p))
}
