package s3

import (
	"encoding/xml"

	"postern/emulator/store"
)

type versionEntry struct {
	XMLName      xml.Name // Version or DeleteMarker
	Key          string
	VersionId    string
	IsLatest     bool
	LastModified string
	ETag         string `xml:",omitempty"`
	Size         *int64 `xml:",omitempty"`
	StorageClass string `xml:",omitempty"`
	Owner        owner
}

// listObjectVersions lists versions and markers, of each key the newest first.
func (c *call) listObjectVersions() error {
	l, err := c.readListing()
	if err != nil {
		return err
	}
	key, version := c.get("key-marker"), c.get("version-id-marker")
	if key == "" && version != "" {
		return invalidArgument("A version-id marker cannot be specified without a key marker.", text("ArgumentName", "version-id-marker"), text("ArgumentValue", version))
	}
	out := struct {
		XMLName             xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListVersionsResult"`
		Name                string
		Prefix              string
		KeyMarker           string
		VersionIdMarker     string
		NextKeyMarker       string `xml:",omitempty"`
		NextVersionIdMarker string `xml:",omitempty"`
		MaxKeys             int
		Delimiter           string `xml:",omitempty"`
		EncodingType        string `xml:",omitempty"`
		IsTruncated         bool
		Entries             []versionEntry
		CommonPrefixes      []listPrefix
	}{Name: c.bucket, Prefix: l.encode(l.prefix), KeyMarker: l.encode(key), VersionIdMarker: version, MaxKeys: l.limit, Delimiter: l.encode(l.delimiter), EncodingType: l.encoding}
	err = c.view(func(tx *store.Tx, b bucket) error {
		q := store.ObjectQuery{Prefix: l.prefix, From: l.after(key)}
		if version != "" {
			if o, err := getVersion(tx, c.bucket, key, version); err == nil {
				q.From, q.Before = key, o.Seq
			}
		}
		if err := l.collectVersions(tx, c.bucket, q); err != nil {
			return err
		}
		for _, o := range l.entries {
			e := versionEntry{XMLName: xml.Name{Local: "Version"}, Key: l.encode(o.Name), VersionId: o.Version, IsLatest: o.Latest, LastModified: stamp(o.Modified), Owner: ownerOf(b.Account)}
			if o.Marker {
				e.XMLName.Local = "DeleteMarker"
			} else {
				e.ETag, e.Size, e.StorageClass = quote(o.Value.ETag), &o.Value.Size, o.Value.class()
			}
			out.Entries = append(out.Entries, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	out.CommonPrefixes = l.commonPrefixes()
	if out.IsTruncated = l.truncated; l.truncated {
		out.NextKeyMarker = l.encode(l.last)
		if n := len(l.entries); n > 0 && l.entries[n-1].Name == l.last {
			out.NextVersionIdMarker = l.entries[n-1].Version
		}
	}
	return c.answer(out)
}

// collectVersions is collect for versions.
func (l *listing) collectVersions(tx *store.Tx, in string, q store.ObjectQuery) error {
	if l.limit == 0 {
		return nil
	}
	prefix := ""
	for {
		q.Limit = l.limit + 1 - len(l.entries) - len(l.prefixes)
		found, err := objects.Versions(tx, in, q)
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
		if len(found) < q.Limit {
			return nil
		}
		last := found[len(found)-1]
		q.From, q.Before = last.Name, last.Seq
		if prefix != "" {
			q.From, q.Before = prefix+"\xff", 0
		}
	}
}
