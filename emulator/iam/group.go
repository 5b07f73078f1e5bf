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

// A group is stored under its unique id, so that it can be renamed.
type group struct{ entry }

var groups = class[group, *group]{
	Kind: store.Kind[group]{Service: "iam", Name: "group"}, maxName: 128,
	inlines: store.Kind[inline]{Service: "iam", Name: "grouppolicy"}, attachments: store.Kind[attachment]{Service: "iam", Name: "groupattachment"},
}

func listedGroup(tx *store.Tx, d store.Document[group]) types.Group {
	g := d.Value
	return types.Group{
		Arn:        aws.String("arn:aws:iam::" + tx.Scope().Account + ":group" + g.Path + g.Name),
		CreateDate: aws.Time(d.Created), GroupId: &g.ID, GroupName: &g.Name, Path: &g.Path,
	}
}

// CreateGroup adds a group without members.
func (s *Service) CreateGroup(ctx context.Context, in *iam.CreateGroupInput) (*iam.CreateGroupOutput, error) {
	var c checks
	c.name("groupName", in.GroupName, groups.maxName)
	c.path(in.Path)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.CreateGroupOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		if err := groups.isFree(tx, *in.GroupName, ""); err != nil {
			return err
		}
		g := group{entry{*in.GroupName, newID(tx, "AGPA"), cmp.Or(aws.ToString(in.Path), "/")}}
		d := store.Document[group]{ID: g.ID, Created: tx.Now().Truncate(time.Second), Value: g}
		described := listedGroup(tx, d)
		out.Group = &described
		return groups.Insert(tx, d)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// GetGroup reads a group and its members.
func (s *Service) GetGroup(ctx context.Context, in *iam.GetGroupInput) (*iam.GetGroupOutput, error) {
	var c checks
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.GetGroupOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		g, err := groups.named(tx, in.GroupName)
		if err != nil {
			return err
		}
		described := listedGroup(tx, g)
		out.Group = &described
		members, err := membersOf(tx, g.ID)
		if err != nil {
			return err
		}
		out.Users, out.Marker, out.IsTruncated, err = page(members, userName, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}

// ListGroups lists groups by name.
func (s *Service) ListGroups(ctx context.Context, in *iam.ListGroupsInput) (out *iam.ListGroupsOutput, err error) {
	out = &iam.ListGroupsOutput{}
	out.Groups, out.Marker, out.IsTruncated, err = listed(ctx, s, groups, in.PathPrefix, in.Marker, in.MaxItems, listedGroup, groupName)
	return out, err
}

func groupName(g types.Group) string { return strings.ToLower(*g.GroupName) }

// UpdateGroup renames a group, or moves it to another path.
func (s *Service) UpdateGroup(ctx context.Context, in *iam.UpdateGroupInput) (*iam.UpdateGroupOutput, error) {
	return &iam.UpdateGroupOutput{}, groups.rename(ctx, s, in.GroupName, in.NewGroupName, in.NewPath)
}

// DeleteGroup removes a group that has neither members nor policies.
func (s *Service) DeleteGroup(ctx context.Context, in *iam.DeleteGroupInput) (*iam.DeleteGroupOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		g, err := groups.named(tx, in.GroupName)
		if err != nil {
			return err
		}
		members, err := membersOf(tx, g.ID)
		if err != nil {
			return err
		}
		if len(members) > 0 {
			return conflict("Cannot delete entity, must remove users from group first.")
		}
		if err := groups.owner(g).policyless(tx); err != nil {
			return err
		}
		return groups.Delete(tx, g.ID)
	})
	return &iam.DeleteGroupOutput{}, err
}
