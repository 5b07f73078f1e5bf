package iam

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/accesskey"
	"postern/emulator/store"
)

// An accessKey is stored under its id, as a child of its user.
type accessKey struct {
	ID, Secret string
	UserID     string
	Inactive   bool
}

var accessKeys = store.Kind[accessKey]{Service: "iam", Name: "accesskey"}

// maxAccessKeys is AWS's quota of keys per user.
const maxAccessKeys = 2

func (k accessKey) status() types.StatusType {
	if k.Inactive {
		return types.StatusTypeInactive
	}
	return types.StatusTypeActive
}

// CreateAccessKey makes a key for a user; its secret is shown this once.
func (s *Service) CreateAccessKey(ctx context.Context, in *iam.CreateAccessKeyInput) (*iam.CreateAccessKeyOutput, error) {
	out := &iam.CreateAccessKeyOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		u, err := namedOrCaller(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		n, err := accessKeys.Count(tx, store.Query{Parent: users.refTo(u.ID)})
		if err != nil {
			return err
		}
		if n >= maxAccessKeys {
			return limitExceeded("Cannot exceed quota for AccessKeysPerUser: 2")
		}
		k := newAccessKey(tx, u.ID)
		d := store.Document[accessKey]{ID: k.ID, Parent: users.refTo(u.ID), Created: tx.Now().Truncate(time.Second), Value: k}
		out.AccessKey = &types.AccessKey{
			AccessKeyId: &k.ID, SecretAccessKey: &k.Secret, Status: k.status(), UserName: &u.Value.Name, CreateDate: &d.Created,
		}
		return accessKeys.Insert(tx, d)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func newAccessKey(tx *store.Tx, userID string) accessKey {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return accessKey{
		ID:     accesskey.New(accesskey.User, tx.Scope().Account, [accesskey.Random]byte([]byte(tx.Token(accesskey.Random, string(all))))),
		Secret: tx.Token(40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
		UserID: userID,
	}
}

// ListAccessKeys lists the keys of a user, without their secrets.
func (s *Service) ListAccessKeys(ctx context.Context, in *iam.ListAccessKeysInput) (*iam.ListAccessKeysOutput, error) {
	var c checks
	c.maxItems(in.MaxItems)
	if err := c.err(); err != nil {
		return nil, err
	}
	out := &iam.ListAccessKeysOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		u, err := namedOrCaller(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		all, err := accessKeys.List(tx, store.Query{Parent: users.refTo(u.ID)})
		if err != nil {
			return err
		}
		var found []types.AccessKeyMetadata
		for _, k := range all.Documents {
			found = append(found, types.AccessKeyMetadata{AccessKeyId: &k.Value.ID, Status: k.Value.status(), UserName: &u.Value.Name, CreateDate: &k.Created})
		}
		key := func(k types.AccessKeyMetadata) string { return *k.AccessKeyId }
		out.AccessKeyMetadata, out.Marker, out.IsTruncated, err = page(found, key, in.Marker, in.MaxItems)
		return err
	})
	return out, err
}

// ownKey reads a key that is the user's.
func ownKey(ctx context.Context, tx *store.Tx, name, id *string) (store.Document[accessKey], error) {
	u, err := namedOrCaller(ctx, tx, name)
	if err != nil {
		return store.Document[accessKey]{}, err
	}
	k, err := accessKeys.Get(tx, aws.ToString(id))
	if err == nil && k.Value.UserID != u.ID {
		err = store.ErrNotFound
	}
	return k, missing(err, "The Access Key with id %s cannot be found.", aws.ToString(id))
}

// UpdateAccessKey switches a key off or on.
func (s *Service) UpdateAccessKey(ctx context.Context, in *iam.UpdateAccessKeyInput) (*iam.UpdateAccessKeyOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		k, err := ownKey(ctx, tx, in.UserName, in.AccessKeyId)
		if err != nil {
			return err
		}
		k.Value.Inactive = in.Status != types.StatusTypeActive
		return accessKeys.Put(tx, k)
	})
	return &iam.UpdateAccessKeyOutput{}, err
}

// DeleteAccessKey removes a key.
func (s *Service) DeleteAccessKey(ctx context.Context, in *iam.DeleteAccessKeyInput) (*iam.DeleteAccessKeyOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		k, err := ownKey(ctx, tx, in.UserName, in.AccessKeyId)
		if err != nil {
			return err
		}
		return accessKeys.Delete(tx, k.ID)
	})
	return &iam.DeleteAccessKeyOutput{}, err
}

// A use is the last time that a key signed a call.
type use struct {
	at              time.Time
	service, region string
}

// Used notes that a key signed a call of a service.
func (s *Service) Used(accessKeyID string, at time.Time, service, region string) {
	if strings.HasPrefix(accessKeyID, accesskey.User) {
		s.uses.Store(accessKeyID, use{at.UTC().Truncate(time.Second), service, region})
	}
}

// GetAccessKeyLastUsed tells whose a key is and when it was last used.
//
// Unlike AWS, only calls of APIs with AWS_IAM authorization count, and a restart forgets them.
func (s *Service) GetAccessKeyLastUsed(ctx context.Context, in *iam.GetAccessKeyLastUsedInput) (*iam.GetAccessKeyLastUsedOutput, error) {
	out := &iam.GetAccessKeyLastUsedOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		k, err := accessKeys.Get(tx, aws.ToString(in.AccessKeyId))
		if err != nil {
			return missing(err, "The Access Key with id %s cannot be found.", aws.ToString(in.AccessKeyId))
		}
		u, err := users.Get(tx, k.Value.UserID)
		out.UserName = &u.Value.Name
		return err
	})
	if err != nil {
		return nil, err
	}
	last := use{service: "N/A", region: "N/A"}
	if v, ok := s.uses.Load(aws.ToString(in.AccessKeyId)); ok {
		last = v.(use)
	}
	out.AccessKeyLastUsed = &types.AccessKeyLastUsed{Region: &last.region, ServiceName: &last.service}
	if cmp.Compare(last.at.Unix(), 0) > 0 {
		out.AccessKeyLastUsed.LastUsedDate = &last.at
	}
	return out, nil
}
