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
	entry
	limits
	Trust       string
	Description *string `json:",omitempty"`
	MaxSession  int32
}

var roles = class[role, *role]{
	Kind: store.Kind[role]{Service: "iam", Name: "role"}, byName: true, maxName: 64,
	inlines: store.Kind[inline]{Service: "iam", Name: "rolepolicy"}, attachments: store.Kind[attachment]{Service: "iam", Name: "attachment"},
}

func roleARN(account, path, name string) string {
	return "arn:aws:iam::" + account + ":role" + path + name
}

// CreateRole adds a role.
func (s *Service) CreateRole(ctx context.Context, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	var c checks
	c.name("roleName", in.RoleName, roles.maxName)
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
			entry: entry{*in.RoleName, newID(tx, "AROA"), cmp.Or(aws.ToString(in.Path), "/")}, limits: limits{in.PermissionsBoundary, labels},
			Trust: *in.AssumeRolePolicyDocument, Description: in.Description, MaxSession: cmp.Or(aws.ToInt32(in.MaxSessionDuration), 3600),
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
	c.name("roleName", in.RoleName, roles.maxName)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.GetRoleOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		r, err := roles.named(tx, in.RoleName)
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
func (s *Service) ListRoles(ctx context.Context, in *iam.ListRolesInput) (out *iam.ListRolesOutput, err error) {
	out = &iam.ListRolesOutput{}
	out.Roles, out.Marker, out.IsTruncated, err = listed(ctx, s, roles, in.PathPrefix, in.Marker, in.MaxItems, listedRole, roleName)
	return out, err
}

func roleName(r types.Role) string { return strings.ToLower(*r.RoleName) }

// DeleteRole removes a role that has no policies any more.
func (s *Service) DeleteRole(ctx context.Context, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		r, err := roles.named(tx, in.RoleName)
		if err != nil {
			return err
		}
		if err := roles.owner(r).policyless(tx); err != nil {
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
	return &iam.UpdateRoleOutput{}, roles.change(ctx, s, in.RoleName, func(r *role) error {
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
	return &iam.UpdateAssumeRolePolicyOutput{}, roles.change(ctx, s, in.RoleName, func(r *role) error {
		r.Trust = *in.PolicyDocument
		return nil
	})
}

// PutRolePermissionsBoundary sets the policy that bounds a role.
func (s *Service) PutRolePermissionsBoundary(ctx context.Context, in *iam.PutRolePermissionsBoundaryInput) (*iam.PutRolePermissionsBoundaryOutput, error) {
	return &iam.PutRolePermissionsBoundaryOutput{}, bound(ctx, s, roles, in.RoleName, in.PermissionsBoundary)
}

// DeleteRolePermissionsBoundary removes the policy that bounds a role.
func (s *Service) DeleteRolePermissionsBoundary(ctx context.Context, in *iam.DeleteRolePermissionsBoundaryInput) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
	return &iam.DeleteRolePermissionsBoundaryOutput{}, unbound(ctx, s, roles, in.RoleName)
}

// TagRole adds tags to a role.
func (s *Service) TagRole(ctx context.Context, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	return &iam.TagRoleOutput{}, roleTags.add(ctx, s, in.RoleName, in.Tags)
}

// UntagRole removes tags from a role.
func (s *Service) UntagRole(ctx context.Context, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	return &iam.UntagRoleOutput{}, roleTags.remove(ctx, s, in.RoleName, in.TagKeys)
}

// ListRoleTags lists the tags of a role by key.
func (s *Service) ListRoleTags(ctx context.Context, in *iam.ListRoleTagsInput) (out *iam.ListRoleTagsOutput, err error) {
	out = &iam.ListRoleTagsOutput{}
	out.Tags, out.Marker, out.IsTruncated, err = roleTags.list(ctx, s, in.RoleName, in.Marker, in.MaxItems)
	return out, err
}

// ListInstanceProfilesForRole lists none: CreateInstanceProfile is not served.
func (s *Service) ListInstanceProfilesForRole(ctx context.Context, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	err := s.view(ctx, func(tx *store.Tx) error {
		_, err := roles.named(tx, in.RoleName)
		return err
	})
	return &iam.ListInstanceProfilesForRoleOutput{InstanceProfiles: []types.InstanceProfile{}}, err
}
