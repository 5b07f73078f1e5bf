package iam

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// A role is stored under its name in lower case: names differ by more than case.
type role struct {
	Name, ID, Path string
	Trust          string
	Description    *string `json:",omitempty"`
	MaxSession     int32
	Boundary       *string `json:",omitempty"`
	Tags           tags
}

var roles = store.Kind[role]{Service: "iam", Name: "role"}

func roleARN(account, path, name string) string {
	return "arn:aws:iam::" + account + ":role" + path + name
}

func roleRef(name string) *store.Ref { return &store.Ref{Kind: roles.Name, ID: strings.ToLower(name)} }

func getRole(tx *store.Tx, name *string) (store.Document[role], error) {
	d, err := roles.Get(tx, strings.ToLower(aws.ToString(name)))
	return d, missing(err, "The role with name %s cannot be found.", aws.ToString(name))
}

// changeRole rewrites a role.
func (s *Service) changeRole(ctx context.Context, name *string, fn func(*role) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, name)
		if err != nil {
			return err
		}
		if err := fn(&r.Value); err != nil {
			return err
		}
		return roles.Put(tx, r)
	})
}

// CreateRole adds a role.
func (s *Service) CreateRole(ctx context.Context, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	var c checks
	c.name("roleName", in.RoleName, 64)
	c.path(in.Path)
	c.tags(in.Tags)
	c.session(in.MaxSessionDuration)
	c.Length("description", aws.ToString(in.Description), 0, 1000)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := checkTrust(aws.ToString(in.AssumeRolePolicyDocument)); err != nil {
		return nil, err
	}
	if err := checkPolicyARN(in.PermissionsBoundary); err != nil {
		return nil, err
	}
	out := &iam.CreateRoleOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		labels, err := tags(nil).with(in.Tags)
		if err != nil {
			return err
		}
		r := store.Document[role]{ID: strings.ToLower(*in.RoleName), Name: *in.RoleName, Created: tx.Now().Truncate(time.Second), Value: role{
			Name: *in.RoleName, ID: newID(tx, "AROA"), Path: cmp.Or(aws.ToString(in.Path), "/"),
			Trust: *in.AssumeRolePolicyDocument, Description: in.Description,
			MaxSession: cmp.Or(aws.ToInt32(in.MaxSessionDuration), 3600), Boundary: in.PermissionsBoundary, Tags: labels,
		}}
		out.Role = describeRole(tx, r)
		return taken(roles.Insert(tx, r), "Role with name %s already exists.", *in.RoleName)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (c *checks) session(seconds *int32) {
	if seconds != nil {
		c.Range("maxSessionDuration", int(*seconds), 3600, 43200)
	}
}

// describeRole is a role as CreateRole and GetRole answer it.
func describeRole(tx *store.Tx, d store.Document[role]) *types.Role {
	r := d.Value
	out := listedRole(tx, d)
	out.Tags = r.Tags
	out.PermissionsBoundary = describeBoundary(r.Boundary)
	return &out
}

func describeBoundary(arn *string) *types.AttachedPermissionsBoundary {
	if arn == nil {
		return nil
	}
	return &types.AttachedPermissionsBoundary{
		PermissionsBoundaryArn:  arn,
		PermissionsBoundaryType: types.PermissionsBoundaryAttachmentTypePolicy,
	}
}

// listedRole leaves out what ListRoles does (API reference, ListRoles, read 2026-11).
func listedRole(tx *store.Tx, d store.Document[role]) types.Role {
	r := d.Value
	return types.Role{
		Arn:                      aws.String(roleARN(tx.Scope().Account, r.Path, r.Name)),
		AssumeRolePolicyDocument: escape(r.Trust),
		CreateDate:               aws.Time(d.Created),
		Description:              r.Description,
		MaxSessionDuration:       aws.Int32(r.MaxSession),
		Path:                     aws.String(r.Path),
		RoleId:                   aws.String(r.ID),
		RoleName:                 aws.String(r.Name),
	}
}

// GetRole reads a role.
func (s *Service) GetRole(ctx context.Context, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	var c checks
	c.name("roleName", in.RoleName, 64)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.GetRoleOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		out.Role = describeRole(tx, r)
		out.Role.RoleLastUsed = &types.RoleLastUsed{}
		return nil
	})
	return out, err
}

// ListRoles lists roles by name.
func (s *Service) ListRoles(ctx context.Context, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	var c checks
	c.prefix(in.PathPrefix)
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListRolesOutput{Roles: []types.Role{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		all, err := roles.List(tx, store.Query{})
		if err != nil {
			return err
		}
		var found []types.Role
		for _, d := range all.Documents {
			if strings.HasPrefix(d.Value.Path, aws.ToString(in.PathPrefix)) {
				found = append(found, listedRole(tx, d))
			}
		}
		name := func(r types.Role) string { return strings.ToLower(*r.RoleName) }
		var part []types.Role
		part, out.Marker, out.IsTruncated, err = page(found, name, in.Marker, in.MaxItems)
		out.Roles = append(out.Roles, part...)
		return err
	})
	return out, err
}

// DeleteRole removes a role that has no policies any more.
func (s *Service) DeleteRole(ctx context.Context, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		if err := roleOwner(r).policyless(tx); err != nil {
			return err
		}
		return roles.Delete(tx, r.ID)
	})
	return &iam.DeleteRoleOutput{}, err
}

// UpdateRole changes the description and the session length of a role.
func (s *Service) UpdateRole(ctx context.Context, in *iam.UpdateRoleInput) (*iam.UpdateRoleOutput, error) {
	var c checks
	c.session(in.MaxSessionDuration)
	c.Length("description", aws.ToString(in.Description), 0, 1000)
	if err := c.err(); err != nil {
		return nil, err
	}
	return &iam.UpdateRoleOutput{}, s.changeRole(ctx, in.RoleName, func(r *role) error {
		if in.Description != nil {
			r.Description = in.Description
		}
		r.MaxSession = cmp.Or(aws.ToInt32(in.MaxSessionDuration), r.MaxSession)
		return nil
	})
}

// UpdateRoleDescription is the older UpdateRole; it answers the role.
func (s *Service) UpdateRoleDescription(ctx context.Context, in *iam.UpdateRoleDescriptionInput) (*iam.UpdateRoleDescriptionOutput, error) {
	_, err := s.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: in.RoleName, Description: in.Description})
	if err != nil {
		return nil, err
	}
	out, err := s.GetRole(ctx, &iam.GetRoleInput{RoleName: in.RoleName})
	if err != nil {
		return nil, err
	}
	return &iam.UpdateRoleDescriptionOutput{Role: out.Role}, nil
}

// UpdateAssumeRolePolicy replaces who may assume a role.
func (s *Service) UpdateAssumeRolePolicy(ctx context.Context, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
	if err := checkTrust(aws.ToString(in.PolicyDocument)); err != nil {
		return nil, err
	}
	return &iam.UpdateAssumeRolePolicyOutput{}, s.changeRole(ctx, in.RoleName, func(r *role) error {
		r.Trust = *in.PolicyDocument
		return nil
	})
}

// PutRolePermissionsBoundary sets the policy that bounds a role.
func (s *Service) PutRolePermissionsBoundary(ctx context.Context, in *iam.PutRolePermissionsBoundaryInput) (*iam.PutRolePermissionsBoundaryOutput, error) {
	if err := checkPolicyARN(in.PermissionsBoundary); err != nil {
		return nil, err
	}
	return &iam.PutRolePermissionsBoundaryOutput{}, s.changeRole(ctx, in.RoleName, func(r *role) error {
		r.Boundary = in.PermissionsBoundary
		return nil
	})
}

// DeleteRolePermissionsBoundary removes the policy that bounds a role.
func (s *Service) DeleteRolePermissionsBoundary(ctx context.Context, in *iam.DeleteRolePermissionsBoundaryInput) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
	return &iam.DeleteRolePermissionsBoundaryOutput{}, s.changeRole(ctx, in.RoleName, func(r *role) error {
		if r.Boundary == nil {
			return noSuchEntity("The permissions boundary of role %s cannot be found.", r.Name)
		}
		r.Boundary = nil
		return nil
	})
}

// TagRole adds tags to a role.
func (s *Service) TagRole(ctx context.Context, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	var c checks
	c.tags(in.Tags)
	if err := c.err(); err != nil {
		return nil, err
	}
	return &iam.TagRoleOutput{}, s.changeRole(ctx, in.RoleName, func(r *role) (err error) {
		r.Tags, err = r.Tags.with(in.Tags)
		return err
	})
}

// UntagRole removes tags from a role.
func (s *Service) UntagRole(ctx context.Context, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	return &iam.UntagRoleOutput{}, s.changeRole(ctx, in.RoleName, func(r *role) error {
		r.Tags = r.Tags.without(in.TagKeys)
		return nil
	})
}

// ListRoleTags lists the tags of a role by key.
func (s *Service) ListRoleTags(ctx context.Context, in *iam.ListRoleTagsInput) (*iam.ListRoleTagsOutput, error) {
	out := &iam.ListRoleTagsOutput{Tags: []types.Tag{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		r, err := getRole(tx, in.RoleName)
		if err != nil {
			return err
		}
		var part []types.Tag
		part, out.Marker, out.IsTruncated, err = page(r.Value.Tags, tagKey, in.Marker, in.MaxItems)
		out.Tags = append(out.Tags, part...)
		return err
	})
	return out, err
}

func tagKey(t types.Tag) string { return *t.Key }

// ListInstanceProfilesForRole lists none: CreateInstanceProfile is not served.
func (s *Service) ListInstanceProfilesForRole(ctx context.Context, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	err := s.view(ctx, func(tx *store.Tx) error {
		_, err := getRole(tx, in.RoleName)
		return err
	})
	return &iam.ListInstanceProfilesForRoleOutput{InstanceProfiles: []types.InstanceProfile{}}, err
}
