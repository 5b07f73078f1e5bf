package iam

import (
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
)

// An owner is what may have policies: a role, a user or a group.
type owner struct {
	ref         *store.Ref
	word        string // "role"
	name        string
	inlines     store.Kind[inline]
	attachments store.Kind[attachment]
}

// An inline is a policy that is part of its owner. Its id is "owner/name".
type inline struct{ Name, Document string }

// An attachment is a policy that an owner has. Its id is "owner/ARN".
type attachment struct {
	Owner string `json:"Role"` // roles were the first
	ARN   string
}

// checkInline checks an inline policy before it is put.
func checkInline(name, document *string) error {
	var c checks
	c.name("policyName", name, 128)
	if err := c.err(); err != nil {
		return err
	}
	return checkPolicy(aws.ToString(document))
}

func (o owner) id(name string) string { return o.ref.ID + "/" + name }

func (o owner) put(tx *store.Tx, name, document string) error {
	return o.inlines.Put(tx, store.Document[inline]{ID: o.id(name), Parent: o.ref, Name: name, Value: inline{name, document}})
}

func (o owner) get(tx *store.Tx, name *string) (inline, error) {
	p, err := o.inlines.Get(tx, o.id(aws.ToString(name)))
	return p.Value, o.noPolicy(err, name)
}

func (o owner) remove(tx *store.Tx, name *string) error {
	return o.noPolicy(o.inlines.Delete(tx, o.id(aws.ToString(name))), name)
}

func (o owner) noPolicy(err error, name *string) error {
	return missing(err, "The %s policy with name %s cannot be found.", o.word, aws.ToString(name))
}

// names is a page of the names of the inline policies.
func (o owner) names(tx *store.Tx, marker *string, maxItems *int32) (part []string, next *string, truncated bool, err error) {
	all, err := o.inlines.List(tx, store.Query{Parent: o.ref})
	if err != nil {
		return nil, nil, false, err
	}
	names := []string{}
	for _, p := range all.Documents {
		names = append(names, p.Value.Name)
	}
	return page(names, func(n string) string { return n }, marker, maxItems)
}

// maxAttached is AWS's quota of managed policies for one identity.
const maxAttached = 10

// attach gives a policy of the account or of AWS to the owner, which may have it already.
func (o owner) attach(tx *store.Tx, arn string) error {
	if !managedPattern.MatchString(arn) {
		if _, err := policies.Get(tx, arn); err != nil {
			return missing(err, "Policy %s does not exist or is not attachable.", arn)
		}
	}
	others, err := o.attachments.List(tx, store.Query{Parent: o.ref})
	if err != nil {
		return err
	}
	n := len(others.Documents)
	for _, a := range others.Documents {
		if a.Value.ARN == arn {
			n--
		}
	}
	if n >= maxAttached {
		return limitExceeded("Cannot exceed quota for PoliciesPer" + title(o.word) + ": 10")
	}
	return o.attachments.Put(tx, store.Document[attachment]{ID: o.id(arn), Parent: o.ref, Name: arn, Value: attachment{o.name, arn}})
}

func (o owner) detach(tx *store.Tx, arn string) error {
	return missing(o.attachments.Delete(tx, o.id(arn)), "Policy %s was not found.", arn)
}

// attached is a page of the policies that were attached.
func (o owner) attached(tx *store.Tx, prefix, marker *string, maxItems *int32) (part []types.AttachedPolicy, next *string, truncated bool, err error) {
	all, err := o.attachments.List(tx, store.Query{Parent: o.ref})
	if err != nil {
		return nil, nil, false, err
	}
	found := []types.AttachedPolicy{}
	for _, a := range all.Documents {
		if strings.HasPrefix(arnPath(a.Value.ARN), aws.ToString(prefix)) {
			found = append(found, types.AttachedPolicy{PolicyArn: &a.Value.ARN, PolicyName: aws.String(path.Base(a.Value.ARN))})
		}
	}
	return page(found, func(p types.AttachedPolicy) string { return *p.PolicyArn }, marker, maxItems)
}

// arnPath is the path in the ARN of a policy: "/service-role/".
func arnPath(arn string) string {
	_, p, _ := strings.Cut(arn, ":policy")
	return strings.TrimSuffix(p, path.Base(p))
}

// policyless refuses to delete an owner that has policies.
func (o owner) policyless(tx *store.Tx) error {
	attached, err := o.attachments.Count(tx, store.Query{Parent: o.ref})
	if err != nil {
		return err
	}
	inline, err := o.inlines.Count(tx, store.Query{Parent: o.ref})
	switch {
	case err != nil:
		return err
	case attached > 0:
		return conflict("Cannot delete entity, must detach all policies first.")
	case inline > 0:
		return conflict("Cannot delete entity, must delete policies first.")
	}
	return nil
}
