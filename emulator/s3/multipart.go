package s3

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"

	"postern/emulator/store"
)

// Limits of uploads in parts ("Amazon S3 multipart upload limits").
const (
	maxParts = 10000
	minPart  = 5 << 20 // but for the last
)

// An upload is an object that comes in parts.
type upload struct {
	Key    string
	Object object
	Sum    checksum // what is computed; Algorithm is "" where the client named none
}

// A part is what is said of one's bytes.
type part struct {
	Number int
	Size   int64
	ETag   string `json:",omitempty"`
	Sum    checksum
}

func (c *call) createMultipartUpload() error {
	o, err := c.readObject()
	if err != nil {
		return err
	}
	sum, err := c.readChecksumType()
	if err != nil {
		return err
	}
	id := ""
	err = c.update(func(tx *store.Tx, b bucket) (err error) {
		if err := allowsACL(b, o.ACL); err != nil {
			return err
		}
		if o.Encryption, err = c.encryptionOf(b); err != nil {
			return err
		}
		id = tx.Token(64, versionAlphabet)
		return uploads.Insert(tx, store.Document[upload]{ID: id, Name: c.key, Parent: &store.Ref{Kind: "bucket", ID: c.bucket}, Value: upload{c.key, o, sum}})
	})
	if err != nil {
		return err
	}
	c.setEncryption(o.Encryption)
	if sum.Algorithm != "" {
		c.w.Header().Set("x-amz-checksum-algorithm", sum.Algorithm)
		c.w.Header().Set("x-amz-checksum-type", sum.Type)
	}
	return c.answer(struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string
	}{Bucket: c.bucket, Key: c.key, UploadId: id})
}

// readChecksumType is how the checksum of an upload is made: of the whole for CRC64NVME, else of those of the parts unless
// the request wants the other ("Checking object integrity", S3 User Guide).
func (c *call) readChecksumType() (sum checksum, err error) {
	sum.Algorithm, sum.Type = strings.ToUpper(c.header("x-amz-checksum-algorithm")), c.header("x-amz-checksum-type")
	if sum.Algorithm == "" {
		sum.Type = fullObject
		return sum, nil
	}
	if _, err := newHash(sum.Algorithm); err != nil {
		return sum, err
	}
	whole := sum.Algorithm == "CRC64NVME"
	switch {
	case sum.Type == "" && whole:
		sum.Type = fullObject
	case sum.Type == "":
		sum.Type = composite
	case sum.Type == composite && whole, sum.Type == fullObject && strings.HasPrefix(sum.Algorithm, "SHA"):
		return sum, invalidRequest("The " + sum.Type + " checksum type cannot be used with the " + strings.ToLower(sum.Algorithm) + " checksum algorithm.")
	case sum.Type != composite && sum.Type != fullObject:
		return sum, invalidRequest("Value for x-amz-checksum-type header is invalid.")
	}
	return sum, nil
}

// findUpload reads the upload of the call.
func (c *call) findUpload(tx *store.Tx) (upload, error) {
	d, err := uploads.Get(tx, c.get("uploadId"))
	if err == nil && (d.Value.Key != c.key || d.Parent == nil || d.Parent.ID != c.bucket) {
		err = store.ErrNotFound
	}
	return d.Value, found(err, &Error{404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
		[]element{text("UploadId", c.get("uploadId"))}})
}

// begunUpload is the upload and the number of the part.
func (c *call) begunUpload() (u upload, number int, err error) {
	number, err = strconv.Atoi(c.get("partNumber"))
	if err != nil || number < 1 || number > maxParts {
		return u, 0, invalidPartNumber(c.get("partNumber"))
	}
	err = c.view(func(tx *store.Tx, _ bucket) (err error) {
		u, err = c.findUpload(tx)
		return err
	})
	return u, number, err
}

func invalidPartNumber(value string) *Error {
	return invalidArgument("Part number must be an integer between 1 and 10000, inclusive", text("ArgumentName", "partNumber"), text("ArgumentValue", value))
}

func (c *call) uploadPart() error {
	u, number, err := c.begunUpload()
	if err != nil {
		return err
	}
	want, _, err := asked(c.r.Header)
	if err != nil {
		return err
	}
	if want.Algorithm == "" && u.Sum.Algorithm != "" {
		c.r.Header.Set("x-amz-sdk-checksum-algorithm", u.Sum.Algorithm)
	} else if u.Sum.Algorithm != "" && want.Algorithm != u.Sum.Algorithm {
		return invalidRequest("Checksum Type mismatch occurred, expected checksum Type: " + strings.ToLower(u.Sum.Algorithm) + ", actual checksum Type: " + strings.ToLower(want.Algorithm))
	}
	b, err := c.openBody()
	if err != nil {
		return err
	}
	content, err := c.receive(b)
	if err != nil {
		return err
	}
	p := part{number, b.read, b.etag(), b.want}
	if err := c.keepPart(p, content); err != nil {
		return err
	}
	c.w.Header().Set("ETag", quote(p.ETag))
	c.setEncryption(u.Object.Encryption)
	if p.Sum.Value != "" {
		c.w.Header().Set(checksumHeader(p.Sum.Algorithm), p.Sum.Value)
	}
	return c.done(nil)
}

func (c *call) keepPart(p part, content string) error {
	err := c.update(func(tx *store.Tx, _ bucket) error {
		if _, err := c.findUpload(tx); err != nil {
			return err
		}
		return objects.PutPart(tx, c.get("uploadId"), store.Part[object]{Number: p.Number, Content: content, Value: object{Size: p.Size, ETag: p.ETag, Sum: p.Sum}})
	})
	if err != nil {
		c.contents.drop(content)
		return err
	}
	c.contents.settle(content)
	c.contents.sweep()
	return nil
}

func (c *call) uploadPartCopy() error {
	u, number, err := c.begunUpload()
	if err != nil {
		return err
	}
	from, err := c.readSource()
	if err != nil {
		return err
	}
	o, b, f, err := c.openObject(from.bucket, from.key, from.version, true)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := c.checkConditions(o, "x-amz-copy-source-"); err != nil {
		return err
	}
	first, length, err := c.copyRange(o.Value.Size)
	if err != nil {
		return err
	}
	if _, err := f.Seek(first, io.SeekStart); err != nil {
		return err
	}
	in, err := newBody(io.LimitReader(f, length), u.Sum.Algorithm)
	if err != nil {
		return err
	}
	in.length = length
	content, err := c.receive(in)
	if err != nil {
		return err
	}
	p := part{number, in.read, in.etag(), in.want}
	if err := c.keepPart(p, content); err != nil {
		return err
	}
	if b.Versioning != "" {
		c.w.Header().Set("x-amz-copy-source-version-id", o.Version)
	}
	return c.answer(struct {
		XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CopyPartResult"`
		LastModified string
		ETag         string
		Sum          []element `xml:",any"`
	}{LastModified: stamp(c.o.Now()), ETag: quote(p.ETag), Sum: p.Sum.elements()})
}

func (c *call) copyRange(size int64) (first, length int64, err error) {
	raw := c.header("x-amz-copy-source-range")
	if raw == "" {
		return 0, size, nil
	}
	from, to, ok := strings.Cut(strings.TrimPrefix(raw, "bytes="), "-")
	first, ferr := strconv.ParseInt(from, 10, 64)
	last, lerr := strconv.ParseInt(to, 10, 64)
	if !ok || ferr != nil || lerr != nil || first < 0 || last < first {
		return 0, 0, invalidArgument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	}
	if last >= size {
		return 0, 0, invalidArgument("Range specified is not valid for source object of size: " + strconv.FormatInt(size, 10))
	}
	return first, last - first + 1, nil
}

// A completion is the document that ends an upload.
type completion struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Parts   []struct {
		PartNumber                                                                     int
		ETag                                                                           string
		ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 string
	} `xml:"Part"`
}

func (c *call) completeMultipartUpload() error {
	var in completion
	want, _, err := asked(c.r.Header) // of the object, not of the document
	if err != nil {
		return err
	}
	for _, a := range algorithms {
		c.r.Header.Del(checksumHeader(a))
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var u upload
	var parts []store.Part[object]
	err = c.view(func(tx *store.Tx, _ bucket) (err error) {
		if u, err = c.findUpload(tx); err != nil {
			return err
		}
		parts, err = objects.Parts(tx, c.get("uploadId"))
		return err
	})
	if err != nil {
		return err
	}
	chosen, err := choose(in, parts)
	if err != nil {
		return err
	}
	o, content, err := c.join(u, chosen)
	if err != nil {
		return err
	}
	if want.Value != "" && (want.Algorithm != o.Sum.Algorithm || want.Value != o.Sum.Value) {
		c.contents.drop(content)
		return badDigest(want.Algorithm)
	}
	if size := c.header("x-amz-mp-object-size"); size != "" && size != strconv.FormatInt(o.Size, 10) {
		c.contents.drop(content)
		return invalidRequest("The provided 'x-amz-mp-object-size' header does not match what was computed.")
	}
	if err := c.complete(&o, content); err != nil {
		return err
	}
	c.setEncryption(o.Encryption)
	return c.answer(struct {
		XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
		Location     string
		Bucket, Key  string
		ETag         string
		Sum          []element `xml:",any"`
		ChecksumType string    `xml:",omitempty"`
	}{Location: "http://" + c.r.Host + c.r.URL.EscapedPath(), Bucket: c.bucket, Key: c.key, ETag: quote(o.ETag), Sum: o.Sum.elements(), ChecksumType: o.Sum.Type})
}

// choose finds the parts that a completion names.
func choose(in completion, parts []store.Part[object]) (chosen []store.Part[object], err error) {
	if len(in.Parts) == 0 {
		return nil, malformedXML()
	}
	for i := 1; i < len(in.Parts); i++ {
		if in.Parts[i].PartNumber <= in.Parts[i-1].PartNumber {
			return nil, &Error{Status: 400, Code: "InvalidPartOrder", Message: "The list of parts was not in ascending order. Parts must be ordered by part number."}
		}
	}
	for i, named := range in.Parts {
		j := slices.IndexFunc(parts, func(p store.Part[object]) bool { return p.Number == named.PartNumber })
		if j < 0 || parts[j].Value.ETag != unquote(named.ETag) {
			return nil, invalidPart(named.PartNumber, named.ETag)
		}
		p := parts[j]
		for a, sent := range map[string]string{"CRC32": named.ChecksumCRC32, "CRC32C": named.ChecksumCRC32C, "CRC64NVME": named.ChecksumCRC64NVME, "SHA1": named.ChecksumSHA1, "SHA256": named.ChecksumSHA256} {
			if sent != "" && a == p.Value.Sum.Algorithm && sent != p.Value.Sum.Value {
				return nil, invalidPart(named.PartNumber, named.ETag)
			}
		}
		if i < len(in.Parts)-1 && p.Value.Size < minPart {
			return nil, &Error{400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", []element{
				text("ProposedSize", strconv.FormatInt(p.Value.Size, 10)), text("MinSizeAllowed", strconv.Itoa(minPart)),
				text("PartNumber", strconv.Itoa(p.Number)), text("ETag", p.Value.ETag)}}
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

func invalidPart(number int, etag string) *Error {
	return &Error{400, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
		[]element{text("PartNumber", strconv.Itoa(number)), text("ETag", unquote(etag))}}
}

// join makes one file of parts, and says of it what there is to say.
func (c *call) join(u upload, parts []store.Part[object]) (o object, content string, err error) {
	o = u.Object
	sums, etags := []byte{}, []byte{}
	var readers []io.Reader
	for _, p := range parts {
		o.Size += p.Value.Size
		o.Parts = append(o.Parts, part{Number: p.Number, Size: p.Value.Size, Sum: p.Value.Sum})
		etag, _ := hex.DecodeString(p.Value.ETag)
		sum, _ := base64.StdEncoding.DecodeString(p.Value.Sum.Value)
		etags, sums = append(etags, etag...), append(sums, sum...)
		if p.Content != "" {
			readers = append(readers, &laterFile{c: c.contents, name: p.Content})
		}
	}
	hash := md5.Sum(etags)
	o.ETag = hex.EncodeToString(hash[:]) + "-" + strconv.Itoa(len(parts))
	all, err := newBody(io.MultiReader(readers...), u.Sum.Algorithm)
	if err != nil {
		return o, "", err
	}
	all.unlimited = true
	if content, err = c.contents.write(all); err != nil {
		return o, "", err
	}
	if all.read == 0 {
		c.contents.drop(content)
		content = ""
	}
	o.Sum = checksum{all.want.Algorithm, encodeSum(all.sum), fullObject}
	if u.Sum.Type == composite {
		h, _ := newHash(u.Sum.Algorithm) // it was one when the upload began
		h.Write(sums)
		o.Sum = checksum{u.Sum.Algorithm, encodeSum(h) + "-" + strconv.Itoa(len(parts)), composite}
	}
	return o, content, nil
}

// A laterFile is opened when it is first read, and closed at its end: an upload may have ten thousand.
type laterFile struct {
	c    *contents
	name string
	f    io.ReadCloser
}

func (l *laterFile) Read(p []byte) (n int, err error) {
	if l.f == nil {
		if l.f, err = l.c.open(l.name); err != nil {
			return 0, err
		}
	}
	if n, err = l.f.Read(p); err != nil {
		l.f.Close()
	}
	return n, err
}

// complete makes an object of an upload, which ends with it.
func (c *call) complete(o *object, content string) error {
	var b bucket
	version := ""
	err := c.update(func(tx *store.Tx, in bucket) error {
		b = in
		if _, err := c.findUpload(tx); err != nil { // it may have been completed or aborted meanwhile
			return err
		}
		if err := c.checkReplaced(tx); err != nil {
			return err
		}
		version = versionFor(tx, b)
		if err := objects.Put(tx, c.bucket, store.Object[object]{Name: c.key, Version: version, Content: content, Value: *o}); err != nil {
			return err
		}
		return uploads.Delete(tx, c.get("uploadId"))
	})
	if err != nil {
		c.contents.drop(content)
		return err
	}
	c.contents.settle(content)
	c.contents.sweep()
	c.setVersion(b, version)
	return nil
}

func (c *call) abortMultipartUpload() error {
	return c.deleted(c.update(func(tx *store.Tx, _ bucket) error {
		if _, err := c.findUpload(tx); err != nil {
			return err
		}
		return uploads.Delete(tx, c.get("uploadId"))
	}))
}

func (c *call) listParts() error {
	limit, err := c.count("max-parts", maxKeys, maxKeys)
	if err != nil {
		return err
	}
	marker, err := c.count("part-number-marker", 0, maxParts)
	if err != nil {
		return err
	}
	type entry struct {
		PartNumber   int
		LastModified string
		ETag         string
		Size         int64
		Sum          []element `xml:",any"`
	}
	out := struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListPartsResult"`
		Bucket, Key, UploadId string
		Initiator, Owner      owner
		StorageClass          string
		PartNumberMarker      int
		NextPartNumberMarker  int
		MaxParts              int
		IsTruncated           bool
		ChecksumAlgorithm     string `xml:",omitempty"`
		ChecksumType          string `xml:",omitempty"`
		Part                  []entry
	}{Bucket: c.bucket, Key: c.key, UploadId: c.get("uploadId"), PartNumberMarker: marker, MaxParts: limit}
	err = c.view(func(tx *store.Tx, b bucket) error {
		u, err := c.findUpload(tx)
		if err != nil {
			return err
		}
		parts, err := objects.Parts(tx, out.UploadId)
		if err != nil {
			return err
		}
		out.Initiator, out.Owner, out.StorageClass = ownerOf(b.Account), ownerOf(b.Account), u.Object.class()
		if u.Sum.Algorithm != "" {
			out.ChecksumAlgorithm, out.ChecksumType = u.Sum.Algorithm, u.Sum.Type
		}
		for _, p := range parts {
			if p.Number <= marker {
				continue
			}
			if out.IsTruncated = len(out.Part) == limit; out.IsTruncated {
				break
			}
			out.Part = append(out.Part, entry{p.Number, stamp(p.Modified), quote(p.Value.ETag), p.Value.Size, p.Value.Sum.elements()})
			out.NextPartNumberMarker = p.Number
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.answer(out)
}

func (c *call) listMultipartUploads() error {
	l, err := c.readListing()
	if err != nil {
		return err
	}
	limit, err := c.count("max-uploads", maxKeys, maxKeys)
	if err != nil {
		return err
	}
	type entry struct {
		Key, UploadId     string
		Initiator, Owner  owner
		StorageClass      string
		Initiated         string
		ChecksumAlgorithm string `xml:",omitempty"`
		ChecksumType      string `xml:",omitempty"`
	}
	out := struct {
		XMLName            xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
		Bucket             string
		KeyMarker          string
		UploadIdMarker     string
		NextKeyMarker      string `xml:",omitempty"`
		NextUploadIdMarker string `xml:",omitempty"`
		Prefix             string
		Delimiter          string `xml:",omitempty"`
		EncodingType       string `xml:",omitempty"`
		MaxUploads         int
		IsTruncated        bool
		Upload             []entry
		CommonPrefixes     []listPrefix
	}{Bucket: c.bucket, KeyMarker: l.encode(c.get("key-marker")), UploadIdMarker: c.get("upload-id-marker"), Prefix: l.encode(l.prefix), Delimiter: l.encode(l.delimiter), EncodingType: l.encoding, MaxUploads: limit}
	err = c.view(func(tx *store.Tx, b bucket) error {
		page, err := uploads.List(tx, store.Query{Parent: &store.Ref{Kind: "bucket", ID: c.bucket}, Order: store.ByName})
		if err != nil {
			return err
		}
		for _, d := range page.Documents {
			key, marker := d.Value.Key, c.get("key-marker")
			if !strings.HasPrefix(key, l.prefix) || key < marker || key == marker && marker != "" && (out.UploadIdMarker == "" || d.ID <= out.UploadIdMarker) {
				continue
			}
			p := l.common(key)
			if p != "" && (slices.Contains(l.prefixes, p) || p <= marker) {
				continue
			}
			if out.IsTruncated = len(out.Upload)+len(l.prefixes) == limit; out.IsTruncated {
				break
			}
			if out.NextKeyMarker, out.NextUploadIdMarker = l.encode(key), d.ID; p != "" {
				l.prefixes = append(l.prefixes, p)
				out.NextKeyMarker, out.NextUploadIdMarker = l.encode(p), ""
				continue
			}
			who := ownerOf(b.Account)
			e := entry{l.encode(key), d.ID, who, who, d.Value.Object.class(), stamp(d.Created), "", ""}
			if d.Value.Sum.Algorithm != "" {
				e.ChecksumAlgorithm, e.ChecksumType = d.Value.Sum.Algorithm, d.Value.Sum.Type
			}
			out.Upload = append(out.Upload, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !out.IsTruncated {
		out.NextKeyMarker, out.NextUploadIdMarker = "", ""
	}
	out.CommonPrefixes = l.commonPrefixes()
	return c.answer(out)
}
