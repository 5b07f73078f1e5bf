package s3

import (
	"encoding/xml"
	"slices"
	"strings"

	"postern/emulator/store"
)

type attributePart struct {
	PartNumber int
	Size       int64
	Sum        []element `xml:",any"`
}

type attributeParts struct {
	PartsCount           int
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	Part                 []attributePart
}

type attributeSum struct {
	Sum          []element `xml:",any"`
	ChecksumType string
}

func (c *call) getObjectAttributes() error {
	var wanted []string
	for _, v := range c.r.Header.Values("x-amz-object-attributes") {
		for a := range strings.SplitSeq(v, ",") {
			if a = strings.TrimSpace(a); !slices.Contains([]string{"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"}, a) {
				return invalidArgument("Invalid attribute name specified.", text("ArgumentName", "x-amz-object-attributes"), text("ArgumentValue", a))
			}
			wanted = append(wanted, a)
		}
	}
	limit, err := c.attributeCount("x-amz-max-parts", maxKeys)
	if err != nil {
		return err
	}
	marker, err := c.attributeCount("x-amz-part-number-marker", 0)
	if err != nil {
		return err
	}
	var o store.Object[object]
	err = c.view(func(tx *store.Tx, b bucket) (err error) {
		if o, err = c.readVersion(tx, b); err == nil {
			c.setVersion(b, o.Version)
		}
		return err
	})
	if err != nil {
		return err
	}
	out := struct {
		XMLName      xml.Name        `xml:"http://s3.amazonaws.com/doc/2006-03-01/ GetObjectAttributesResponse"`
		ETag         string          `xml:",omitempty"`
		Checksum     *attributeSum   `xml:",omitempty"`
		ObjectParts  *attributeParts `xml:",omitempty"`
		StorageClass string          `xml:",omitempty"`
		ObjectSize   *int64          `xml:",omitempty"`
	}{}
	for _, a := range wanted {
		switch a {
		case "ETag":
			out.ETag = o.Value.ETag
		case "Checksum":
			if o.Value.Sum.Value != "" {
				out.Checksum = &attributeSum{o.Value.Sum.elements(), o.Value.Sum.Type}
			}
		case "ObjectParts":
			out.ObjectParts = partsOf(o.Value, marker, limit)
		case "StorageClass":
			out.StorageClass = o.Value.class()
		case "ObjectSize":
			out.ObjectSize = &o.Value.Size
		}
	}
	c.w.Header().Set("Last-Modified", httpTime(o.Modified))
	return c.answer(out)
}

// attributeCount is count for a header.
func (c *call) attributeCount(header string, standard int) (int, error) {
	c.query[header] = c.r.Header.Values(header)
	return c.count(header, standard, maxParts)
}

// partsOf lists parts; S3 tells their sizes only where their checksums make up that of the object.
func partsOf(o object, marker, limit int) *attributeParts {
	if len(o.Parts) == 0 {
		return nil
	}
	out := &attributeParts{PartsCount: len(o.Parts), PartNumberMarker: marker, MaxParts: limit}
	if o.Sum.Type != composite {
		return out
	}
	for _, p := range o.Parts {
		if p.Number <= marker {
			continue
		}
		if out.IsTruncated = len(out.Part) == limit; out.IsTruncated {
			break
		}
		out.Part = append(out.Part, attributePart{p.Number, p.Size, p.Sum.elements()})
		out.NextPartNumberMarker = p.Number
	}
	return out
}
