package lambda

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/lambdarunner"
	"postern/lambdarunner/code"
)

const (
	maxZipped   = 50 << 20
	maxUnzipped = 250 << 20
)

// A codePackage is the code of a function as a request brings it.
type codePackage struct {
	zip     []byte // nil when live
	digest  string // base64 SHA-256, Lambda's CodeSha256
	liveDir string
}

// packageOf checks the code of a request and unpacks it, so that a function whose
// creation was answered can start at once.
func (s *Service) packageOf(c *types.FunctionCode) (codePackage, error) {
	switch {
	case c == nil:
		return codePackage{}, invalid("Please provide a source for function code.")
	case aws.ToString(c.ImageUri) != "":
		return codePackage{}, notEmulated("PackageType Image")
	case aws.ToString(c.SourceKMSKeyArn) != "":
		return codePackage{}, notEmulated("SourceKMSKeyArn")
	case aws.ToString(c.S3Bucket) != "":
		return s.liveCode(*c.S3Bucket, aws.ToString(c.S3Key))
	case len(c.ZipFile) == 0:
		return codePackage{}, invalid("Please provide a source for function code.")
	}
	return s.zippedCode(c.ZipFile)
}

func (s *Service) zippedCode(data []byte) (codePackage, error) {
	if len(data) > maxZipped {
		return codePackage{}, tooLarge("Zipped size must be smaller than %d bytes", maxZipped)
	}
	if _, err := code.Check(data); err != nil {
		return codePackage{}, zipError(err)
	}
	sum := sha256.Sum256(data)
	p := codePackage{zip: data, digest: base64.StdEncoding.EncodeToString(sum[:])}
	_, err := s.unpack(p.digest, data)
	return p, zipError(err)
}

// zipError is AWS's text about a package that cannot be unpacked; other errors
// are not about the package.
func zipError(err error) error {
	corrupt := flate.CorruptInputError(0)
	switch {
	case errors.Is(err, code.ErrNotZip), errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrAlgorithm),
		errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		return invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
	case errors.Is(err, code.ErrTooLarge):
		return invalid("Unzipped size must be smaller than %d bytes", maxUnzipped)
	}
	return err
}

// liveCode is a directory on this machine whose files may change at any time:
// the hot-reload bucket of other emulators.
func (s *Service) liveCode(bucket, key string) (codePackage, error) {
	if bucket != s.HotReloadBucket {
		return codePackage{}, invalid("Error occurred while GetObject. S3 Error Code: NoSuchBucket. "+
			"S3 Error Message: The specified bucket does not exist. (Postern has no S3 yet: send the code as ZipFile, "+
			"or use the bucket %s with a directory as the key.)", s.HotReloadBucket)
	}
	dir := filepath.Clean(key)
	if !filepath.IsAbs(dir) {
		return codePackage{}, invalid("The S3Key of live code must be an absolute directory, not '%s'.", key)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return codePackage{}, invalid("The directory of live code '%s' does not exist where Postern runs.", key)
	}
	// There is no package to take a digest of; that of the place tells one from another.
	sum := sha256.Sum256([]byte(s.HotReloadBucket + ":" + dir))
	return codePackage{digest: base64.StdEncoding.EncodeToString(sum[:]), liveDir: dir}, nil
}

// unpack makes the files of a package available on this machine.
func (s *Service) unpack(digest string, data []byte) (lambdarunner.Code, error) {
	unpacked, err := s.Code.Unpack(digest, data)
	if err != nil {
		return unpacked, fmt.Errorf("unpack code %s: %w", digest, err)
	}
	s.codes.Store(digest, unpacked)
	return unpacked, nil
}

// code is what the record's sandboxes run.
func (s *Service) code(ctx context.Context, sc store.Scope, r record) (lambdarunner.Code, error) {
	if r.LiveDir != "" {
		return lambdarunner.Code{Dir: r.LiveDir, Live: true}, nil
	}
	digest := aws.ToString(r.Config.CodeSha256)
	if known, ok := s.codes.Load(digest); ok {
		return known.(lambdarunner.Code), nil
	}
	data, err := s.blob(ctx, sc, digest)
	if err != nil {
		return lambdarunner.Code{}, err
	}
	return s.unpack(digest, data)
}

func (s *Service) blob(ctx context.Context, sc store.Scope, digest string) (data []byte, err error) {
	err = s.Store.View(ctx, sc, func(tx *store.Tx) (err error) {
		data, err = tx.Blob(digest)
		return err
	})
	return data, err
}

// put makes p the code of r.
func (p codePackage) put(r *record) {
	r.Config.CodeSha256 = aws.String(p.digest)
	r.Config.CodeSize = int64(len(p.zip))
	r.LiveDir = p.liveDir
}

// keep stores the package.
func (p codePackage) keep(tx *store.Tx) error {
	if p.liveDir != "" {
		return nil
	}
	return tx.PutBlob(p.digest, p.zip)
}

// Which versions use a package is kept as documents "digest|name:version" that
// hang from the version, so that the last to go takes the package along.

func useID(digest, name, version string) string { return digest + "|" + name + ":" + version }

// use notes that the version runs r's code.
func use(tx *store.Tx, r record, version string, parent store.Ref) error {
	if r.LiveDir != "" {
		return nil
	}
	name := aws.ToString(r.Config.FunctionName)
	return uses.Put(tx, store.Document[struct{}]{ID: useID(aws.ToString(r.Config.CodeSha256), name, version), Parent: &parent})
}

// disuse notes that $LATEST no longer runs the package.
func disuse(tx *store.Tx, digest, name string) error {
	err := uses.Delete(tx, useID(digest, name, latest))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// sweep deletes those of the packages that no version uses any more.
func sweep(tx *store.Tx, digests ...string) error {
	for _, digest := range digests {
		n, err := uses.Count(tx, store.Query{Prefix: digest + "|"})
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if err := tx.DeleteBlob(digest); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// pathDigest is a digest as a segment of a URL.
func pathDigest(digest string) string {
	return strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(digest)
}

// fromPath is the digest that pathDigest was given.
func fromPath(segment string) string {
	return strings.NewReplacer("-", "+", "_", "/").Replace(segment) + "="
}
