package iam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	rules "postern/apigw/policy"
	"postern/emulator/accesskey"
	"postern/emulator/store"
)

// An Identity is a user or a role with all that decides what it may, ready to be asked. It is
// immutable.
type Identity struct {
	AccountID, ARN, ID, Name string

	Secret   string // of the access key that it was found by
	Inactive bool   // that key is

	policies rules.Set
	boundary *rules.Document
	bounded  bool
	trust    *rules.Document // of a role
	session  *rules.Set      // that limits a session further, nil for none
}

// Decide is what the identity's own policies say, within its permissions boundary.
func (i *Identity) Decide(r *rules.Request) rules.Decision {
	d := i.policies.Evaluate(r)
	if i.bounded {
		d = d.Bound(i.boundary.Evaluate(r))
	}
	if i.session != nil {
		d = d.Bound(i.session.Evaluate(r))
	}
	return d
}

// Trusts is what a role's trust policy says of who would assume it.
func (i *Identity) Trusts(r *rules.Request) rules.Decision { return i.trust.Evaluate(r) }

// maxRemembered bounds how many identities are kept in memory.
const maxRemembered = 10000

// remember finds an identity in memory, or reads it. What is read before a change is not kept
// after it. load returns nil for what is not there, which is not remembered.
func (s *Service) remember(key string, load func() (*Identity, error)) (*Identity, error) {
	s.mu.RLock()
	i, generation := s.identities[key], s.generation
	s.mu.RUnlock()
	if i != nil {
		return i, nil
	}
	i, err := load()
	if err != nil || i == nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation == generation {
		if s.identities == nil || len(s.identities) >= maxRemembered {
			s.identities = map[string]*Identity{}
		}
		s.identities[key] = i
	}
	return i, nil
}

// Forget makes the next call read its caller's policies anew: something has changed.
func (s *Service) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	s.identities = nil
}

// Key finds the user of an access key, nil if no user has it.
func (s *Service) Key(ctx context.Context, accessKeyID string) (*Identity, error) {
	account, ok := accesskey.Account(accessKeyID)
	if !ok || !strings.HasPrefix(accessKeyID, accesskey.User) {
		return nil, nil
	}
	return s.remember(accessKeyID, func() (i *Identity, err error) {
		err = s.store.View(ctx, store.Scope{Account: account, Region: Region}, func(tx *store.Tx) error {
			k, err := accessKeys.Get(tx, accessKeyID)
			if err != nil {
				return ignoreMissing(err)
			}
			i, err = s.userIdentity(tx, k.Value)
			return err
		})
		return i, err
	})
}

// Account is the account of a user's access key, "" for keys that no user has.
func (s *Service) Account(ctx context.Context, accessKeyID string) string {
	if i, err := s.Key(ctx, accessKeyID); err == nil && i != nil {
		return i.AccountID
	}
	return ""
}

func (s *Service) userIdentity(tx *store.Tx, k accessKey) (*Identity, error) {
	u, err := users.Get(tx, k.UserID)
	if err != nil {
		return nil, err
	}
	i := &Identity{
		AccountID: tx.Scope().Account, ARN: userARN(tx.Scope().Account, u.Value), ID: u.ID, Name: u.Value.Name,
		Secret: k.Secret, Inactive: k.Inactive,
	}
	owners := []owner{users.owner(u)}
	memberOf, err := groupsOf(tx, u.ID)
	for _, g := range memberOf {
		owners = append(owners, groups.owner(g))
	}
	if err != nil {
		return nil, err
	}
	return i, s.permissions(tx, i, owners, u.Value.Boundary)
}

// Role finds a role by its account and name, nil if there is none.
func (s *Service) Role(ctx context.Context, account, name string) (*Identity, error) {
	return s.remember("role "+account+"/"+strings.ToLower(name), func() (i *Identity, err error) {
		err = s.store.View(ctx, store.Scope{Account: account, Region: Region}, func(tx *store.Tx) error {
			r, err := roles.Get(tx, strings.ToLower(name))
			if err != nil {
				return ignoreMissing(err)
			}
			i, err = s.roleIdentity(tx, r)
			return err
		})
		return i, err
	})
}

func (s *Service) roleIdentity(tx *store.Tx, r store.Document[role]) (*Identity, error) {
	account := tx.Scope().Account
	i := &Identity{
		AccountID: account, ARN: roleARN(account, r.Value.Path, r.Value.Name), ID: r.Value.ID, Name: r.Value.Name,
	}
	var err error
	if i.trust, err = rules.Parse([]byte(r.Value.Trust)); err != nil {
		return nil, fmt.Errorf("trust policy of role %s: %w", i.ARN, err)
	}
	return i, s.permissions(tx, i, []owner{roles.owner(r)}, r.Value.Boundary)
}

// permissions reads the policies of owners and the boundary into i.
func (s *Service) permissions(tx *store.Tx, i *Identity, owners []owner, boundary *string) error {
	documents := map[string]string{}
	for _, o := range owners {
		inline, err := o.inlines.List(tx, store.Query{Parent: o.ref})
		if err != nil {
			return err
		}
		for _, p := range inline.Documents {
			documents[p.ID] = p.Value.Document
		}
		attached, err := o.attachments.List(tx, store.Query{Parent: o.ref})
		if err != nil {
			return err
		}
		for _, a := range attached.Documents {
			if documents[a.Value.ARN], err = s.documentOf(tx, a.Value.ARN); err != nil {
				return err
			}
		}
	}
	for name, text := range documents {
		d, err := rules.Parse([]byte(text))
		if err != nil {
			return fmt.Errorf("%s of %s: %w", name, i.ARN, err)
		}
		i.policies = append(i.policies, d)
	}
	if boundary == nil {
		return nil
	}
	text, err := s.documentOf(tx, *boundary)
	if err != nil {
		return err
	}
	i.bounded = true
	i.boundary, err = rules.Parse([]byte(text))
	return err
}

const allowsNothing = `{"Version":"2012-10-17","Statement":[]}`

// documentOf is the version in force of a policy. Policies of AWS's that Postern does not have
// can be attached; they allow nothing, and the log says so.
func (s *Service) documentOf(tx *store.Tx, arn string) (string, error) {
	p, err := getPolicy(tx, &arn)
	if err != nil {
		var none *types.NoSuchEntityException
		if !errors.As(err, &none) {
			return "", err
		}
		s.logger.Warn("policy cannot be evaluated: Postern has no text of it, so that it allows nothing", "policy", arn)
		return allowsNothing, nil
	}
	at, err := p.Value.find(&p.Value.Default)
	if err != nil {
		return "", err
	}
	return p.Value.Versions[at].Document, nil
}

// A SessionKey is what a session of a role is known by here.
type SessionKey struct {
	AccessKeyID, AccountID, Role string
	Policies, PolicyARNs         []string // that limit the session: texts, and ARNs of managed ones
}

// Session is a role as a session of it: limited by the session's own policies. A role that is not
// there has no policies, so that its sessions may do nothing.
func (s *Service) Session(ctx context.Context, k SessionKey) (*Identity, error) {
	return s.remember("session "+k.AccessKeyID, func() (i *Identity, err error) {
		err = s.store.View(ctx, store.Scope{Account: k.AccountID, Region: Region}, func(tx *store.Tx) error {
			i = &Identity{AccountID: k.AccountID}
			r, err := roles.Get(tx, strings.ToLower(k.Role))
			if err == nil {
				i, err = s.roleIdentity(tx, r)
			}
			if err := ignoreMissing(err); err != nil {
				return err
			}
			return s.limit(tx, i, k)
		})
		return i, err
	})
}

func (s *Service) limit(tx *store.Tx, i *Identity, k SessionKey) error {
	texts := slices.Clone(k.Policies)
	for _, arn := range k.PolicyARNs {
		text, err := s.documentOf(tx, arn)
		if err != nil {
			return err
		}
		texts = append(texts, text)
	}
	if len(texts) == 0 {
		return nil
	}
	i.session = &rules.Set{}
	for _, text := range texts {
		d, err := rules.Parse([]byte(text))
		if err != nil {
			return fmt.Errorf("policy of a session of %s: %w", k.Role, err)
		}
		*i.session = append(*i.session, d)
	}
	return nil
}
