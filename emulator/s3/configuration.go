package s3

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"

	"postern/emulator/store"
)

// A configuration is a document that a bucket may have.
type configuration struct {
	query    string
	name     string // of its operations, after Get and Put
	remove   string // operation that deletes it, "" for none
	root     string // element of the document, "" for JSON
	standard string // document of a bucket without
	missing  *Error // or the error of one
	// accept decides about a document. Nil takes all that are well formed.
	accept func(document []byte) error
}

// Documents of buckets that nobody has configured.
const (
	head                = xml.Header
	blockedDocument     = head + `<PublicAccessBlockConfiguration xmlns="` + namespace + `"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`
	encryptedDocument   = head + `<ServerSideEncryptionConfiguration xmlns="` + namespace + `"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`
	unloggedDocument    = head + `<BucketLoggingStatus xmlns="` + namespace + `"/>`
	unnotifiedDocument  = head + `<NotificationConfiguration xmlns="` + namespace + `"/>`
	ownerPaysDocument   = head + `<RequestPaymentConfiguration xmlns="` + namespace + `"><Payer>BucketOwner</Payer></RequestPaymentConfiguration>`
	acceleratedDocument = head + `<AccelerateConfiguration xmlns="` + namespace + `"/>`
)

func ownershipDocument(how string) string {
	return head + `<OwnershipControls xmlns="` + namespace + `"><Rule><ObjectOwnership>` + how + `</ObjectOwnership></Rule></OwnershipControls>`
}

// configurations are those that are kept and answered. What one asks for that nothing here does is refused;
// policies, lifecycles, encryption and public access are the exceptions that the README names.
func configurations() []configuration {
	missing := func(code, message string) *Error { return &Error{Status: 404, Code: code, Message: message} }
	return []configuration{
		{query: "cors", name: "BucketCors", remove: "DeleteBucketCors", root: "CORSConfiguration", accept: acceptCORS,
			missing: missing("NoSuchCORSConfiguration", "The CORS configuration does not exist")},
		{query: "policy", name: "BucketPolicy", remove: "DeleteBucketPolicy", accept: acceptPolicy,
			missing: missing("NoSuchBucketPolicy", "The bucket policy does not exist")},
		{query: "lifecycle", name: "BucketLifecycleConfiguration", remove: "DeleteBucketLifecycle", root: "LifecycleConfiguration",
			missing: missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")},
		{query: "encryption", name: "BucketEncryption", remove: "DeleteBucketEncryption", root: "ServerSideEncryptionConfiguration", standard: encryptedDocument, accept: acceptEncryption},
		{query: "publicAccessBlock", name: "PublicAccessBlock", remove: "DeletePublicAccessBlock", root: "PublicAccessBlockConfiguration",
			missing: missing("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")},
		{query: "ownershipControls", name: "BucketOwnershipControls", remove: "DeleteBucketOwnershipControls", root: "OwnershipControls", accept: acceptOwnership,
			missing: missing("OwnershipControlsNotFoundError", "The bucket ownership controls were not found")},
		{query: "logging", name: "BucketLogging", root: "BucketLoggingStatus", standard: unloggedDocument, accept: only("access logs", "")},
		{query: "notification", name: "BucketNotificationConfiguration", root: "NotificationConfiguration", standard: unnotifiedDocument, accept: only("notifications", "")},
		{query: "requestPayment", name: "BucketRequestPayment", root: "RequestPaymentConfiguration", standard: ownerPaysDocument, accept: only("payment by the requester", "BucketOwner")},
		{query: "accelerate", name: "BucketAccelerateConfiguration", root: "AccelerateConfiguration", standard: acceleratedDocument, accept: only("acceleration", "Suspended")},
		{query: "website", name: "BucketWebsite", remove: "DeleteBucketWebsite", root: "WebsiteConfiguration", accept: never("web sites"),
			missing: missing("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration")},
		{query: "replication", name: "BucketReplication", remove: "DeleteBucketReplication", root: "ReplicationConfiguration", accept: never("replication"),
			missing: missing("ReplicationConfigurationNotFoundError", "The replication configuration was not found")},
		{query: "object-lock", name: "ObjectLockConfiguration", root: "ObjectLockConfiguration", accept: never("object lock"),
			missing: missing("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket")},
	}
}

func (f configuration) operations() []operation {
	all := []operation{
		{"Get" + f.name, http.MethodGet, ofBucket, f.query, "", f.get},
		{"Put" + f.name, http.MethodPut, ofBucket, f.query, "", f.put},
	}
	if f.remove != "" {
		all = append(all, operation{f.remove, http.MethodDelete, ofBucket, f.query, "", f.delete})
	}
	return all
}

// minimumSize is the header that goes with lifecycles. Terraform waits until it is what it sent.
const minimumSize = "x-amz-transition-default-minimum-object-size"

func (f configuration) get(c *call) error {
	return c.view(func(_ *store.Tx, b bucket) error {
		document, ok := b.Configurations[f.query]
		if !ok {
			document = f.standard
		}
		if document == "" {
			e := *f.missing
			e.Extra = []element{text("BucketName", c.bucket)}
			return &e
		}
		h := c.w.Header()
		h.Set("Content-Type", "application/xml")
		if f.root == "" {
			h.Set("Content-Type", "application/json")
		}
		if f.query == "lifecycle" {
			h.Set(minimumSize, b.Configurations[minimumSize])
		}
		c.w.Write([]byte(document))
		return nil
	})
}

func (f configuration) put(c *call) error {
	document, err := c.readAll()
	if err != nil {
		return err
	}
	if f.root != "" && rootOf(document) != f.root {
		return malformedXML()
	}
	if f.accept != nil {
		if err := f.accept(document); err != nil {
			return err
		}
	}
	minimum := c.header(minimumSize)
	if minimum == "" {
		minimum = "all_storage_classes_128K"
	}
	err = c.change(func(b *bucket) error {
		if b.Configurations == nil {
			b.Configurations = map[string]string{}
		}
		b.Configurations[f.query] = string(document)
		if f.query == "lifecycle" {
			b.Configurations[minimumSize] = minimum
		}
		return nil
	})
	if f.query == "policy" && err == nil {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if f.query == "lifecycle" && err == nil {
		c.w.Header().Set(minimumSize, minimum)
	}
	return c.done(err)
}

func (f configuration) delete(c *call) error {
	err := c.change(func(b *bucket) error {
		delete(b.Configurations, f.query)
		return nil
	})
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// rootOf is the name of a document's element, "" for what is not well formed.
func rootOf(document []byte) string {
	var any struct{ XMLName xml.Name }
	if xml.Unmarshal(document, &any) != nil {
		return ""
	}
	return any.XMLName.Local
}

// only accepts documents that say nothing but a value.
func only(what, value string) func([]byte) error {
	return func(document []byte) error {
		var in struct {
			Members []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
				Inner   string `xml:",innerxml"`
			} `xml:",any"`
		}
		if xml.Unmarshal(document, &in) != nil {
			return malformedXML()
		}
		for _, m := range in.Members {
			if strings.TrimSpace(m.Inner) != value || value == "" {
				return notImplemented(what)
			}
		}
		return nil
	}
}

func never(what string) func([]byte) error {
	return func([]byte) error { return notImplemented(what) }
}

func acceptPolicy(document []byte) error {
	var in struct {
		Version   string
		Statement json.RawMessage
	}
	if json.Unmarshal(document, &in) != nil {
		return &Error{Status: 400, Code: "MalformedPolicy", Message: "Policies must be valid JSON and the first byte must be '{'"}
	}
	if len(in.Statement) == 0 {
		return &Error{Status: 400, Code: "MalformedPolicy", Message: "Missing required field Statement"}
	}
	return nil
}

func acceptOwnership(document []byte) error {
	switch ownershipOf(string(document)) {
	case "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter":
		return nil
	}
	return malformedXML()
}

// ownershipOf is who owns objects of a bucket, as its document says.
func ownershipOf(document string) string {
	var in struct {
		Ownership string `xml:"Rule>ObjectOwnership"`
	}
	if document == "" || xml.Unmarshal([]byte(document), &in) != nil {
		return ""
	}
	return in.Ownership
}

// An encryption is how an object is said to be encrypted. Unlike AWS, contents are stored as they are.
type encryption struct {
	Algorithm string `json:",omitempty"` // AES256, aws:kms, aws:kms:dsse
	Key       string `json:",omitempty"`
	BucketKey bool   `json:",omitempty"`
}

type encryptionDocument struct {
	Algorithm string `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
	Key       string `xml:"Rule>ApplyServerSideEncryptionByDefault>KMSMasterKeyID"`
	BucketKey bool   `xml:"Rule>BucketKeyEnabled"`
}

func acceptEncryption(document []byte) error {
	var in encryptionDocument
	if xml.Unmarshal(document, &in) != nil || in.Algorithm != "" && !isEncryption(in.Algorithm) {
		return malformedXML()
	}
	return nil
}

func isEncryption(algorithm string) bool {
	return algorithm == "AES256" || algorithm == "aws:kms" || algorithm == "aws:kms:dsse"
}

// encryptionOf is what new objects of the bucket get, unless a request says otherwise.
func (c *call) encryptionOf(b bucket) (encryption, error) {
	if a := c.header("x-amz-server-side-encryption"); a != "" {
		if !isEncryption(a) {
			return encryption{}, invalidArgument("The encryption method specified is not supported", text("ArgumentName", "x-amz-server-side-encryption"), text("ArgumentValue", a))
		}
		return encryption{a, c.header("x-amz-server-side-encryption-aws-kms-key-id"), c.header("x-amz-server-side-encryption-bucket-key-enabled") == "true"}, nil
	}
	var d encryptionDocument
	if document := b.Configurations["encryption"]; document != "" && xml.Unmarshal([]byte(document), &d) == nil && d.Algorithm != "" {
		return encryption(d), nil
	}
	return encryption{Algorithm: "AES256"}, nil
}

func (c *call) setEncryption(e encryption) {
	h := c.w.Header()
	if e.Algorithm != "" {
		h.Set("x-amz-server-side-encryption", e.Algorithm)
	}
	if e.Key != "" {
		h.Set("x-amz-server-side-encryption-aws-kms-key-id", e.Key)
	}
	if e.BucketKey {
		h.Set("x-amz-server-side-encryption-bucket-key-enabled", "true")
	}
}

// getBucketPolicyStatus says that no policy makes a bucket public: none has an effect.
func (c *call) getBucketPolicyStatus() error {
	return c.view(func(_ *store.Tx, b bucket) error {
		if b.Configurations["policy"] == "" {
			return &Error{Status: 404, Code: "NoSuchBucketPolicy", Message: "The bucket policy does not exist", Extra: []element{text("BucketName", c.bucket)}}
		}
		return notImplemented("GetBucketPolicyStatus of a bucket with a policy")
	})
}
