package s3

import (
	"encoding/xml"
	"errors"

	"postern/emulator/store"
)

// A removal is what became of a key.
type removal struct {
	version string // that was removed, or that of the marker
	marker  bool   // one was written, or removed
}

// remove deletes a version, or the object: in a bucket with versions a marker says so. What is not there
// is deleted all the same.
func remove(tx *store.Tx, b bucket, in, key, version string) (removal, error) {
	if version == "" && b.Versioning != "" {
		r := removal{versionFor(tx, b), true}
		return r, objects.Put(tx, in, store.Object[object]{Name: key, Version: r.version, Marker: true})
	}
	if version == "" {
		version = nullVersion
	}
	o, err := getVersion(tx, in, key, version)
	var e *Error
	if errors.As(err, &e) && e.Status == 404 {
		return removal{version: version}, nil
	}
	if err != nil {
		return removal{}, err
	}
	return removal{version, o.Marker}, objects.Delete(tx, in, o)
}

func (c *call) deleteObject() error {
	var r removal
	err := c.update(func(tx *store.Tx, b bucket) (err error) {
		if err := c.checkReplaced(tx); err != nil {
			return err
		}
		if r, err = remove(tx, b, c.bucket, c.key, c.get("versionId")); err == nil {
			c.setVersion(b, r.version)
		}
		return err
	})
	if r.marker && err == nil {
		c.w.Header().Set("x-amz-delete-marker", "true")
	}
	return c.deleted(err)
}

// maxDeletes is how many keys DeleteObjects takes.
const maxDeletes = 1000

func (c *call) deleteObjects() error {
	var in struct {
		XMLName xml.Name `xml:"Delete"`
		Quiet   bool
		Objects []struct {
			Key              string
			VersionId        string
			ETag             *string
			LastModifiedTime *string
			Size             *string
		} `xml:"Object"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if len(in.Objects) == 0 || len(in.Objects) > maxDeletes {
		return malformedXML()
	}
	type gone struct {
		Key                   string
		VersionId             string `xml:",omitempty"`
		DeleteMarker          bool   `xml:",omitempty"`
		DeleteMarkerVersionId string `xml:",omitempty"`
	}
	type failed struct{ Key, VersionId, Code, Message string }
	out := struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
		Deleted []gone
		Error   []failed
	}{}
	err := c.update(func(tx *store.Tx, b bucket) error {
		for _, o := range in.Objects {
			if o.ETag != nil || o.LastModifiedTime != nil || o.Size != nil {
				return notImplemented("DeleteObjects with conditions")
			}
			r, err := remove(tx, b, c.bucket, o.Key, o.VersionId)
			var e *Error
			switch {
			case errors.As(err, &e):
				out.Error = append(out.Error, failed{o.Key, o.VersionId, e.Code, e.Message})
				continue
			case err != nil:
				return err
			}
			g := gone{Key: o.Key, VersionId: o.VersionId, DeleteMarker: r.marker}
			if r.marker {
				g.DeleteMarkerVersionId = r.version
			}
			out.Deleted = append(out.Deleted, g)
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.contents.sweep()
	if in.Quiet {
		out.Deleted = nil
	}
	return c.answer(out)
}
