package lambda

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// UpdateFunctionCode replaces the code of $LATEST.
func (s *Service) UpdateFunctionCode(ctx context.Context, in *sdk.UpdateFunctionCodeInput) (*sdk.UpdateFunctionCodeOutput, error) {
	r, err := writeRef(ctx, "lambda:UpdateFunctionCode", in.FunctionName)
	if err != nil {
		return nil, err
	}
	pkg, err := s.newCode(ctx, r, in)
	if err != nil {
		return nil, err
	}
	var out types.FunctionConfiguration
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		if err != nil {
			return err
		}
		if err := checkRevision(in.RevisionId, d.Value.Config.RevisionId); err != nil {
			return err
		}
		if err := s.verify(tx, d.Value.CodeSigning, r.function()); err != nil {
			return err
		}
		if in.DryRun {
			out = d.Value.Config
			return nil
		}
		if err := d.Value.changeable(); err != nil {
			return err
		}
		if err := replaceCode(tx, r, d, pkg, in.Architectures); err != nil {
			return err
		}
		out, err = updatedCode(tx, r, in.Publish)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !in.DryRun {
		s.redeployed(r.at(latest))
		s.fetchSoon(r, pkg)
	}
	return answer[sdk.UpdateFunctionCodeOutput](out), nil
}

func (s *Service) newCode(ctx context.Context, r ref, in *sdk.UpdateFunctionCodeInput) (codePackage, error) {
	if err := checkArchitectures(in.Architectures); err != nil {
		return codePackage{}, err
	}
	if in.PublishTo != "" {
		return codePackage{}, notEmulated("PublishTo")
	}
	now, err := s.present(ctx, r)
	if err != nil {
		return codePackage{}, err
	}
	if now.PackageType == types.PackageTypeImage {
		return s.replacedImage(ctx, in, now)
	}
	if aws.ToString(in.ImageUri) != "" {
		return codePackage{}, invalid("Please don't provide ImageUri when updating a function with packageType Zip.")
	}
	return s.packageOf(ctx, &types.FunctionCode{
		S3Bucket: in.S3Bucket, S3Key: in.S3Key, S3ObjectVersion: in.S3ObjectVersion, S3ObjectStorageMode: in.S3ObjectStorageMode, SourceKMSKeyArn: in.SourceKMSKeyArn, ZipFile: in.ZipFile,
	})
}

func replaceCode(tx *store.Tx, r ref, d store.Document[function], pkg codePackage, architectures []types.Architecture) error {
	fn := &d.Value
	former := fn.record
	pkg.put(&fn.record)
	if len(architectures) > 0 {
		fn.Config.Architectures = architectures
	}
	if err := fn.checkSize(); err != nil {
		return err
	}
	fn.touch(tx)
	if err := pkg.awaiting(tx, r, &fn.record, former); err != nil {
		return err
	}
	if err := functions.Put(tx, d); err != nil {
		return err
	}
	if err := pkg.keep(tx); err != nil {
		return err
	}
	return exchange(tx, former, fn.record)
}

// updatedCode is the answer to an update of code: $LATEST being updated or, with
// Publish, the new version being created (recorded).
func updatedCode(tx *store.Tx, r ref, andPublish bool) (types.FunctionConfiguration, error) {
	if andPublish {
		v, err := publish(tx, r, nil)
		return creating(v.Config, tx.UUID()), err
	}
	d, err := findFunction(tx, r)
	return updating(d.Value.Config, tx.UUID()), err
}

// codePath is where Handler serves packages: account, region, digest follow.
const codePath = "/_postern/lambda/code/"

// location is the URL under which a client finds a package of the scope.
func (c content) location(endpoint string, sc store.Scope) string {
	if c.LiveDir != "" {
		return "file://" + c.LiveDir
	}
	return endpoint + codePath + sc.Account + "/" + sc.Region + "/" + pathDigest(c.Digest)
}

// Handler serves what is to be mounted under /_postern/lambda/: the deployment
// packages that GetFunction and GetLayerVersion point to. Who knows a package's SHA-256 may have it.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+codePath+"{account}/{region}/{digest}", s.serveCode)
	return mux
}

func (s *Service) serveCode(w http.ResponseWriter, q *http.Request) {
	sc := store.Scope{Account: q.PathValue("account"), Region: q.PathValue("region")}
	zip, err := s.blob(q.Context(), sc, fromPath(q.PathValue("digest")))
	switch {
	case errors.Is(err, store.ErrNotFound):
		http.Error(w, "no such deployment package", http.StatusNotFound)
	case err != nil:
		s.Logger.Error("read deployment package", "path", q.URL.Path, "err", err)
		http.Error(w, "Internal server error", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/zip")
		w.Write(zip) // a client that has gone needs no answer
	}
}
