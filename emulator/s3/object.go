package s3

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"postern/emulator/store"
)

// An object is what is said of a version's bytes.
type object struct {
	Size       int64
	ETag       string            // without quotes
	Header     map[string]string `json:",omitempty"` // Content-Type and so on, as they were sent
	Meta       map[string]string `json:",omitempty"` // x-amz-meta-, by lower-case name
	Sum        checksum
	Tags       []tag `json:",omitempty"`
	ACL        *acl  `json:",omitempty"`
	Encryption encryption
	Class      string `json:",omitempty"` // storage class, "" for STANDARD
	Parts      []part `json:",omitempty"` // of an upload in parts
}

// systemHeaders are kept with an object and answered with it.
var systemHeaders = [...]string{"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires"}

const (
	metaPrefix = "x-amz-meta-"
	maxMeta    = 2 << 10 // of names and values together ("Working with object metadata", S3 User Guide)
)

// readObject is what a request's headers say of an object.
func (c *call) readObject() (o object, err error) {
	o.Header, o.Meta = map[string]string{}, map[string]string{}
	for _, name := range systemHeaders {
		v := c.header(name)
		if name == "Content-Encoding" {
			v = withoutFraming(v)
		}
		if v != "" {
			o.Header[name] = v
		}
	}
	size := 0
	for name, values := range c.r.Header {
		if key, ok := strings.CutPrefix(strings.ToLower(name), metaPrefix); ok {
			o.Meta[key] = strings.Join(values, ",")
			size += len(key) + len(o.Meta[key])
		}
	}
	if size > maxMeta {
		return o, &Error{Status: 400, Code: "MetadataTooLarge", Message: "Your metadata headers exceed the maximum allowed metadata size"}
	}
	if o.Class, err = c.storageClass(); err != nil {
		return o, err
	}
	if o.Tags, err = c.headerTags(); err != nil {
		return o, err
	}
	o.ACL, err = c.headerACL()
	return o, err
}

// withoutFraming takes aws-chunked off, which is about the transfer alone.
func withoutFraming(encoding string) string {
	var kept []string
	for e := range strings.SplitSeq(encoding, ",") {
		if e = strings.TrimSpace(e); e != "" && e != "aws-chunked" {
			kept = append(kept, e)
		}
	}
	return strings.Join(kept, ",")
}

var storageClasses = [...]string{"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}

// storageClass is the class of a request. It changes nothing; those whose objects have to be restored are not
// here.
func (c *call) storageClass() (string, error) {
	class := c.header("x-amz-storage-class")
	switch {
	case class == "" || class == "STANDARD":
		return "", nil
	case class == "GLACIER" || class == "DEEP_ARCHIVE" || class == "SNOW" || class == "OUTPOSTS" || class == "EXPRESS_ONEZONE":
		return "", notImplemented("the storage class " + class)
	case !slices.Contains(storageClasses[:], class):
		return "", &Error{Status: 400, Code: "InvalidStorageClass", Message: "The storage class you specified is not valid"}
	}
	return class, nil
}

func (o object) class() string {
	if o.Class == "" {
		return "STANDARD"
	}
	return o.Class
}

// readVersion reads the object that a request names, or the version.
func (c *call) readVersion(tx *store.Tx, b bucket) (store.Object[object], error) {
	return c.versionOf(tx, b, c.bucket, c.key, c.get("versionId"))
}

// versionOf reads an object or a version of it. A marker is an error that headers explain.
func (c *call) versionOf(tx *store.Tx, b bucket, in, key, version string) (store.Object[object], error) {
	o, err := getVersion(tx, in, key, version)
	if err != nil {
		return o, err
	}
	h := c.w.Header()
	if o.Marker {
		h.Set("x-amz-delete-marker", "true")
		h.Set("x-amz-version-id", o.Version)
		if version == "" {
			return o, noSuchKey(key)
		}
		return o, methodNotAllowed(c.r.Method, "DeleteMarker")
	}
	return o, nil
}

func getVersion(tx *store.Tx, in, key, version string) (store.Object[object], error) {
	o, err := objects.Get(tx, in, key, version)
	switch {
	case !errors.Is(err, store.ErrNotFound):
		return o, err
	case version == "":
		return o, noSuchKey(key)
	case version != nullVersion && len(version) != versionLength:
		return o, invalidArgument("Invalid version id specified", text("ArgumentName", "versionId"), text("ArgumentValue", version))
	}
	return o, noSuchVersion(key, version)
}

// changeObject writes what is said of the object of the call.
func (c *call) changeObject(fn func(b bucket, o *object) error) error {
	return c.update(func(tx *store.Tx, b bucket) error {
		o, err := c.readVersion(tx, b)
		if err != nil {
			return err
		}
		if err := fn(b, &o.Value); err != nil {
			return err
		}
		c.setVersion(b, o.Version)
		return objects.Change(tx, o)
	})
}

// setVersion names the version in buckets that have them.
func (c *call) setVersion(b bucket, version string) {
	if b.Versioning != "" {
		c.w.Header().Set("x-amz-version-id", version)
	}
}

// setObject says in headers what there is to say of an object.
func (c *call) setObject(o store.Object[object]) {
	h, v := c.w.Header(), o.Value
	h.Set("Content-Type", "binary/octet-stream")
	for name, value := range v.Header {
		h.Set(name, value)
	}
	for name, value := range v.Meta {
		h[metaPrefix+name] = []string{value} // in lower case, as S3 has it
	}
	h.Set("ETag", quote(v.ETag))
	h.Set("Last-Modified", httpTime(o.Modified))
	h.Set("Accept-Ranges", "bytes")
	if v.Class != "" {
		h.Set("x-amz-storage-class", v.Class)
	}
	if len(v.Tags) > 0 {
		h.Set("x-amz-tagging-count", strconv.Itoa(len(v.Tags)))
	}
	c.setEncryption(v.Encryption)
	for _, name := range systemHeaders {
		if value := c.get("response-" + strings.ToLower(name)); value != "" && c.r.Method == http.MethodGet {
			h.Set(name, value)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
