package s3

import (
	"errors"

	"postern/emulator/store"
)

const (
	versionLength   = 32
	versionAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"
)

// putObject streams the body into a file, and names it when all of it is what it should be.
func (c *call) putObject() error {
	o, err := c.readObject()
	if err != nil {
		return err
	}
	if err := c.view(func(_ *store.Tx, b bucket) error { return allowsACL(b, o.ACL) }); err != nil {
		return err
	}
	b, err := c.openBody()
	if err != nil {
		return err
	}
	content, err := c.receive(b)
	if err != nil {
		return err
	}
	o.Size, o.ETag, o.Sum = b.read, b.etag(), b.want
	if _, _, err = c.keep(&o, content); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("ETag", quote(o.ETag))
	c.setEncryption(o.Encryption)
	c.setChecksum(o.Sum)
	return c.done(nil)
}

// receive makes a file of a body, "" of an empty one.
func (c *call) receive(b *body) (content string, err error) {
	if b.length < 0 {
		return "", &Error{Status: 411, Code: "MissingContentLength", Message: "You must provide the Content-Length HTTP header."}
	}
	if content, err = c.contents.write(b); err != nil {
		return "", err
	}
	if err = b.check(); err != nil || b.read == 0 {
		c.contents.drop(content)
		content = ""
	}
	return content, err
}

// keep makes an object the latest version of its key. The file is the object's or removed afterwards.
func (c *call) keep(o *object, content string) (version string, b bucket, err error) {
	replaced := false
	err = c.update(func(tx *store.Tx, in bucket) (err error) {
		b = in
		if o.Encryption, err = c.encryptionOf(b); err != nil {
			return err
		}
		if err := allowsACL(b, o.ACL); err != nil {
			return err
		}
		if err := c.checkReplaced(tx); err != nil {
			return err
		}
		version, replaced = versionFor(tx, b), b.Versioning != enabled
		return objects.Put(tx, c.bucket, store.Object[object]{Name: c.key, Version: version, Content: content, Value: *o})
	})
	if err != nil {
		c.contents.drop(content)
		return "", b, err
	}
	c.contents.settle(content)
	if replaced {
		c.contents.sweep()
	}
	c.setVersion(b, version)
	return version, b, nil
}

const enabled = "Enabled"

// versionFor is the id of what is written next.
func versionFor(tx *store.Tx, b bucket) string {
	if b.Versioning == enabled {
		return tx.Token(versionLength, versionAlphabet)
	}
	return nullVersion
}

// checkReplaced looks at If-Match and If-None-Match of a write ("How to prevent object overwrites with
// conditional writes", S3 User Guide).
func (c *call) checkReplaced(tx *store.Tx) error {
	match, none := c.header("If-Match"), c.header("If-None-Match")
	if match == "" && none == "" {
		return nil
	}
	if none != "" && none != "*" {
		return notImplemented("If-None-Match of a write with anything but *")
	}
	o, err := objects.Get(tx, c.bucket, c.key, "")
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	there := err == nil && !o.Marker
	switch {
	case none != "" && there:
		return preconditionFailed("If-None-Match")
	case match != "" && !there:
		return noSuchKey(c.key)
	case match != "" && match != "*" && unquote(match) != o.Value.ETag:
		return preconditionFailed("If-Match")
	}
	return nil
}
