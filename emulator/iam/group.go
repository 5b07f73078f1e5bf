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
type group struct{ Name, ID, Path string }

var groups = store.Kind[group]{Service: "iam", Name: "group"}

func groupRef(id string) *store.Ref { return &store.Ref{Kind: groups.Name, ID: id} }

func findGroup(tx *store.Tx, name string) (store.Document[group], bool, error) {
	all, err := groups.List(tx, store.Query{})
	for _, g := range all.Documents {
		if strings.EqualFold(g.Value.Name, name) {
			return g, true, err
		}
	}
	return store.Document[group]{}, false, err
}

func getGroup(tx *store.Tx, name *string) (store.Document[group], error) {
	g, ok, err := findGroup(tx, aws.ToString(name))
	if err == nil && !ok {
		err = noSuchEntity("The group with name %s cannot be found.", aws.ToString(name))
	}
	return g, err
}

func describeGroup(tx *store.Tx, d store.Document[group]) *types.Group {
	g := d.Value
	return &types.Group{
		Arn:        aws.String("arn:aws:iam::" + tx.Scope().Account + ":group" + g.Path + g.Name),
		CreateDate: aws.Time(d.Created), GroupId: &g.ID, GroupName: &g.Name, Path: &g.Path,
	}
}

// CreateGroup adds a group without members.
func (s *Service) CreateGroup(ctx context.Context, in *iam.CreateGroupInput) (*iam.CreateGroupOutput, error) {
	var c checks
	c.name("groupName", in.GroupName, 128)
	c.path(in.Path)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.CreateGroupOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := findGroup(tx, *in.GroupName); err != nil || taken {
			return cmp.Or(err, exists("Group with name %s already exists.", *in.GroupName))
		}
		g := group{Name: *in.GroupName, ID: newID(tx, "AGPA"), Path: cmp.Or(aws.ToString(in.Path), "/")}
		d := store.Document[group]{ID: g.ID, Created: tx.Now().Truncate(time.Second), Value: g}
		out.Group = describeGroup(tx, d)
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
	out := &iam.GetGroupOutput{Users: []types.User{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		g, err := getGroup(tx, in.GroupName)
		if err != nil {
			return err
		}
		out.Group = describeGroup(tx, g)
		members, err := membersOf(tx, g.ID)
		if err != nil {
			return err
		}
		var part []types.User
		part, out.Marker, out.IsTruncated, err = page(members, userName, in.Marker, in.MaxItems)
		out.Users = append(out.Users, part...)
		return err
	})
	return out, err
}

// ListGroups lists groups by name.
func (s *Service) ListGroups(ctx context.Context, in *iam.ListGroupsInput) (*iam.ListGroupsOutput, error) {
	var c checks
	c.prefix(in.PathPrefix)
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListGroupsOutput{Groups: []types.Group{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		all, err := groups.List(tx, store.Query{})
		if err != nil {
			return err
		}
		var found []types.Group
		for _, d := range all.Documents {
			if strings.HasPrefix(d.Value.Path, aws.ToString(in.PathPrefix)) {
				found = append(found, *describeGroup(tx, d))
			}
		}
		var part []types.Group
		part, out.Marker, out.IsTruncated, err = page(found, groupName, in.Marker, in.MaxItems)
		out.Groups = append(out.Groups, part...)
		return err
	})
	return out, err
}

func groupName(g types.Group) string { return strings.ToLower(*g.GroupName) }

// UpdateGroup renames a group, or moves it to another path.
func (s *Service) UpdateGroup(ctx context.Context, in *iam.UpdateGroupInput) (*iam.UpdateGroupOutput, error) {
	var c checks
	if in.NewGroupName != nil {
		c.name("newGroupName", in.NewGroupName, 128)
	}
	c.path(in.NewPath)
	if err := c.err(); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		g, err := getGroup(tx, in.GroupName)
		if err != nil {
			return err
		}
		if name := in.NewGroupName; name != nil {
			if other, taken, err := findGroup(tx, *name); err != nil || taken && other.ID != g.ID {
				return cmp.Or(err, exists("Group with name %s already exists.", *name))
			}
			g.Value.Name = *name
		}
		g.Value.Path = cmp.Or(aws.ToString(in.NewPath), g.Value.Path)
		return groups.Put(tx, g)
	})
	return &iam.UpdateGroupOutput{}, err
}

// DeleteGroup removes a group that has neither members nor policies.
func (s *Service) DeleteGroup(ctx context.Context, in *iam.DeleteGroupInput) (*iam.DeleteGroupOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		g, err := getGroup(tx, in.GroupName)
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
		if err := groupOwner(g).policyless(tx); err != nil {
			return err
		}
		return groups.Delete(tx, g.ID)
	})
	return &iam.DeleteGroupOutput{}, err
}
