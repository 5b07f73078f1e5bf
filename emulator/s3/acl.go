package s3

import (
	"encoding/xml"
	"slices"
	"strings"

	"postern/emulator/store"
)

// An acl is who may do what with a bucket or an object. Unlike AWS, nobody looks at it.
type acl struct {
	Canned   string `json:",omitempty"`
	Document string `json:",omitempty"` // instead, as it was sent
}

var cannedACLs = [...]string{"private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"}

// headerACL reads the ACL of a request's headers. Nil is none, and those that say what is so anyway.
func (c *call) headerACL() (*acl, error) {
	for name := range c.r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-grant-") {
			return nil, notImplemented("grants in headers (" + lower + ")")
		}
	}
	name := c.header("x-amz-acl")
	if name == "" || name == "private" || name == "bucket-owner-full-control" {
		return nil, nil
	}
	if !slices.Contains(cannedACLs[:], name) {
		return nil, invalidArgument("", text("ArgumentName", "x-amz-acl"), text("ArgumentValue", name))
	}
	return &acl{Canned: name}, nil
}

// allowsACL refuses ACLs in buckets whose owner owns all that is in them, which new ones are.
func allowsACL(b bucket, a *acl) error {
	if a == nil || ownershipOf(b.Configurations["ownershipControls"]) != "BucketOwnerEnforced" {
		return nil
	}
	return &Error{Status: 400, Code: "AccessControlListNotSupported", Message: "The bucket does not allow ACLs"}
}

// readACL is the ACL that a request puts: a canned one, or a document.
func (c *call) readACL() (*acl, error) {
	data, err := c.readAll()
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return c.headerACL()
	}
	if rootOf(data) != "AccessControlPolicy" {
		return nil, &Error{Status: 400, Code: "MalformedACLError", Message: "The XML you provided was not well-formed or did not validate against our published schema"}
	}
	return &acl{Document: string(data)}, nil
}

type grantee struct {
	Space string `xml:"xmlns:xsi,attr"`
	Type  string `xml:"xsi:type,attr"`
	ID    string `xml:",omitempty"`
	URI   string `xml:",omitempty"`
}

type grant struct {
	Grantee    grantee
	Permission string
}

// writeACL answers with an ACL.
func (c *call) writeACL(a *acl, account string) error {
	if a != nil && a.Document != "" {
		c.w.Header().Set("Content-Type", "application/xml")
		c.w.Write([]byte(a.Document))
		return nil
	}
	const xsi = "http://www.w3.org/2001/XMLSchema-instance"
	who := ownerOf(account)
	grants := []grant{{grantee{xsi, "CanonicalUser", who.ID, ""}, "FULL_CONTROL"}}
	if a != nil {
		all := grantee{xsi, "Group", "", "http://acs.amazonaws.com/groups/global/AllUsers"}
		switch a.Canned {
		case "public-read":
			grants = append(grants, grant{all, "READ"})
		case "public-read-write":
			grants = append(grants, grant{all, "READ"}, grant{all, "WRITE"})
		case "authenticated-read":
			all.URI = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
			grants = append(grants, grant{all, "READ"})
		case "log-delivery-write":
			all.URI = "http://acs.amazonaws.com/groups/s3/LogDelivery"
			grants = append(grants, grant{all, "WRITE"}, grant{all, "READ_ACP"})
		}
	}
	return c.answer(struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ AccessControlPolicy"`
		Owner   owner
		Grants  []grant `xml:"AccessControlList>Grant"`
	}{Owner: who, Grants: grants})
}

func (c *call) getBucketACL() error {
	return c.view(func(_ *store.Tx, b bucket) error { return c.writeACL(b.ACL, b.Account) })
}

func (c *call) putBucketACL() error {
	a, err := c.readACL()
	if err != nil {
		return err
	}
	return c.done(c.change(func(b *bucket) error {
		b.ACL = a
		return allowsACL(*b, a)
	}))
}

func (c *call) getObjectACL() error {
	return c.view(func(tx *store.Tx, b bucket) error {
		o, err := c.readVersion(tx, b)
		if err != nil {
			return err
		}
		return c.writeACL(o.Value.ACL, b.Account)
	})
}

func (c *call) putObjectACL() error {
	a, err := c.readACL()
	if err != nil {
		return err
	}
	return c.done(c.changeObject(func(b bucket, o *object) error {
		o.ACL = a
		return allowsACL(b, a)
	}))
}
