package iam

import (
	"cmp"
	"context"
	"postern/emulator/lazyregexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// A policy is stored under its ARN.
type policy struct {
	ARN, Name, ID, Path string
	Description         *string `json:",omitempty"`
	Tags                tags
	Created, Updated    time.Time
	Default             string // id of the version in force
	Versions            []version
	Last                int // number of the newest version there ever was
}

type version struct {
	ID, Document string
	Created      time.Time
}

var policies = store.Kind[policy]{Service: "iam", Name: "policy"}

const maxVersions = 5

var policyARN = lazyregexp.New(`^arn:aws:iam::(aws|\d{12}):policy/.+$`)

// checkPolicyARN refuses what cannot be the ARN of a policy; nil is for others to
// refuse.
func checkPolicyARN(arn *string) error {
	if arn == nil || policyARN.MatchString(*arn) {
		return nil
	}
	return &types.InvalidInputException{Message: aws.String("ARN " + *arn + " is not valid.")}
}

// getPolicy reads a policy of the account or of AWS.
func getPolicy(tx *store.Tx, arn *string) (store.Document[policy], error) {
	if err := checkPolicyARN(arn); err != nil {
		return store.Document[policy]{}, err
	}
	if p, ok := managed(aws.ToString(arn)); ok {
		return store.Document[policy]{ID: p.ARN, Value: p}, nil
	}
	d, err := policies.Get(tx, aws.ToString(arn))
	return d, missing(err, "Policy %s was not found.", aws.ToString(arn))
}

// ownPolicy is getPolicy for changing it, which AWS's policies refuse.
func ownPolicy(tx *store.Tx, arn *string) (store.Document[policy], error) {
	p, err := getPolicy(tx, arn)
	if err == nil && strings.HasPrefix(p.ID, managedPrefix) {
		err = denied(p.ID)
	}
	return p, err
}

// changePolicy rewrites a policy of the account.
func (s *Service) changePolicy(ctx context.Context, arn *string, fn func(*store.Tx, *policy) error) error {
	return change(ctx, s, ownPolicy, policies.Put, arn, fn)
}

// CreatePolicy adds a policy with its first version.
func (s *Service) CreatePolicy(ctx context.Context, in *iam.CreatePolicyInput) (*iam.CreatePolicyOutput, error) {
	var c checks
	c.name("policyName", in.PolicyName, 128)
	c.path(in.Path)
	c.tags(in.Tags)
	c.Length("description", aws.ToString(in.Description), 0, 1000)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := checkPolicy(aws.ToString(in.PolicyDocument)); err != nil {
		return nil, err
	}
	out := &iam.CreatePolicyOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		if err := nameIsFree(tx, *in.PolicyName); err != nil {
			return err
		}
		labels, err := tags(nil).with(in.Tags)
		if err != nil {
			return err
		}
		now := tx.Now().Truncate(time.Second)
		p := policy{
			Name: *in.PolicyName, ID: newID(tx, "ANPA"), Path: cmp.Or(aws.ToString(in.Path), "/"), Description: in.Description,
			Tags: labels, Created: now, Updated: now, Default: "v1", Last: 1,
			Versions: []version{{ID: "v1", Document: *in.PolicyDocument, Created: now}},
		}
		p.ARN = "arn:aws:iam::" + tx.Scope().Account + ":policy" + p.Path + p.Name
		described := describePolicy(p, 0)
		described.Description = nil // as AWS answers
		out.Policy = &described
		return policies.Insert(tx, store.Document[policy]{ID: p.ARN, Name: strings.ToLower(p.Name), Value: p})
	})
	return out, err
}

// nameIsFree refuses a name that a policy has, in whatever case and path.
func nameIsFree(tx *store.Tx, name string) error {
	all, err := policies.List(tx, store.Query{})
	if err != nil {
		return err
	}
	for _, p := range all.Documents {
		if strings.EqualFold(p.Value.Name, name) {
			return taken(store.ErrExists, "A policy called %s already exists. Duplicate names are not allowed.", name)
		}
	}
	return nil
}

func describePolicy(p policy, attached int) types.Policy {
	return types.Policy{
		Arn:                           &p.ARN,
		AttachmentCount:               aws.Int32(int32(attached)),
		CreateDate:                    &p.Created,
		DefaultVersionId:              &p.Default,
		Description:                   p.Description,
		IsAttachable:                  true,
		Path:                          &p.Path,
		PermissionsBoundaryUsageCount: aws.Int32(0),
		PolicyId:                      &p.ID,
		PolicyName:                    &p.Name,
		Tags:                          p.Tags,
		UpdateDate:                    &p.Updated,
	}
}

// A usage counts the users, groups and roles that have a policy, and those bounded by it.
type usage struct{ attached, bounding map[string]int }

func countUsage(tx *store.Tx) (usage, error) {
	u := usage{map[string]int{}, map[string]int{}}
	for _, kind := range []store.Kind[attachment]{roles.attachments, users.attachments, groups.attachments} {
		all, err := kind.List(tx, store.Query{})
		if err != nil {
			return u, err
		}
		for _, a := range all.Documents {
			u.attached[a.Value.ARN]++
		}
	}
	rs, err := roles.List(tx, store.Query{})
	if err != nil {
		return u, err
	}
	for _, r := range rs.Documents {
		u.bounding[aws.ToString(r.Value.Boundary)]++
	}
	us, err := users.List(tx, store.Query{})
	for _, d := range us.Documents {
		u.bounding[aws.ToString(d.Value.Boundary)]++
	}
	return u, err
}

func (u usage) describe(p policy) types.Policy {
	out := describePolicy(p, u.attached[p.ARN])
	out.PermissionsBoundaryUsageCount = aws.Int32(int32(u.bounding[p.ARN]))
	return out
}

// GetPolicy reads a policy, without its document.
func (s *Service) GetPolicy(ctx context.Context, in *iam.GetPolicyInput) (*iam.GetPolicyOutput, error) {
	out := &iam.GetPolicyOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		p, err := getPolicy(tx, in.PolicyArn)
		if err != nil {
			return err
		}
		u, err := countUsage(tx)
		described := u.describe(p.Value)
		out.Policy = &described
		return err
	})
	return out, err
}

// ListPolicies lists the policies of the account, of AWS, or both.
func (s *Service) ListPolicies(ctx context.Context, in *iam.ListPoliciesInput) (*iam.ListPoliciesOutput, error) {
	var c checks
	c.prefix(in.PathPrefix)
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListPoliciesOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		all, err := scopedPolicies(tx, in.Scope)
		if err != nil {
			return err
		}
		u, err := countUsage(tx)
		if err != nil {
			return err
		}
		var found []types.Policy
		for _, p := range all {
			used := u.attached[p.ARN]
			if in.PolicyUsageFilter == types.PolicyUsageTypePermissionsBoundary {
				used = u.bounding[p.ARN]
				if used == 0 {
					continue
				}
			}
			if in.OnlyAttached && used == 0 || !strings.HasPrefix(p.Path, aws.ToString(in.PathPrefix)) {
				continue
			}
			described := u.describe(p)
			described.Description, described.Tags = nil, nil // API reference, ListPolicies, read 2026-11
			found = append(found, described)
		}
		key := func(p types.Policy) string { return *p.Arn }
		out.Policies, out.Marker, out.IsTruncated, err = page(found, key, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}

func scopedPolicies(tx *store.Tx, scope types.PolicyScopeType) (out []policy, err error) {
	if scope != types.PolicyScopeTypeAws {
		all, err := policies.List(tx, store.Query{})
		if err != nil {
			return nil, err
		}
		for _, p := range all.Documents {
			out = append(out, p.Value)
		}
	}
	if scope != types.PolicyScopeTypeLocal {
		for _, m := range managedPolicies {
			out = append(out, m.policy())
		}
	}
	return out, nil
}

// DeletePolicy removes a policy that no role has and that has one version left.
func (s *Service) DeletePolicy(ctx context.Context, in *iam.DeletePolicyInput) (*iam.DeletePolicyOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		p, err := getPolicy(tx, in.PolicyArn)
		if err != nil {
			return err
		}
		u, err := countUsage(tx)
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(p.ID, managedPrefix):
			return denied(p.ID)
		case u.attached[p.ID]+u.bounding[p.ID] > 0:
			return conflict("Cannot delete a policy attached to entities.")
		case len(p.Value.Versions) > 1:
			return conflict("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		return policies.Delete(tx, p.ID)
	})
	return &iam.DeletePolicyOutput{}, err
}

// TagPolicy adds tags to a policy.
func (s *Service) TagPolicy(ctx context.Context, in *iam.TagPolicyInput) (*iam.TagPolicyOutput, error) {
	return &iam.TagPolicyOutput{}, policyTags.add(ctx, s, in.PolicyArn, in.Tags)
}

// UntagPolicy removes tags from a policy.
func (s *Service) UntagPolicy(ctx context.Context, in *iam.UntagPolicyInput) (*iam.UntagPolicyOutput, error) {
	return &iam.UntagPolicyOutput{}, policyTags.remove(ctx, s, in.PolicyArn, in.TagKeys)
}

// ListPolicyTags lists the tags of a policy by key.
func (s *Service) ListPolicyTags(ctx context.Context, in *iam.ListPolicyTagsInput) (out *iam.ListPolicyTagsOutput, err error) {
	out = &iam.ListPolicyTagsOutput{}
	out.Tags, out.Marker, out.IsTruncated, err = policyTags.list(ctx, s, in.PolicyArn, in.Marker, in.MaxItems)
	return out, err
}
