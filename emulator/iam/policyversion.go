package iam

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// CreatePolicyVersion adds a version, which may be the one in force from now on.
func (s *Service) CreatePolicyVersion(ctx context.Context, in *iam.CreatePolicyVersionInput) (*iam.CreatePolicyVersionOutput, error) {
	if err := checkPolicy(aws.ToString(in.PolicyDocument)); err != nil {
		return nil, err
	}
	out := &iam.CreatePolicyVersionOutput{}
	err := s.changePolicy(ctx, in.PolicyArn, func(tx *store.Tx, p *policy) error {
		if len(p.Versions) >= maxVersions {
			return &types.LimitExceededException{Message: aws.String("A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")}
		}
		p.Last++
		p.Updated = tx.Now().Truncate(time.Second)
		v := version{ID: fmt.Sprint("v", p.Last), Document: *in.PolicyDocument, Created: p.Updated}
		p.Versions = append(p.Versions, v)
		if in.SetAsDefault {
			p.Default = v.ID
		}
		described := describeVersion(*p, v)
		described.Document = nil // as AWS answers
		out.PolicyVersion = &described
		return nil
	})
	return out, err
}

func describeVersion(p policy, v version) types.PolicyVersion {
	return types.PolicyVersion{CreateDate: &v.Created, Document: escape(v.Document), IsDefaultVersion: v.ID == p.Default, VersionId: &v.ID}
}

// find is the place of a version in a policy.
func (p policy) find(id *string) (int, error) {
	i := slices.IndexFunc(p.Versions, func(v version) bool { return v.ID == aws.ToString(id) })
	if i < 0 {
		return i, noSuchEntity("Policy %s version %s does not exist or is not attachable.", p.ARN, aws.ToString(id))
	}
	return i, nil
}

// GetPolicyVersion reads a version with its document.
func (s *Service) GetPolicyVersion(ctx context.Context, in *iam.GetPolicyVersionInput) (*iam.GetPolicyVersionOutput, error) {
	out := &iam.GetPolicyVersionOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		p, err := getPolicy(tx, in.PolicyArn)
		if err != nil {
			return err
		}
		i, err := p.Value.find(in.VersionId)
		if err != nil {
			return err
		}
		described := describeVersion(p.Value, p.Value.Versions[i])
		out.PolicyVersion = &described
		return nil
	})
	return out, err
}

// ListPolicyVersions lists the versions of a policy, the newest first.
func (s *Service) ListPolicyVersions(ctx context.Context, in *iam.ListPolicyVersionsInput) (*iam.ListPolicyVersionsOutput, error) {
	var c checks
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListPolicyVersionsOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		p, err := getPolicy(tx, in.PolicyArn)
		if err != nil {
			return err
		}
		var all []types.PolicyVersion
		place := map[string]string{} // sorts the newest first
		for i, v := range slices.Backward(p.Value.Versions) {
			described := describeVersion(p.Value, v)
			described.Document = nil
			all = append(all, described)
			place[v.ID] = fmt.Sprint(maxVersions - i)
		}
		key := func(v types.PolicyVersion) string { return place[*v.VersionId] }
		out.Versions, out.Marker, out.IsTruncated, err = page(all, key, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}

// SetDefaultPolicyVersion says which version is in force.
func (s *Service) SetDefaultPolicyVersion(ctx context.Context, in *iam.SetDefaultPolicyVersionInput) (*iam.SetDefaultPolicyVersionOutput, error) {
	return &iam.SetDefaultPolicyVersionOutput{}, s.changePolicy(ctx, in.PolicyArn, func(tx *store.Tx, p *policy) error {
		i, err := p.find(in.VersionId)
		if err != nil {
			return err
		}
		p.Default, p.Updated = p.Versions[i].ID, tx.Now().Truncate(time.Second)
		return nil
	})
}

// DeletePolicyVersion removes a version that is not in force.
func (s *Service) DeletePolicyVersion(ctx context.Context, in *iam.DeletePolicyVersionInput) (*iam.DeletePolicyVersionOutput, error) {
	return &iam.DeletePolicyVersionOutput{}, s.changePolicy(ctx, in.PolicyArn, func(_ *store.Tx, p *policy) error {
		i, err := p.find(in.VersionId)
		if err != nil {
			return err
		}
		if p.Versions[i].ID == p.Default {
			return conflict("Cannot delete the default version of a policy.")
		}
		p.Versions = slices.Delete(p.Versions, i, i+1)
		return nil
	})
}
