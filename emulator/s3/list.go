package s3

import (
	"encoding/base64"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"

	"postern/emulator/store"
)

// maxKeys is how many entries a list has at most.
const maxKeys = 1000

// A listing is what the two versions of ListObjects have in common.
type listing struct {
	prefix, delimiter, encoding string
	limit                       int

	entries   []store.Object[object]
	prefixes  []string
	truncated bool
	last      string // name or prefix that the list ends with
}

func (c *call) readListing() (l listing, err error) {
	l.prefix, l.delimiter, l.encoding = c.get("prefix"), c.get("delimiter"), c.get("encoding-type")
	if l.encoding != "" && l.encoding != "url" {
		return l, invalidArgument("Invalid Encoding Method specified in Request", text("ArgumentName", "encoding-type"), text("ArgumentValue", l.encoding))
	}
	l.limit, err = c.count("max-keys", maxKeys, maxKeys)
	return l, err
}

// count reads a number of things that a request wants at most.
func (c *call) count(parameter string, standard, most int) (int, error) {
	if c.get(parameter) == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(c.get(parameter))
	if err != nil {
		return 0, invalidArgument("Provided "+parameter+" not an integer or within integer range", text("ArgumentName", parameter), text("ArgumentValue", c.get(parameter)))
	}
	if n < 0 {
		return 0, invalidArgument("Argument "+parameter+" must be an integer between 0 and 2147483647", text("ArgumentName", parameter), text("ArgumentValue", c.get(parameter)))
	}
	return min(n, most), nil
}

// common is the prefix under which a name is listed, "" for one that is listed itself.
func (l *listing) common(name string) string {
	if l.delimiter == "" || !strings.HasPrefix(name, l.prefix) {
		return ""
	}
	i := strings.Index(name[len(l.prefix):], l.delimiter)
	if i < 0 {
		return ""
	}
	return name[:len(l.prefix)+i+len(l.delimiter)]
}

// after is where names go on after one, or after all those below a common prefix.
func (l *listing) after(name string) string {
	if name == "" {
		return ""
	}
	if l.common(name) == name {
		return name + "\xff" // no UTF-8 text has this byte
	}
	return name + "\x00"
}

// collect lists what comes after a name. What a prefix hides is skipped where it is more than what was read.
func (l *listing) collect(tx *store.Tx, in, after string) error {
	if l.limit == 0 {
		return nil
	}
	from, prefix := l.after(after), ""
	for {
		batch := l.limit + 1 - len(l.entries) - len(l.prefixes)
		found, err := objects.Latest(tx, in, store.ObjectQuery{Prefix: l.prefix, From: from, Limit: batch})
		if err != nil {
			return err
		}
		for _, o := range found {
			p := l.common(o.Name)
			if p != "" && p == prefix {
				continue
			}
			if len(l.entries)+len(l.prefixes) == l.limit {
				l.truncated = true
				return nil
			}
			if prefix = p; p != "" {
				l.prefixes, l.last = append(l.prefixes, p), p
				continue
			}
			l.entries, l.last = append(l.entries, o), o.Name
		}
		if len(found) < batch {
			return nil
		}
		from = found[len(found)-1].Name + "\x00"
		if prefix != "" {
			from = prefix + "\xff"
		}
	}
}

// encode writes a name as the list has them.
func (l *listing) encode(name string) string {
	if l.encoding != "url" {
		return name
	}
	return strings.NewReplacer("+", "%20", "%2F", "/", "%7E", "~").Replace(url.QueryEscape(name))
}

type listEntry struct {
	Key               string
	LastModified      string
	ETag              string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              int64
	Owner             *owner
	StorageClass      string
}

type listPrefix struct{ Prefix string }

func (l *listing) contents(who *owner) (all []listEntry) {
	for _, o := range l.entries {
		all = append(all, listEntry{
			l.encode(o.Name), stamp(o.Modified), quote(o.Value.ETag), o.Value.Sum.Algorithm, o.Value.Sum.Type, o.Value.Size, who, o.Value.class(),
		})
	}
	return all
}

func (l *listing) commonPrefixes() (all []listPrefix) {
	for _, p := range l.prefixes {
		all = append(all, listPrefix{l.encode(p)})
	}
	return all
}

func (c *call) listObjects() error {
	l, err := c.readListing()
	if err != nil {
		return err
	}
	out := struct {
		XMLName        xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
		Name           string
		Prefix         string
		Marker         string
		NextMarker     string `xml:",omitempty"`
		MaxKeys        int
		Delimiter      string `xml:",omitempty"`
		EncodingType   string `xml:",omitempty"`
		IsTruncated    bool
		Contents       []listEntry
		CommonPrefixes []listPrefix
	}{Name: c.bucket, Prefix: l.encode(l.prefix), Marker: l.encode(c.get("marker")), MaxKeys: l.limit, Delimiter: l.encode(l.delimiter), EncodingType: l.encoding}
	err = c.view(func(tx *store.Tx, b bucket) error {
		if err := l.collect(tx, c.bucket, c.get("marker")); err != nil {
			return err
		}
		out.Contents, out.CommonPrefixes = l.contents(new(ownerOf(b.Account))), l.commonPrefixes()
		return nil
	})
	if err != nil {
		return err
	}
	if out.IsTruncated = l.truncated; l.truncated && l.delimiter != "" {
		out.NextMarker = l.encode(l.last) // otherwise it is the last key ("ListObjects", Amazon S3 API Reference)
	}
	return c.answer(out)
}

func (c *call) listObjectsV2() error {
	if c.get("list-type") != "2" {
		return invalidArgument("Invalid List Type specified in Request", text("ArgumentName", "list-type"), text("ArgumentValue", c.get("list-type")))
	}
	l, err := c.readListing()
	if err != nil {
		return err
	}
	after, err := decodeToken(c.get("continuation-token"))
	if err != nil || c.has("continuation-token") && after == "" {
		return invalidArgument("The continuation token provided is incorrect", text("ArgumentName", "continuation-token"))
	}
	if after == "" {
		after = c.get("start-after")
	}
	out := struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
		Name                  string
		Prefix                string
		StartAfter            string `xml:",omitempty"`
		ContinuationToken     string `xml:",omitempty"`
		NextContinuationToken string `xml:",omitempty"`
		KeyCount              int
		MaxKeys               int
		Delimiter             string `xml:",omitempty"`
		EncodingType          string `xml:",omitempty"`
		IsTruncated           bool
		Contents              []listEntry
		CommonPrefixes        []listPrefix
	}{Name: c.bucket, Prefix: l.encode(l.prefix), StartAfter: l.encode(c.get("start-after")), ContinuationToken: c.get("continuation-token"),
		MaxKeys: l.limit, Delimiter: l.encode(l.delimiter), EncodingType: l.encoding}
	err = c.view(func(tx *store.Tx, b bucket) error {
		if err := l.collect(tx, c.bucket, after); err != nil {
			return err
		}
		var who *owner
		if c.get("fetch-owner") == "true" {
			who = new(ownerOf(b.Account))
		}
		out.Contents, out.CommonPrefixes = l.contents(who), l.commonPrefixes()
		return nil
	})
	if err != nil {
		return err
	}
	out.KeyCount = len(l.entries) + len(l.prefixes)
	if out.IsTruncated = l.truncated; l.truncated {
		out.NextContinuationToken = encodeToken(l.last)
	}
	return c.answer(out)
}

// Tokens hold the name that a list goes on after, so that they mean the same after it is gone.
func encodeToken(name string) string { return base64.URLEncoding.EncodeToString([]byte(name)) }

func decodeToken(token string) (string, error) {
	name, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return "", invalidArgument("The continuation token provided is incorrect", text("ArgumentName", "continuation-token"))
	}
	return string(name), nil
}
