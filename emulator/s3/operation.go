package s3

import "net/http"

// A level is what a path names.
type level string

const (
	service  level = "service" // /
	ofBucket level = "bucket"  // /{bucket}
	ofObject level = "object"  // /{bucket}/{key}
)

// An operation is what a method does at a level, if the request has a query parameter, or a header.
type operation struct {
	name   string
	method string
	at     level
	query  string // "" for none
	header string
	run    func(*call) error
}

// operations lists what there is. Of those that a request fits, the first counts.
func operations() []operation {
	const get, head, put, post, del = http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodDelete
	all := []operation{
		{"ListBuckets", get, service, "", "", (*call).listBuckets},

		{"GetBucketLocation", get, ofBucket, "location", "", (*call).getBucketLocation},
		{"GetBucketVersioning", get, ofBucket, "versioning", "", (*call).getBucketVersioning},
		{"PutBucketVersioning", put, ofBucket, "versioning", "", (*call).putBucketVersioning},
		{"GetBucketTagging", get, ofBucket, "tagging", "", (*call).getBucketTagging},
		{"PutBucketTagging", put, ofBucket, "tagging", "", (*call).putBucketTagging},
		{"DeleteBucketTagging", del, ofBucket, "tagging", "", (*call).deleteBucketTagging},
		{"GetBucketAcl", get, ofBucket, "acl", "", (*call).getBucketACL},
		{"PutBucketAcl", put, ofBucket, "acl", "", (*call).putBucketACL},
		{"GetBucketPolicyStatus", get, ofBucket, "policyStatus", "", (*call).getBucketPolicyStatus},
		{"DeleteObjects", post, ofBucket, "delete", "", (*call).deleteObjects},
		{"ListMultipartUploads", get, ofBucket, "uploads", "", (*call).listMultipartUploads},
		{"ListObjectVersions", get, ofBucket, "versions", "", (*call).listObjectVersions},

		{"GetObjectTagging", get, ofObject, "tagging", "", (*call).getObjectTagging},
		{"PutObjectTagging", put, ofObject, "tagging", "", (*call).putObjectTagging},
		{"DeleteObjectTagging", del, ofObject, "tagging", "", (*call).deleteObjectTagging},
		{"GetObjectAcl", get, ofObject, "acl", "", (*call).getObjectACL},
		{"PutObjectAcl", put, ofObject, "acl", "", (*call).putObjectACL},
		{"GetObjectAttributes", get, ofObject, "attributes", "", (*call).getObjectAttributes},
		{"CreateMultipartUpload", post, ofObject, "uploads", "", (*call).createMultipartUpload},
		{"UploadPartCopy", put, ofObject, "uploadId", "x-amz-copy-source", (*call).uploadPartCopy},
		{"UploadPart", put, ofObject, "uploadId", "", (*call).uploadPart},
		{"ListParts", get, ofObject, "uploadId", "", (*call).listParts},
		{"CompleteMultipartUpload", post, ofObject, "uploadId", "", (*call).completeMultipartUpload},
		{"AbortMultipartUpload", del, ofObject, "uploadId", "", (*call).abortMultipartUpload},
	}
	for _, c := range configurations() {
		all = append(all, c.operations()...)
	}
	return append(all, []operation{
		{"ListObjectsV2", get, ofBucket, "list-type", "", (*call).listObjectsV2},
		{"ListObjects", get, ofBucket, "", "", (*call).listObjects},
		{"CreateBucket", put, ofBucket, "", "", (*call).createBucket},
		{"HeadBucket", head, ofBucket, "", "", (*call).headBucket},
		{"DeleteBucket", del, ofBucket, "", "", (*call).deleteBucket},

		{"GetObject", get, ofObject, "", "", (*call).getObject},
		{"HeadObject", head, ofObject, "", "", (*call).headObject},
		{"CopyObject", put, ofObject, "", "x-amz-copy-source", (*call).copyObject},
		{"PutObject", put, ofObject, "", "", (*call).putObject},
		{"DeleteObject", del, ofObject, "", "", (*call).deleteObject},
	}...)
}

// Operations are the names of what is served.
func Operations() (names []string) {
	for _, o := range operations() {
		names = append(names, o.name)
	}
	return names
}

func (c *call) level() level {
	switch {
	case c.bucket == "":
		return service
	case c.key == "":
		return ofBucket
	}
	return ofObject
}

// find picks the operation.
func (c *call) find() (operation, error) {
	at := c.level()
	if what, ok := unsupported(c, at); ok {
		return operation{}, notImplemented(what)
	}
	for _, o := range c.operations[c.r.Method+string(at)] {
		if (o.query == "" || c.has(o.query)) && (o.header == "" || c.header(o.header) != "") {
			return o, nil
		}
	}
	return operation{}, methodNotAllowed(c.r.Method, map[level]string{service: "SERVICE", ofBucket: "BUCKET", ofObject: "OBJECT"}[at])
}
