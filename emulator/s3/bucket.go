package s3

import (
	"encoding/xml"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"postern/emulator/store"
)

// Kinds of documents. Uploads are children of buckets.
var (
	buckets = store.Kind[bucket]{Service: "s3", Name: "bucket"}
	uploads = store.Kind[upload]{Service: "s3", Name: "upload"}
	objects = store.Objects[object]{Service: "s3", Bucket: "bucket", Upload: "upload"}
)

// A bucket is what there is to know of one besides what is in it. It lives in the scope of its account and region.
type bucket struct {
	Account, Region string
	Versioning      string            `json:",omitempty"` // Enabled, Suspended, or "" where it never was
	Tags            []tag             `json:",omitempty"`
	ACL             *acl              `json:",omitempty"`
	Configurations  map[string]string `json:",omitempty"` // documents as they were sent, by query parameter
}

// findBucket reads a bucket, whosever it is, and looks at its scope from then on.
func findBucket(tx *store.Tx, name string) (*store.Tx, bucket, error) {
	there, d, err := buckets.Anywhere(tx, name)
	return there, d.Value, found(err, noSuchBucket(name))
}

// view reads in the bucket of the call.
func (c *call) view(fn func(tx *store.Tx, b bucket) error) error {
	return c.o.Store.View(c.r.Context(), store.Scope{}, func(tx *store.Tx) error {
		tx, b, err := findBucket(tx, c.bucket)
		if err != nil {
			return err
		}
		return fn(tx, b)
	})
}

// update writes in the bucket of the call.
func (c *call) update(fn func(tx *store.Tx, b bucket) error) error {
	return c.o.Store.Update(c.r.Context(), store.Scope{}, func(tx *store.Tx) error {
		tx, b, err := findBucket(tx, c.bucket)
		if err != nil {
			return err
		}
		return fn(tx, b)
	})
}

// change writes the bucket of the call itself.
func (c *call) change(fn func(b *bucket) error) error {
	return c.update(func(tx *store.Tx, b bucket) error {
		if err := fn(&b); err != nil {
			return err
		}
		return buckets.Put(tx, store.Document[bucket]{ID: c.bucket, Name: c.bucket, Value: b})
	})
}

func (c *call) listBuckets() error {
	var all []store.Document[bucket]
	err := c.o.Store.View(c.r.Context(), store.Scope{}, func(tx *store.Tx) (err error) {
		all, err = buckets.InAllRegions(tx, c.account)
		return err
	})
	if err != nil {
		return err
	}
	type entry struct {
		Name         string
		CreationDate string
		BucketRegion string `xml:",omitempty"`
	}
	limit, err := c.count("max-buckets", 10000, 10000)
	if err != nil {
		return err
	}
	out := struct {
		XMLName           xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
		Owner             owner
		Buckets           []entry `xml:"Buckets>Bucket"`
		ContinuationToken string  `xml:",omitempty"`
		Prefix            string  `xml:",omitempty"`
	}{Owner: ownerOf(c.account), Prefix: c.get("prefix")}
	after, err := decodeToken(c.get("continuation-token"))
	if err != nil {
		return err
	}
	for _, d := range all {
		if !strings.HasPrefix(d.ID, out.Prefix) || c.has("bucket-region") && d.Value.Region != c.get("bucket-region") || d.ID <= after && after != "" {
			continue
		}
		if len(out.Buckets) == limit {
			out.ContinuationToken = encodeToken(out.Buckets[limit-1].Name)
			break
		}
		out.Buckets = append(out.Buckets, entry{d.ID, stamp(d.Created), d.Value.Region})
	}
	return c.answer(out)
}

// createBucket makes a bucket in the region that the request names, or is for.
func (c *call) createBucket() error {
	if !isBucketName(c.bucket) {
		return &Error{400, "InvalidBucketName", "The specified bucket is not valid.", []element{text("BucketName", c.bucket)}}
	}
	region, tags, err := c.readLocation()
	if err != nil {
		return err
	}
	if c.header("x-amz-bucket-object-lock-enabled") == "true" {
		return notImplemented("object lock (x-amz-bucket-object-lock-enabled)")
	}
	b := bucket{Account: c.account, Region: region, Tags: tags, Configurations: map[string]string{}}
	if b.ACL, err = c.headerACL(); err != nil {
		return err
	}
	ownership := c.header("x-amz-object-ownership")
	if ownership == "" {
		ownership = "BucketOwnerEnforced"
	}
	if ownership != "BucketOwnerEnforced" && ownership != "BucketOwnerPreferred" && ownership != "ObjectWriter" {
		return invalidArgument("Invalid x-amz-object-ownership header: " + ownership)
	}
	b.Configurations["ownershipControls"] = ownershipDocument(ownership)
	b.Configurations["publicAccessBlock"] = blockedDocument // of new buckets since April 2023
	err = c.o.Store.Update(c.r.Context(), store.Scope{Account: c.account, Region: region}, func(tx *store.Tx) error {
		_, d, err := buckets.Anywhere(tx, c.bucket)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return buckets.Insert(tx, store.Document[bucket]{ID: c.bucket, Name: c.bucket, Value: b})
		case err != nil:
			return err
		case d.Value.Account != c.account:
			return &Error{409, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.", []element{text("BucketName", c.bucket)}}
		case d.Value.Region == "us-east-1" && region == "us-east-1":
			return nil // there S3 lets one's own bucket be created again (CreateBucket, "BucketAlreadyOwnedByYou")
		}
		return &Error{409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", []element{text("BucketName", c.bucket)}}
	})
	if err != nil {
		return err
	}
	c.w.Header().Set("Location", "/"+c.bucket)
	c.w.Header().Set("Content-Length", "0")
	c.w.WriteHeader(http.StatusOK)
	return nil
}

// readLocation is the region for a new bucket, and its tags.
func (c *call) readLocation() (string, []tag, error) {
	var in struct {
		XMLName            xml.Name `xml:"CreateBucketConfiguration"`
		LocationConstraint string
		Bucket             *struct{}
		Location           *struct{}
		Tags               tagSet
	}
	data, err := c.readAll()
	if err != nil {
		return "", nil, err
	}
	if len(data) > 0 && xml.Unmarshal(data, &in) != nil {
		return "", nil, malformedXML()
	}
	if in.Bucket != nil || in.Location != nil {
		return "", nil, notImplemented("directory buckets")
	}
	region := in.LocationConstraint
	switch {
	case region == "" && c.region == "us-east-1":
		return c.region, in.Tags.Tags, nil
	case region == "":
		return "", nil, illegalLocation("unspecified")
	case region == "EU":
		region = "eu-west-1"
	case region == "us-east-1" || !isRegion(region):
		return "", nil, &Error{400, "InvalidLocationConstraint", "The specified location-constraint is not valid", []element{text("LocationConstraint", region)}}
	}
	if c.region != "us-east-1" && c.region != region {
		return "", nil, illegalLocation(region)
	}
	return region, in.Tags.Tags, checkTags(in.Tags.Tags, maxBucketTags)
}

func illegalLocation(which string) *Error {
	return &Error{Status: 400, Code: "IllegalLocationConstraintException",
		Message: "The " + which + " location constraint is incompatible for the region specific endpoint this request was sent to."}
}

// isBucketName checks a name ("General purpose buckets naming rules", S3 User Guide).
func isBucketName(name string) bool {
	if len(name) < 3 || len(name) > 63 || strings.Contains(name, "..") || net.ParseIP(name) != nil ||
		strings.HasPrefix(name, "xn--") || strings.HasSuffix(name, "-s3alias") || strings.HasSuffix(name, "--ol-s3") {
		return false
	}
	for i, r := range name {
		alphanumeric := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		if !alphanumeric && (i == 0 || i == len(name)-1 || r != '-' && r != '.') {
			return false
		}
	}
	return true
}

func (c *call) headBucket() error {
	return c.view(func(_ *store.Tx, b bucket) error {
		c.w.Header().Set("x-amz-bucket-region", b.Region)
		c.w.Header().Set("Content-Type", "application/xml")
		c.w.WriteHeader(http.StatusOK)
		return nil
	})
}

func (c *call) deleteBucket() error {
	err := c.update(func(tx *store.Tx, _ bucket) error {
		left, err := objects.Versions(tx, c.bucket, store.ObjectQuery{Limit: 1})
		if err != nil {
			return err
		}
		if len(left) > 0 && left[0].Version == nullVersion && !left[0].Marker {
			return notEmpty(c.bucket, "The bucket you tried to delete is not empty")
		}
		if len(left) > 0 {
			return notEmpty(c.bucket, "The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
		}
		return buckets.Delete(tx, c.bucket) // with its uploads
	})
	return c.deleted(err)
}

func notEmpty(name, message string) *Error {
	return &Error{409, "BucketNotEmpty", message, []element{text("BucketName", name)}}
}

// deleted answers after something was.
func (c *call) deleted(err error) error {
	if err == nil {
		c.contents.sweep()
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// done answers with nothing.
func (c *call) done(err error) error {
	if err == nil {
		c.w.Header().Set("Content-Length", "0")
		c.w.WriteHeader(http.StatusOK)
	}
	return err
}

// getBucketLocation says nothing for us-east-1, as S3 has always done.
func (c *call) getBucketLocation() error {
	return c.view(func(_ *store.Tx, b bucket) error {
		if b.Region == "us-east-1" {
			b.Region = ""
		}
		return c.answer(struct {
			XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
			Region  string   `xml:",chardata"`
		}{Region: b.Region})
	})
}

// nullVersion is the version of what was written without versioning.
const nullVersion = "null"

func (c *call) getBucketVersioning() error {
	return c.view(func(_ *store.Tx, b bucket) error {
		return c.answer(struct {
			XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ VersioningConfiguration"`
			Status  string   `xml:",omitempty"`
		}{Status: b.Versioning})
	})
}

func (c *call) putBucketVersioning() error {
	var in struct {
		XMLName           xml.Name `xml:"VersioningConfiguration"`
		Status, MFADelete string
		MfaDelete         string
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Status != "Enabled" && in.Status != "Suspended" {
		return &Error{Status: 400, Code: "IllegalVersioningConfigurationException", Message: "The Versioning element must be specified"}
	}
	if in.MfaDelete == "Enabled" || in.MFADelete == "Enabled" {
		return notImplemented("MFA Delete")
	}
	return c.done(c.change(func(b *bucket) error {
		b.Versioning = in.Status
		return nil
	}))
}

// httpTime is a time as headers have it.
func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }
