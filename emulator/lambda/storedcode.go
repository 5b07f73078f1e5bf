package lambda

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/smithy-go"
)

// storedCode is a package that lies in S3. Its zip file may be larger than one that is sent along: what is in
// it has a limit, not the file (Lambda Developer Guide, "Lambda quotas").
//
// Unlike AWS, the bucket may be in any region.
func (s *Service) storedCode(ctx context.Context, bucket, key, version string) (codePackage, error) {
	body, size, err := s.Object(ctx, bucket, key, version)
	if err != nil {
		return codePackage{}, objectError(err)
	}
	defer body.Close()
	if size > maxUnzipped {
		return codePackage{}, invalid("Unzipped size must be smaller than %d bytes", maxUnzipped)
	}
	data, err := readObject(body, size)
	if err != nil {
		return codePackage{}, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	if len(data) > maxUnzipped {
		return codePackage{}, invalid("Unzipped size must be smaller than %d bytes", maxUnzipped)
	}
	return s.zippedCode(data)
}

// readObject reads no more than the limit and a byte. A size below 0 is not known.
func readObject(body io.Reader, size int64) ([]byte, error) {
	if size < 0 {
		return io.ReadAll(io.LimitReader(body, maxUnzipped+1))
	}
	data := make([]byte, size)
	_, err := io.ReadFull(body, data)
	return data, err
}

// objectError is AWS's error for an object that cannot be read (recorded for NoSuchBucket and NoSuchKey; the
// others have its form).
func objectError(err error) error {
	var e smithy.APIError
	if errors.As(err, &e) {
		return invalid("Error occurred while GetObject. S3 Error Code: %s. S3 Error Message: %s", e.ErrorCode(), e.ErrorMessage())
	}
	return invalid("Error occurred while GetObject. %s", err)
}

// noObject is what a Service without S3 knows of any object.
func noObject(context.Context, string, string, string) (io.ReadCloser, int64, error) {
	return nil, 0, &smithy.GenericAPIError{Code: "NoSuchBucket", Message: "The specified bucket does not exist"}
}
