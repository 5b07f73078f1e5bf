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
	Name, ID, Path string
	Boundary       *string `json:",omitempty"`
	Tags           tags
}

var users = store.Kind[user]{Service: "iam", Name: "user"}

func userARN(account string, u user) string {
	return "arn:aws:iam::" + account + ":user" + u.Path + u.Name
}

func userRef(id string) *store.Ref { return &store.Ref{Kind: users.Name, ID: id} }

// findUser reads a user by name, in whatever case.
func findUser(tx *store.Tx, name string) (store.Document[user], bool, error) {
	all, err := users.List(tx, store.Query{})
	for _, u := range all.Documents {
		if strings.EqualFold(u.Value.Name, name) {
			return u, true, err
		}
	}
	return store.Document[user]{}, false, err
}

func getUser(tx *store.Tx, name *string) (store.Document[user], error) {
	u, ok, err := findUser(tx, aws.ToString(name))
	if err == nil && !ok {
		err = noSuchEntity("The user with name %s cannot be found.", aws.ToString(name))
	}
	return u, err
}

// changeUser rewrites a user.
func (s *Service) changeUser(ctx context.Context, name *string, fn func(*user) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		u, err := getUser(tx, name)
		if err != nil {
			return err
		}
		if err := fn(&u.Value); err != nil {
			return err
		}
		return users.Put(tx, u)
	})
}

// CreateUser adds a user, who may do nothing yet.
func (s *Service) CreateUser(ctx context.Context, in *iam.CreateUserInput) (*iam.CreateUserOutput, error) {
	var c checks
	c.name("userName", in.UserName, 64)
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
		if _, taken, err := findUser(tx, *in.UserName); err != nil || taken {
			return cmp.Or(err, exists("User with name %s already exists.", *in.UserName))
		}
		labels, err := tags(nil).with(in.Tags)
		if err != nil {
			return err
		}
		u := user{Name: *in.UserName, ID: newID(tx, "AIDA"), Path: cmp.Or(aws.ToString(in.Path), "/"), Boundary: in.PermissionsBoundary, Tags: labels}
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
		u, err := getUser(tx, in.UserName)
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

// named is the user of a request that may leave the name out, meaning who asks.
func named(ctx context.Context, tx *store.Tx, name *string) (store.Document[user], error) {
	if name != nil {
		return getUser(tx, name)
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
func (s *Service) ListUsers(ctx context.Context, in *iam.ListUsersInput) (*iam.ListUsersOutput, error) {
	var c checks
	c.prefix(in.PathPrefix)
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListUsersOutput{Users: []types.User{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		all, err := users.List(tx, store.Query{})
		if err != nil {
			return err
		}
		var found []types.User
		for _, d := range all.Documents {
			if strings.HasPrefix(d.Value.Path, aws.ToString(in.PathPrefix)) {
				found = append(found, listedUser(tx, d))
			}
		}
		var part []types.User
		part, out.Marker, out.IsTruncated, err = page(found, userName, in.Marker, in.MaxItems)
		out.Users = append(out.Users, part...)
		return err
	})
	return out, err
}

func userName(u types.User) string { return strings.ToLower(*u.UserName) }

// UpdateUser renames a user, or moves it to another path.
func (s *Service) UpdateUser(ctx context.Context, in *iam.UpdateUserInput) (*iam.UpdateUserOutput, error) {
	var c checks
	if in.NewUserName != nil {
		c.name("newUserName", in.NewUserName, 64)
	}
	c.path(in.NewPath)
	if err := c.err(); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := getUser(tx, in.UserName)
		if err != nil {
			return err
		}
		if name := in.NewUserName; name != nil {
			if other, taken, err := findUser(tx, *name); err != nil || taken && other.ID != u.ID {
				return cmp.Or(err, exists("User with name %s already exists.", *name))
			}
			u.Value.Name = *name
		}
		u.Value.Path = cmp.Or(aws.ToString(in.NewPath), u.Value.Path)
		return users.Put(tx, u)
	})
	return &iam.UpdateUserOutput{}, err
}

// DeleteUser removes a user that has nothing left: no keys, no policies, no groups.
func (s *Service) DeleteUser(ctx context.Context, in *iam.DeleteUserInput) (*iam.DeleteUserOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := getUser(tx, in.UserName)
		if err != nil {
			return err
		}
		keys, err := accessKeys.Count(tx, store.Query{Parent: userRef(u.ID)})
		if err != nil {
			return err
		}
		groups, err := memberships.Count(tx, store.Query{Parent: userRef(u.ID)})
		switch {
		case err != nil:
			return err
		case keys > 0:
			return conflict("Cannot delete entity, must delete access keys first.")
		case groups > 0:
			return conflict("Cannot delete entity, must remove user from groups first.")
		}
		if err := userOwner(u).policyless(tx); err != nil {
			return err
		}
		return users.Delete(tx, u.ID)
	})
	return &iam.DeleteUserOutput{}, err
}

// PutUserPermissionsBoundary sets the policy that bounds a user.
func (s *Service) PutUserPermissionsBoundary(ctx context.Context, in *iam.PutUserPermissionsBoundaryInput) (*iam.PutUserPermissionsBoundaryOutput, error) {
	if err := checkPolicyARN(in.PermissionsBoundary); err != nil {
		return nil, err
	}
	return &iam.PutUserPermissionsBoundaryOutput{}, s.changeUser(ctx, in.UserName, func(u *user) error {
		u.Boundary = in.PermissionsBoundary
		return nil
	})
}

// DeleteUserPermissionsBoundary removes the policy that bounds a user.
func (s *Service) DeleteUserPermissionsBoundary(ctx context.Context, in *iam.DeleteUserPermissionsBoundaryInput) (*iam.DeleteUserPermissionsBoundaryOutput, error) {
	return &iam.DeleteUserPermissionsBoundaryOutput{}, s.changeUser(ctx, in.UserName, func(u *user) error {
		if u.Boundary == nil {
			return noSuchEntity("The permissions boundary of user %s cannot be found.", u.Name)
		}
		u.Boundary = nil
		return nil
	})
}

// TagUser adds tags to a user.
func (s *Service) TagUser(ctx context.Context, in *iam.TagUserInput) (*iam.TagUserOutput, error) {
	var c checks
	c.tags(in.Tags)
	if err := c.err(); err != nil {
		return nil, err
	}
	return &iam.TagUserOutput{}, s.changeUser(ctx, in.UserName, func(u *user) (err error) {
		u.Tags, err = u.Tags.with(in.Tags)
		return err
	})
}

// UntagUser removes tags from a user.
func (s *Service) UntagUser(ctx context.Context, in *iam.UntagUserInput) (*iam.UntagUserOutput, error) {
	return &iam.UntagUserOutput{}, s.changeUser(ctx, in.UserName, func(u *user) error {
		u.Tags = u.Tags.without(in.TagKeys)
		return nil
	})
}

// ListUserTags lists the tags of a user by key.
func (s *Service) ListUserTags(ctx context.Context, in *iam.ListUserTagsInput) (*iam.ListUserTagsOutput, error) {
	out := &iam.ListUserTagsOutput{Tags: []types.Tag{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		u, err := getUser(tx, in.UserName)
		if err != nil {
			return err
		}
		var part []types.Tag
		part, out.Marker, out.IsTruncated, err = page(u.Value.Tags, tagKey, in.Marker, in.MaxItems)
		out.Tags = append(out.Tags, part...)
		return err
	})
	return out, err
}
