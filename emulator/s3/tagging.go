package s3

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"unicode/utf8"

	"postern/emulator/store"
)

type tag struct{ Key, Value string }

type tagSet struct {
	Tags []tag `xml:"Tag"`
}

// A tagging is the document about tags.
type tagging struct {
	XMLName xml.Name `xml:"Tagging"`
	Set     tagSet   `xml:"TagSet"`
}

// How many tags there may be (PutBucketTagging, PutObjectTagging).
const (
	maxBucketTags = 50
	maxObjectTags = 10
)

func checkTags(tags []tag, limit int) error {
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.Key == "" || utf8.RuneCountInString(t.Key) > 128:
			return &Error{Status: 400, Code: "InvalidTag", Message: "The TagKey you have provided is invalid"}
		case utf8.RuneCountInString(t.Value) > 256:
			return &Error{Status: 400, Code: "InvalidTag", Message: "The TagValue you have provided is invalid"}
		case seen[t.Key]:
			return &Error{Status: 400, Code: "InvalidTag", Message: "Cannot provide multiple Tags with the same key"}
		}
		seen[t.Key] = true
	}
	if len(tags) > limit && limit == maxObjectTags {
		return &Error{Status: 400, Code: "BadRequest", Message: "Object tags cannot be greater than 10"}
	}
	if len(tags) > limit {
		return &Error{Status: 400, Code: "BadRequest", Message: "Bucket tag count cannot be greater than 50"}
	}
	return nil
}

func (c *call) readTags(limit int) ([]tag, error) {
	var in tagging
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return in.Set.Tags, checkTags(in.Set.Tags, limit)
}

// headerTags are those of x-amz-tagging.
func (c *call) headerTags() (tags []tag, err error) {
	values, err := url.ParseQuery(c.header("x-amz-tagging"))
	if err != nil {
		return nil, invalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
	}
	for _, name := range sortedKeys(values) {
		if len(values[name]) > 1 {
			return nil, invalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		tags = append(tags, tag{name, values.Get(name)})
	}
	return tags, checkTags(tags, maxObjectTags)
}

func (c *call) writeTags(tags []tag) error {
	return c.answer(struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Tagging"`
		Set     tagSet   `xml:"TagSet"`
	}{Set: tagSet{tags}})
}

func (c *call) getBucketTagging() error {
	return c.view(func(_ *store.Tx, b bucket) error {
		if len(b.Tags) == 0 {
			return &Error{404, "NoSuchTagSet", "The TagSet does not exist", []element{text("BucketName", c.bucket)}}
		}
		return c.writeTags(b.Tags)
	})
}

func (c *call) putBucketTagging() error {
	tags, err := c.readTags(maxBucketTags)
	if err != nil {
		return err
	}
	return c.retag(tags)
}

func (c *call) deleteBucketTagging() error { return c.retag(nil) }

func (c *call) retag(tags []tag) error {
	err := c.change(func(b *bucket) error {
		b.Tags = tags
		return nil
	})
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func (c *call) getObjectTagging() error {
	return c.view(func(tx *store.Tx, b bucket) error {
		o, err := c.readVersion(tx, b)
		if err != nil {
			return err
		}
		return c.writeTags(o.Value.Tags)
	})
}

func (c *call) putObjectTagging() error {
	tags, err := c.readTags(maxObjectTags)
	if err != nil {
		return err
	}
	return c.done(c.retagObject(tags))
}

func (c *call) deleteObjectTagging() error {
	err := c.retagObject(nil)
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func (c *call) retagObject(tags []tag) error {
	return c.changeObject(func(_ bucket, o *object) error {
		o.Tags = tags
		return nil
	})
}
