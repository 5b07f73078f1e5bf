package lambda

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
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

// A content is what a function's package or a layer version has.
type content struct {
	Digest   string // base64 SHA-256 of the zip file, Lambda's CodeSha256
	Size     int64  // of the zip file
	Unzipped int64
	LiveDir  string `json:",omitempty"` // a directory of live code instead of a zip file
}

// A codePackage is a content as a request brings it.
type codePackage struct {
	content
	zip   []byte              // nil when live
	image *lambdarunner.Image // instead of all else
}

// packageOf checks the code of a request and unpacks it, so that a function whose
// creation was answered can start at once.
func (s *Service) packageOf(ctx context.Context, c *types.FunctionCode) (codePackage, error) {
	switch {
	case c == nil:
		return codePackage{}, invalid("Please provide a source for function code.")
	case aws.ToString(c.ImageUri) != "":
		return codePackage{}, invalid("Please provide a source for function code.") // as recorded where PackageType is Zip
	case aws.ToString(c.SourceKMSKeyArn) != "":
		return codePackage{}, notEmulated("SourceKMSKeyArn")
	case c.S3ObjectStorageMode == types.S3ObjectStorageModeReference:
		return codePackage{}, notEmulated("S3ObjectStorageMode REFERENCE")
	case aws.ToString(c.S3Bucket) == s.HotReloadBucket:
		return s.liveCode(aws.ToString(c.S3Key))
	case aws.ToString(c.S3Bucket) != "":
		return s.storedCode(ctx, *c.S3Bucket, aws.ToString(c.S3Key), aws.ToString(c.S3ObjectVersion))
	case len(c.ZipFile) == 0:
		return codePackage{}, invalid("Please provide a source for function code.")
	}
	if len(c.ZipFile) > maxZipped {
		return codePackage{}, tooLarge("Zipped size must be smaller than %d bytes", maxZipped)
	}
	return s.zippedCode(c.ZipFile)
}

func (s *Service) zippedCode(data []byte) (codePackage, error) {
	unzipped, err := code.Check(data)
	if err != nil {
		return codePackage{}, zipError(err)
	}
	sum := sha256.Sum256(data)
	p := codePackage{zip: data, content: content{
		Digest: base64.StdEncoding.EncodeToString(sum[:]), Size: int64(len(data)), Unzipped: unzipped,
	}}
	_, err = s.unpack(p.Digest, data)
	return p, zipError(err)
}

// zipError is AWS's text about a package that cannot be unpacked; other errors
// are not about the package.
func zipError(err error) error {
	switch {
	case errors.Is(err, code.ErrNotZip):
		return invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
	case errors.Is(err, code.ErrTooLarge):
		return invalid("Unzipped size must be smaller than %d bytes", maxUnzipped)
	}
	return err
}

// liveCode is a directory on this machine whose files may change at any time:
// the hot-reload bucket of other emulators.
func (s *Service) liveCode(key string) (codePackage, error) {
	dir := filepath.Clean(key)
	if !filepath.IsAbs(dir) {
		return codePackage{}, invalid("The S3Key of live code must be an absolute directory, not '%s'.", key)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return codePackage{}, invalid("The directory of live code '%s' does not exist where Postern runs.", key)
	}
	// There is no package to take a digest of; that of the place tells one from another.
	sum := sha256.Sum256([]byte(s.HotReloadBucket + ":" + dir))
	return codePackage{content: content{Digest: base64.StdEncoding.EncodeToString(sum[:]), LiveDir: dir}}, nil
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

// code is the files of a package of the scope.
func (s *Service) code(ctx context.Context, sc store.Scope, c content) (lambdarunner.Code, error) {
	if c.LiveDir != "" {
		return lambdarunner.Code{Dir: c.LiveDir, Live: true}, nil
	}
	if known, ok := s.codes.Load(c.Digest); ok {
		return known.(lambdarunner.Code), nil
	}
	data, err := s.blob(ctx, sc, c.Digest)
	if err != nil {
		return lambdarunner.Code{}, err
	}
	return s.unpack(c.Digest, data)
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
	if p.image != nil {
		r.putImage(*p.image)
		return
	}
	r.Config.CodeSha256 = aws.String(p.Digest)
	r.Config.CodeSize = p.Size
	r.Unzipped, r.LiveDir = p.Unzipped, p.LiveDir
}

// keep stores the package.
func (p codePackage) keep(tx *store.Tx) error {
	if p.LiveDir != "" || p.image != nil {
		return nil
	}
	return tx.PutBlob(p.Digest, p.zip)
}

// Who uses a package is kept as documents "digest|user" that hang from the user, so
// that the last to go takes the package along. Users are versions of functions
// ("name:version" for their code, "opt|name:version" for their layers) and of layers
// ("layer|name:version").

func useID(digest, user string) string { return digest + "|" + user }

// useAs notes that a user has the content.
func useAs(tx *store.Tx, c content, user string, parent store.Ref) error {
	if c.LiveDir != "" || c.Digest == "" {
		return nil
	}
	return uses.Put(tx, store.Document[struct{}]{ID: useID(c.Digest, user), Parent: &parent})
}

// use notes that the version runs r's code and layers.
func use(tx *store.Tx, r record, version string, parent store.Ref) error {
	user := aws.ToString(r.Config.FunctionName) + ":" + version
	if err := useAs(tx, r.content(), user, parent); err != nil {
		return err
	}
	for _, l := range r.Layers {
		if err := useAs(tx, l, "opt|"+user, parent); err != nil {
			return err
		}
	}
	return nil
}

// exchange notes that $LATEST runs other packages than before, and deletes those that
// nobody uses any more.
func exchange(tx *store.Tx, former, now record) error {
	name := aws.ToString(now.Config.FunctionName)
	for _, digest := range former.digests() {
		for _, user := range []string{name + ":" + latest, "opt|" + name + ":" + latest} {
			if err := uses.Delete(tx, useID(digest, user)); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
	}
	if err := use(tx, now, latest, *parent(name)); err != nil {
		return err
	}
	return sweep(tx, former.digests()...)
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
