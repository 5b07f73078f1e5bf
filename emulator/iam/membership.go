package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// A membership is a user's in a group. Its id is "user/group", its parent the user.
type membership struct{ UserID, GroupID string }

var memberships = store.Kind[membership]{Service: "iam", Name: "membership"}

// maxGroups is AWS's quota of groups per user.
const maxGroups = 10

// AddUserToGroup makes a user a member, who may be one already.
func (s *Service) AddUserToGroup(ctx context.Context, in *iam.AddUserToGroupInput) (*iam.AddUserToGroupOutput, error) {
	return &iam.AddUserToGroupOutput{}, s.onMembership(ctx, in.GroupName, in.UserName, func(tx *store.Tx, m membership) error {
		others, err := memberships.List(tx, store.Query{Parent: users.refTo(m.UserID)})
		if err != nil {
			return err
		}
		n := 0
		for _, o := range others.Documents {
			if o.Value != m {
				n++
			}
		}
		if n >= maxGroups {
			return limitExceeded("Cannot exceed quota for GroupsPerUser: 10")
		}
		return memberships.Put(tx, store.Document[membership]{ID: m.id(), Parent: users.refTo(m.UserID), Value: m})
	})
}

// RemoveUserFromGroup ends a membership; there may be none.
func (s *Service) RemoveUserFromGroup(ctx context.Context, in *iam.RemoveUserFromGroupInput) (*iam.RemoveUserFromGroupOutput, error) {
	return &iam.RemoveUserFromGroupOutput{}, s.onMembership(ctx, in.GroupName, in.UserName, func(tx *store.Tx, m membership) error {
		return ignoreMissing(memberships.Delete(tx, m.id()))
	})
}

func (m membership) id() string { return m.UserID + "/" + m.GroupID }

func (s *Service) onMembership(ctx context.Context, groupName, userName *string, fn func(*store.Tx, membership) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		g, err := groups.named(tx, groupName)
		if err != nil {
			return err
		}
		u, err := users.named(tx, userName)
		if err != nil {
			return err
		}
		return fn(tx, membership{u.ID, g.ID})
	})
}

func membersOf(tx *store.Tx, groupID string) (found []types.User, err error) {
	all, err := memberships.List(tx, store.Query{})
	for _, m := range all.Documents {
		if m.Value.GroupID != groupID {
			continue
		}
		u, err := users.Get(tx, m.Value.UserID)
		if err != nil {
			return nil, err
		}
		found = append(found, listedUser(tx, u))
	}
	return found, err
}

// groupsOf are the groups of a user.
func groupsOf(tx *store.Tx, userID string) (found []store.Document[group], err error) {
	all, err := memberships.List(tx, store.Query{Parent: users.refTo(userID)})
	for _, m := range all.Documents {
		g, err := groups.Get(tx, m.Value.GroupID)
		if err != nil {
			return nil, err
		}
		found = append(found, g)
	}
	return found, err
}

// ListGroupsForUser lists the groups of a user.
func (s *Service) ListGroupsForUser(ctx context.Context, in *iam.ListGroupsForUserInput) (*iam.ListGroupsForUserOutput, error) {
	var c checks
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListGroupsForUserOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		u, err := users.named(tx, in.UserName)
		if err != nil {
			return err
		}
		all, err := groupsOf(tx, u.ID)
		if err != nil {
			return err
		}
		var found []types.Group
		for _, g := range all {
			found = append(found, listedGroup(tx, g))
		}
		out.Groups, out.Marker, out.IsTruncated, err = page(found, groupName, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}
