package s3

import (
	"net/http"
	"strings"
)

// A gap is a part of S3 that is not here, by the query parameter that asks for it.
type gap struct {
	query      string
	at         level
	operations []string
	reason     string
}

// gaps are told by name to who asks for them.
func gaps() []gap {
	crud := func(thing string) []string {
		return []string{"Get" + thing, "Put" + thing, "Delete" + thing}
	}
	return []gap{
		{"analytics", ofBucket, append(crud("BucketAnalyticsConfiguration"), "ListBucketAnalyticsConfigurations"), "analytics"},
		{"intelligent-tiering", ofBucket, append(crud("BucketIntelligentTieringConfiguration"), "ListBucketIntelligentTieringConfigurations"), "intelligent tiering"},
		{"inventory", ofBucket, append(crud("BucketInventoryConfiguration"), "ListBucketInventoryConfigurations"), "inventories"},
		{"metrics", ofBucket, append(crud("BucketMetricsConfiguration"), "ListBucketMetricsConfigurations"), "metrics"},
		{"metadataTable", ofBucket, []string{"CreateBucketMetadataTableConfiguration", "GetBucketMetadataTableConfiguration", "DeleteBucketMetadataTableConfiguration"}, "metadata tables"},
		{"metadataConfiguration", ofBucket, []string{"CreateBucketMetadataConfiguration", "GetBucketMetadataConfiguration", "DeleteBucketMetadataConfiguration"}, "metadata tables"},
		{"metadataInventoryTable", ofBucket, []string{"UpdateBucketMetadataInventoryTableConfiguration"}, "metadata tables"},
		{"metadataJournalTable", ofBucket, []string{"UpdateBucketMetadataJournalTableConfiguration"}, "metadata tables"},
		{"metadataAnnotationTable", ofBucket, []string{"UpdateBucketMetadataAnnotationTableConfiguration"}, "metadata tables"},
		{"session", ofBucket, []string{"CreateSession"}, "directory buckets"},
		{"abac", ofBucket, []string{"GetBucketAbac", "PutBucketAbac"}, "attribute-based access control"},
		{"annotation", ofObject, []string{"GetObjectAnnotation", "PutObjectAnnotation", "DeleteObjectAnnotation"}, "annotations"},
		{"annotations", ofObject, []string{"ListObjectAnnotations"}, "annotations"},
		{"legal-hold", ofObject, []string{"GetObjectLegalHold", "PutObjectLegalHold"}, "object lock"},
		{"retention", ofObject, []string{"GetObjectRetention", "PutObjectRetention"}, "object lock"},
		{"encryption", ofObject, []string{"UpdateObjectEncryption"}, "changes of an object's encryption"},
		{"renameObject", ofObject, []string{"RenameObject"}, "directory buckets"},
		{"restore", ofObject, []string{"RestoreObject"}, "archives"},
		{"select", ofObject, []string{"SelectObjectContent"}, "S3 Select"},
		{"torrent", ofObject, []string{"GetObjectTorrent"}, "torrents"},
	}
}

// unlisted are operations that no query parameter tells.
func unlisted() map[string]string {
	return map[string]string{
		"ListDirectoryBuckets":   "directory buckets",
		"WriteGetObjectResponse": "object lambdas",
	}
}

// Unsupported says of operations that are not here why.
func Unsupported() map[string]string {
	all := unlisted()
	for _, g := range gaps() {
		for _, o := range g.operations {
			all[o] = g.reason
		}
	}
	return all
}

// unsupported names what a request asks for that is not here: nothing is accepted and ignored.
func unsupported(c *call, at level) (string, bool) {
	for _, g := range gaps() {
		if g.at == at && c.has(g.query) {
			return g.operations[0] + " (" + g.reason + ")", true
		}
	}
	for name := range c.r.Header {
		switch lower := strings.ToLower(name); {
		case strings.HasPrefix(lower, "x-amz-server-side-encryption-customer"), strings.HasPrefix(lower, "x-amz-copy-source-server-side-encryption-customer"):
			return "encryption with a key of the client (" + lower + ")", true
		case lower == "x-amz-object-lock-mode", lower == "x-amz-object-lock-retain-until-date", lower == "x-amz-object-lock-legal-hold":
			return "object lock (" + lower + ")", true
		case lower == "x-amz-website-redirect-location":
			return "web sites (" + lower + ")", true
		case lower == "x-amz-write-offset-bytes":
			return "appending to objects (" + lower + ")", true
		}
	}
	switch {
	case c.r.Header.Get("x-amz-account-id") != "" && strings.HasPrefix(c.r.URL.Path, "/v20180820/"):
		return "the control API", true
	case c.r.Method == http.MethodPost && at == ofBucket && strings.HasPrefix(c.r.Header.Get("Content-Type"), "multipart/form-data"):
		return "uploads from HTML forms (POST Object)", true
	}
	return "", false
}
