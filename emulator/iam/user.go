package iam

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A user is stored under its unique id, so that it can be renamed; the document's name is the
// user's in lower case.
type user struct {
	entry
	limits
}

var users = class[user, *user]{
	Kind: store.Kind[user]{Service: "iam", Name: "user"}, maxName: 64,
	inlines: store.Kind[inline]{Service: "iam", Name: "userpolicy"}, attachments: store.Kind[attachment]{Service: "iam", Name: "userattachment"},
}

func userARN(account string, u user) string {
	return "arn:aws:iam::" + account + ":user" + u.Path + u.Name
}

// CreateUser adds a user, who may do nothing yet.
func (s *Service) CreateUser(ctx context.Context, in *iam.CreateUserInput) (*iam.CreateUserOutput, error) {
	var c checks
	c.name("userName", in.UserName, users.maxName)
	c.path(in.Path)
	c.tags(in.Tags)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := checkPolicyARN(in.PermissionsBoundary); err != nil {
		return nil, err
	}
	out := &iam.CreateUserOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		if err := users.isFree(tx, *in.UserName, ""); err != nil {
			return err
		}
		labels, err := tags(nil).with(in.Tags)
		if err != nil {
			return err
		}
		u := user{entry{*in.UserName, newID(tx, "AIDA"), cmp.Or(aws.ToString(in.Path), "/")}, limits{in.PermissionsBoundary, labels}}
		d := store.Document[user]{ID: u.ID, Created: tx.Now().Truncate(time.Second), Value: u}
		out.User = describeUser(tx, d)
		return users.Insert(tx, d)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// describeUser is a user as CreateUser and GetUser answer it.
func describeUser(tx *store.Tx, d store.Document[user]) *types.User {
	out := listedUser(tx, d)
	out.Tags = d.Value.Tags
	out.PermissionsBoundary = describeBoundary(d.Value.Boundary)
	return &out
}

// listedUser leaves out what ListUsers does (API reference, ListUsers, read 2026-11).
func listedUser(tx *store.Tx, d store.Document[user]) types.User {
	u := d.Value
	return types.User{
		Arn: aws.String(userARN(tx.Scope().Account, u)), CreateDate: aws.Time(d.Created), Path: &u.Path, UserId: &u.ID, UserName: &u.Name,
	}
}

// GetUser reads a user; without a name, who asks.
func (s *Service) GetUser(ctx context.Context, in *iam.GetUserInput) (*iam.GetUserOutput, error) {
	out := &iam.GetUserOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		if in.UserName == nil {
			return s.whoAsks(ctx, tx, out)
		}
		u, err := users.named(tx, in.UserName)
		if err != nil {
			return err
		}
		out.User = describeUser(tx, u)
		return nil
	})
	return out, err
}

func (s *Service) whoAsks(ctx context.Context, tx *store.Tx, out *iam.GetUserOutput) error {
	caller := wire.CallerFrom(ctx)
	if strings.HasPrefix(caller.AccessKeyID, "ASIA") {
		return mustNameUser()
	}
	u, err := callingUser(ctx, tx)
	if err != nil {
		return err
	}
	if u == nil {
		root := "arn:aws:iam::" + caller.AccountID + ":root"
		out.User = &types.User{Arn: &root, UserId: &caller.AccountID, CreateDate: aws.Time(tx.Now().Truncate(time.Second)), Path: aws.String("/")}
		return nil
	}
	out.User = describeUser(tx, *u)
	return nil
}

// callingUser is the user whose access key signed the request, nil for root.
func callingUser(ctx context.Context, tx *store.Tx) (*store.Document[user], error) {
	k, err := accessKeys.Get(tx, wire.CallerFrom(ctx).AccessKeyID)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	u, err := users.Get(tx, k.Value.UserID)
	return &u, err
}

// namedOrCaller is the user of a request that may leave the name out, meaning who asks.
func namedOrCaller(ctx context.Context, tx *store.Tx, name *string) (store.Document[user], error) {
	if name != nil {
		return users.named(tx, name)
	}
	u, err := callingUser(ctx, tx)
	if err == nil && u == nil {
		err = mustNameUser()
	}
	if err != nil {
		return store.Document[user]{}, err
	}
	return *u, nil
}

func mustNameUser() error {
	return wire.Errorf(http.StatusBadRequest, "ValidationError", "Must specify userName when calling with non-User credentials")
}

// ListUsers lists users by name.
func (s *Service) ListUsers(ctx context.Context, in *iam.ListUsersInput) (out *iam.ListUsersOutput, err error) {
	out = &iam.ListUsersOutput{}
	out.Users, out.Marker, out.IsTruncated, err = listed(ctx, s, users, in.PathPrefix, in.Marker, in.MaxItems, listedUser, userName)
	return out, err
}

func userName(u types.User) string { return strings.ToLower(*u.UserName) }

// UpdateUser renames a user, or moves it to another path.
func (s *Service) UpdateUser(ctx context.Context, in *iam.UpdateUserInput) (*iam.UpdateUserOutput, error) {
	return &iam.UpdateUserOutput{}, users.rename(ctx, s, in.UserName, in.NewUserName, in.NewPath)
}

// DeleteUser removes a user that has nothing left: no keys, no policies, no groups.
func (s *Service) DeleteUser(ctx context.Context, in *iam.DeleteUserInput) (*iam.DeleteUserOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := users.named(tx, in.UserName)
		if err != nil {
			return err
		}
		keys, err := accessKeys.Count(tx, store.Query{Parent: users.refTo(u.ID)})
		if err != nil {
			return err
		}
		groups, err := memberships.Count(tx, store.Query{Parent: users.refTo(u.ID)})
		switch {
		case err != nil:
			return err
		case keys > 0:
			return conflict("Cannot delete entity, must delete access keys first.")
		case groups > 0:
			return conflict("Cannot delete entity, must remove user from groups first.")
		}
		if err := users.owner(u).policyless(tx); err != nil {
			return err
		}
		return users.Delete(tx, u.ID)
	})
	return &iam.DeleteUserOutput{}, err
}

// PutUserPermissionsBoundary sets the policy that bounds a user.
func (s *Service) PutUserPermissionsBoundary(ctx context.Context, in *iam.PutUserPermissionsBoundaryInput) (*iam.PutUserPermissionsBoundaryOutput, error) {
	return &iam.PutUserPermissionsBoundaryOutput{}, bound(ctx, s, users, in.UserName, in.PermissionsBoundary)
}

// DeleteUserPermissionsBoundary removes the policy that bounds a user.
func (s *Service) DeleteUserPermissionsBoundary(ctx context.Context, in *iam.DeleteUserPermissionsBoundaryInput) (*iam.DeleteUserPermissionsBoundaryOutput, error) {
	return &iam.DeleteUserPermissionsBoundaryOutput{}, unbound(ctx, s, users, in.UserName)
}

// TagUser adds tags to a user.
func (s *Service) TagUser(ctx context.Context, in *iam.TagUserInput) (*iam.TagUserOutput, error) {
	return &iam.TagUserOutput{}, userTags.add(ctx, s, in.UserName, in.Tags)
}

// UntagUser removes tags from a user.
func (s *Service) UntagUser(ctx context.Context, in *iam.UntagUserInput) (*iam.UntagUserOutput, error) {
	return &iam.UntagUserOutput{}, userTags.remove(ctx, s, in.UserName, in.TagKeys)
}

// ListUserTags lists the tags of a user by key.
func (s *Service) ListUserTags(ctx context.Context, in *iam.ListUserTagsInput) (out *iam.ListUserTagsOutput, err error) {
	out = &iam.ListUserTagsOutput{}
	out.Tags, out.Marker, out.IsTruncated, err = userTags.list(ctx, s, in.UserName, in.Marker, in.MaxItems)
	return out, err
}
