package emulator_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"postern/emulator"
	ownS3 "postern/emulator/s3"
	"postern/emulator/store"
)

// buckets is a client of the server's S3: path style, as for any address that is an IP's.
func (s *server) buckets() *s3.Client {
	return s3.NewFromConfig(s.aws(), func(o *s3.Options) { o.UsePathStyle = true })
}

// virtual is a client that has the bucket in the host, {bucket}.s3.localhost, wherever that name leads.
func (s *server) virtual() *s3.Client {
	c := s.aws()
	port := s.addr[strings.LastIndexByte(s.addr, ':'):]
	c.BaseEndpoint = aws.String("http://s3.localhost" + port)
	c.HTTPClient = s.http()
	return s3.NewFromConfig(c)
}

// http is a client for which every host is the server.
func (s *server) http() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", s.addr)
	}}}
}

// mustCreate makes a bucket.
func mustCreate(t *testing.T, c *s3.Client, bucket string) {
	t.Helper()
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
}

// mustPut stores text under a key, and returns the version.
func mustPut(t *testing.T, c *s3.Client, bucket, key, text string) string {
	t.Helper()
	out, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.VersionId)
}

// object reads an object, or the code of the error.
func object(t *testing.T, c *s3.Client, bucket, key string) string {
	t.Helper()
	out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return codeOf(err)
	}
	defer out.Body.Close()
	b, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// codeOf is the code of S3's error.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return fmt.Sprint(err)
}

func TestAnObjectComesBackAsItWasPut(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	for style, c := range map[string]*s3.Client{"path": s.buckets(), "virtual-host": s.virtual()} {
		t.Run(style, func(t *testing.T) {
			bucket := style + "-style"
			mustCreate(t, c, bucket)
			for _, key := range []string{"plain", "a b/c+d&e=f?g#h%25", "//two//", "ü/日本", "dir/", "./../x", "_postern/health", "restapis/a/b/_user_request_/"} {
				put, err := c.PutObject(t.Context(), &s3.PutObjectInput{
					Bucket: &bucket, Key: &key, Body: strings.NewReader("hello " + key), ContentType: aws.String("text/x-test"),
					CacheControl: aws.String("no-store"), Metadata: map[string]string{"mark": "er"}, Tagging: aws.String("a=1&b=two"),
				})
				if err != nil {
					t.Fatalf("%s: %v", key, err)
				}
				got, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
				if err != nil {
					t.Fatalf("%s: %v", key, err)
				}
				text, err := io.ReadAll(got.Body)
				if err != nil || string(text) != "hello "+key || *got.ETag != *put.ETag || *got.ContentType != "text/x-test" || *got.CacheControl != "no-store" ||
					got.Metadata["mark"] != "er" || *got.TagCount != 2 || got.VersionId != nil || got.ContentEncoding != nil || got.ServerSideEncryption != types.ServerSideEncryptionAes256 || got.ChecksumCRC64NVME == nil {
					t.Errorf("%s: %s, %v, %v", key, text, err, got.Metadata)
				}
				if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}); err != nil {
					t.Fatal(err)
				}
				if got := object(t, c, bucket, key); got != "NoSuchKey" {
					t.Errorf("%s was deleted: %s", key, got)
				}
			}
			if _, err := c.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: &bucket}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestEveryChecksumIsVerified(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := s.buckets()
	mustCreate(t, c, "sums")
	for _, algorithm := range types.ChecksumAlgorithm("").Values() {
		key := string(algorithm)
		out, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("sums"), Key: &key, Body: strings.NewReader("123456789"), ChecksumAlgorithm: algorithm})
		if slices.Contains([]string{"MD5", "SHA512", "XXHASH64", "XXHASH3", "XXHASH128"}, key) {
			if err == nil {
				t.Errorf("%s is taken, and not here", key) // the SDK computes none of them, or S3 here does not
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		if object(t, c, "sums", key) != "123456789" {
			t.Errorf("%s does not come back", key)
		}
		// Check values of "123456789" (catalogue of parametrised CRC algorithms).
		if algorithm == types.ChecksumAlgorithmCrc64nvme && aws.ToString(out.ChecksumCRC64NVME) != "rosUhgp5mIg=" {
			t.Errorf("CRC64NVME is %s", aws.ToString(out.ChecksumCRC64NVME))
		}
		if algorithm == types.ChecksumAlgorithmCrc32c && aws.ToString(out.ChecksumCRC32C) != "4waSgw==" {
			t.Errorf("CRC32C is %s", aws.ToString(out.ChecksumCRC32C))
		}
	}
	wrong := s3.PutObjectInput{Bucket: aws.String("sums"), Key: aws.String("wrong"), Body: strings.NewReader("x"), ChecksumCRC32: aws.String("AAAAAA==")}
	if _, err := c.PutObject(t.Context(), &wrong); codeOf(err) != "BadDigest" {
		t.Errorf("a wrong checksum: %v", err)
	}
	if got := object(t, c, "sums", "wrong"); got != "NoSuchKey" {
		t.Errorf("what was refused is there: %s", got)
	}
}

func TestVersionsAreKeptAndMarkersHideThem(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c, bucket, key := s.buckets(), aws.String("versions"), aws.String("k")
	mustCreate(t, c, *bucket)
	mustPut(t, c, *bucket, *key, "before")
	enable(t, c, *bucket, types.BucketVersioningStatusEnabled)
	one, two := mustPut(t, c, *bucket, *key, "one"), mustPut(t, c, *bucket, *key, "two")
	if one == two || len(one) != 32 {
		t.Errorf("versions are %q and %q", one, two)
	}
	for version, want := range map[string]string{"null": "before", one: "one", two: "two", "": "two", strings.Repeat("x", 32): "NoSuchVersion", "x": "InvalidArgument"} {
		if got := objectVersion(t, c, *bucket, *key, version); got != want {
			t.Errorf("version %q is %s, want %s", version, got, want)
		}
	}
	gone, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: key})
	if err != nil || !aws.ToBool(gone.DeleteMarker) || gone.VersionId == nil {
		t.Fatalf("delete: %+v, %v", gone, err)
	}
	if got := object(t, c, *bucket, *key); got != "NoSuchKey" {
		t.Errorf("deleted: %s", got)
	}
	if got := objectVersion(t, c, *bucket, *key, *gone.VersionId); got != "MethodNotAllowed" {
		t.Errorf("the marker: %s", got)
	}
	var seen []string
	in := &s3.ListObjectVersionsInput{Bucket: bucket, MaxKeys: aws.Int32(1)}
	for {
		out, err := c.ListObjectVersions(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range out.Versions {
			seen = append(seen, *v.VersionId)
		}
		for _, m := range out.DeleteMarkers {
			seen = append(seen, *m.VersionId)
		}
		if !*out.IsTruncated {
			break
		}
		in.KeyMarker, in.VersionIdMarker = out.NextKeyMarker, out.NextVersionIdMarker
	}
	if want := []string{*gone.VersionId, two, one, "null"}; !slices.Equal(seen, want) {
		t.Errorf("versions are %v, want %v", seen, want)
	}
	// Without the marker the latest is back; without that, the one before.
	for _, step := range [][2]string{{*gone.VersionId, "two"}, {two, "one"}} {
		if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: key, VersionId: &step[0]}); err != nil {
			t.Fatal(err)
		}
		if got := object(t, c, *bucket, *key); got != step[1] {
			t.Errorf("after a version went: %s, want %s", got, step[1])
		}
	}
	enable(t, c, *bucket, types.BucketVersioningStatusSuspended)
	if v := mustPut(t, c, *bucket, *key, "after"); v != "null" {
		t.Errorf("with versioning suspended the version is %q", v)
	}
	if got := objectVersion(t, c, *bucket, *key, one); got != "one" {
		t.Errorf("a version from before: %s", got)
	}
	if _, err := c.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: bucket}); codeOf(err) != "BucketNotEmpty" {
		t.Errorf("delete a bucket with versions: %v", err)
	}
}

func enable(t *testing.T, c *s3.Client, bucket string, status types.BucketVersioningStatus) {
	t.Helper()
	_, err := c.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: status}})
	if err != nil {
		t.Fatal(err)
	}
}

func objectVersion(t *testing.T, c *s3.Client, bucket, key, version string) string {
	t.Helper()
	in := &s3.GetObjectInput{Bucket: &bucket, Key: &key}
	if version != "" {
		in.VersionId = &version
	}
	out, err := c.GetObject(t.Context(), in)
	if err != nil {
		return codeOf(err)
	}
	defer out.Body.Close()
	b, _ := io.ReadAll(out.Body)
	return string(b)
}

func TestListsHavePagesPrefixesAndDelimiters(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c, bucket := s.buckets(), aws.String("lists")
	mustCreate(t, c, *bucket)
	for _, key := range []string{"a", "a/1", "a/2", "a/b/3", "b c", "b/1", "c", "ü"} {
		mustPut(t, c, *bucket, key, key)
	}
	for _, q := range []struct{ prefix, delimiter, after, want string }{
		{"", "", "", "a a/1 a/2 a/b/3 b%20c b/1 c ü"},
		{"", "/", "", "a a/* b%20c b/* c ü"},
		{"a", "/", "", "a a/*"},
		{"a/", "/", "", "a/1 a/2 a/b/*"},
		{"a/", "", "a/1", "a/2 a/b/3"},
		{"", "/", "b c", "b/* c ü"},
		{"zz", "", "", ""},
	} {
		for _, limit := range []int32{1, 2, 1000} {
			got := list(t, c, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: &q.prefix, Delimiter: &q.delimiter, StartAfter: &q.after, MaxKeys: &limit})
			if got != q.want {
				t.Errorf("%+v by %d: %q", q, limit, got)
			}
			if got := listV1(t, c, &s3.ListObjectsInput{Bucket: bucket, Prefix: &q.prefix, Delimiter: &q.delimiter, Marker: &q.after, MaxKeys: &limit}); got != q.want {
				t.Errorf("version 1 of %+v by %d: %q", q, limit, got)
			}
		}
	}
}

func list(t *testing.T, c *s3.Client, in *s3.ListObjectsV2Input) string {
	t.Helper()
	var all []string
	for p := s3.NewListObjectsV2Paginator(c, in); p.HasMorePages(); {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(out.Contents) + len(out.CommonPrefixes); n > int(*in.MaxKeys) || n != int(*out.KeyCount) {
			t.Errorf("%d of %d, counted %d", n, *in.MaxKeys, *out.KeyCount)
		}
		all = append(all, sorted(out.Contents, out.CommonPrefixes)...)
	}
	return strings.Join(all, " ")
}

func listV1(t *testing.T, c *s3.Client, in *s3.ListObjectsInput) string {
	t.Helper()
	var all []string
	for {
		out, err := c.ListObjects(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sorted(out.Contents, out.CommonPrefixes)...)
		if !*out.IsTruncated {
			return strings.Join(all, " ")
		}
		if in.Marker = out.NextMarker; in.Marker == nil {
			in.Marker = out.Contents[len(out.Contents)-1].Key
		}
	}
}

func sorted(contents []types.Object, prefixes []types.CommonPrefix) (all []string) {
	for _, o := range contents {
		all = append(all, *o.Key)
	}
	for _, p := range prefixes {
		all = append(all, *p.Prefix+"*")
	}
	slices.Sort(all)
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], " ", "%20")
	}
	return all
}

func TestAnUploadInPartsIsOneObject(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c, bucket, key := s.buckets(), aws.String("parts"), aws.String("big")
	mustCreate(t, c, *bucket)
	first, last := make([]byte, 5<<20), []byte("the end")
	rand.Read(first)
	up, err := c.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key, ContentType: aws.String("x/y"), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32})
	if err != nil {
		t.Fatal(err)
	}
	var parts []types.CompletedPart
	for i, data := range [][]byte{first, last} {
		out, err := c.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: aws.Int32(int32(i + 1)), Body: bytes.NewReader(data)})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32})
	}
	if l, err := c.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: bucket}); err != nil || len(l.Uploads) != 1 || *l.Uploads[0].Key != *key {
		t.Errorf("uploads: %+v, %v", l, err)
	}
	if l, err := c.ListParts(t.Context(), &s3.ListPartsInput{Bucket: bucket, Key: key, UploadId: up.UploadId}); err != nil || len(l.Parts) != 2 || *l.Parts[0].Size != 5<<20 {
		t.Errorf("parts: %+v, %v", l, err)
	}
	complete := func(parts ...types.CompletedPart) (*s3.CompleteMultipartUploadOutput, error) {
		return c.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: up.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	}
	if _, err := complete(parts[1], parts[0]); codeOf(err) != "InvalidPartOrder" {
		t.Errorf("parts in disorder: %v", err)
	}
	if _, err := complete(types.CompletedPart{PartNumber: aws.Int32(1), ETag: aws.String("no")}); codeOf(err) != "InvalidPart" {
		t.Errorf("a part that is none: %v", err)
	}
	done, err := complete(parts...)
	if err != nil || !strings.HasSuffix(*done.ETag, "-2\"") || !strings.HasSuffix(*done.ChecksumCRC32, "-2") {
		t.Fatalf("complete: %+v, %v", done, err)
	}
	if object(t, c, *bucket, *key) != string(first)+string(last) {
		t.Error("the object is not what was uploaded")
	}
	second, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key, PartNumber: aws.Int32(2)})
	if err != nil || *second.ContentLength != int64(len(last)) || *second.PartsCount != 2 {
		t.Errorf("the second part: %+v, %v", second, err)
	}
	about, err := c.GetObjectAttributes(t.Context(), &s3.GetObjectAttributesInput{Bucket: bucket, Key: key, ObjectAttributes: types.ObjectAttributes("").Values()})
	if err != nil || *about.ObjectSize != 5<<20+7 || *about.ObjectParts.TotalPartsCount != 2 || len(about.ObjectParts.Parts) != 2 {
		t.Errorf("attributes: %+v, %v", about, err)
	}
	if _, err := complete(parts...); codeOf(err) != "NoSuchUpload" {
		t.Errorf("complete again: %v", err)
	}
	copied, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("a copy"), CopySource: aws.String("parts/big")})
	if err != nil || strings.Contains(*copied.CopyObjectResult.ETag, "-") {
		t.Errorf("copy: %+v, %v", copied, err)
	}
	if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: key}); err != nil {
		t.Fatal(err)
	}
	if object(t, c, *bucket, "a copy") != string(first)+string(last) {
		t.Error("the copy does not outlive its source")
	}
}

func TestConditionsAndRanges(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := s.buckets()
	mustCreate(t, c, "cond")
	mustPut(t, c, "cond", "k", "0123456789")
	url := "http://" + s.addr + "/cond/k"
	for _, q := range []struct {
		header, value string
		status        int
		body          string
	}{
		{"Range", "bytes=2-4", 206, "234"},
		{"Range", "bytes=7-", 206, "789"},
		{"Range", "bytes=-3", 206, "789"},
		{"Range", "bytes=5-99", 206, "56789"},
		{"Range", "bytes=10-", 416, "InvalidRange"},
		{"Range", "bytes=-0", 416, "InvalidRange"},
		{"Range", "bytes=4-2", 200, "0123456789"},
		{"Range", "bytes=0-1,3-4", 200, "0123456789"},
		{"If-None-Match", `"781e5e245d69b566979b86e28d23f2c7"`, 304, ""},
		{"If-None-Match", `"other"`, 200, "0123456789"},
		{"If-Match", `"other"`, 412, "PreconditionFailed"},
		{"If-Match", `"781e5e245d69b566979b86e28d23f2c7"`, 200, "0123456789"},
		{"If-Modified-Since", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), 304, ""},
		{"If-Unmodified-Since", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), 412, "PreconditionFailed"},
	} {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		r.Header.Set(q.header, q.value)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00")
		res, body := do(t, r)
		if res.StatusCode != q.status || !strings.Contains(body, q.body) || q.body == "" && body != "" {
			t.Errorf("%s %s: %d %s", q.header, q.value, res.StatusCode, body)
		}
	}
	put := func(in s3.PutObjectInput) string {
		in.Bucket, in.Body = aws.String("cond"), strings.NewReader("new")
		_, err := c.PutObject(t.Context(), &in)
		if err == nil {
			return ""
		}
		return codeOf(err)
	}
	if got := put(s3.PutObjectInput{Key: aws.String("k"), IfNoneMatch: aws.String("*")}); got != "PreconditionFailed" {
		t.Errorf("put where there is something: %s", got)
	}
	if got := put(s3.PutObjectInput{Key: aws.String("fresh"), IfNoneMatch: aws.String("*")}); got != "" {
		t.Errorf("put where there is nothing: %s", got)
	}
	if got := put(s3.PutObjectInput{Key: aws.String("k"), IfMatch: aws.String("no")}); got != "PreconditionFailed" {
		t.Errorf("put over something else: %s", got)
	}
}

func TestPresignedURLsWorkUntilTheyExpire(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := start(t, emulator.Config{VerifySignatures: true, AccessKeys: map[string]string{"test": "test"}, Now: func() time.Time { return now }})
	for style, c := range map[string]*s3.Client{"path": s.buckets(), "virtual-host": s.virtual()} {
		bucket, key := "presigned-"+style, "a b+c/ü"
		mustCreate(t, c, bucket)
		p := s3.NewPresignClient(c)
		put, err := p.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			t.Fatal(err)
		}
		send := func(method, url, body string) (int, string) {
			r, _ := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
			res, err := s.http().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			b, _ := io.ReadAll(res.Body)
			return res.StatusCode, string(b)
		}
		if status, body := send("PUT", put.URL, "by hand"); status != 200 {
			t.Fatalf("%s put: %d %s", style, status, body)
		}
		get, err := p.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key}, s3.WithPresignExpires(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if status, body := send("GET", get.URL, ""); status != 200 || body != "by hand" {
			t.Errorf("%s get: %d %s", style, status, body)
		}
		if status, body := send("DELETE", get.URL, ""); status != 403 || !strings.Contains(body, "SignatureDoesNotMatch") {
			t.Errorf("%s, another method: %d %s", style, status, body)
		}
		if status, body := send("GET", strings.Replace(get.URL, "%2Bc", "%2Bd", 1), ""); status != 403 {
			t.Errorf("%s, another key: %d %s", style, status, body)
		}
		now = now.Add(2 * time.Minute)
		if status, body := send("GET", get.URL, ""); status != 403 || !strings.Contains(body, "Request has expired") {
			t.Errorf("%s, later: %d %s", style, status, body)
		}
		now = now.Add(-2 * time.Minute)
	}
}

func TestSignaturesAreVerifiedChunkByChunk(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{VerifySignatures: true, AccessKeys: map[string]string{"test": "test"}})
	c := s.buckets()
	mustCreate(t, c, "signed")
	data := strings.Repeat("x", 200<<10)
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("signed"), Key: aws.String("k"), Body: strings.NewReader(data), ChecksumAlgorithm: types.ChecksumAlgorithmSha256})
	if err != nil || object(t, c, "signed", "k") != data {
		t.Errorf("signed: %v", err)
	}
	config := s.aws()
	config.Credentials = credentials.NewStaticCredentialsProvider("test", "wrong", "")
	wrong := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	if got := object(t, wrong, "signed", "k"); got != "SignatureDoesNotMatch" {
		t.Errorf("a wrong secret: %s", got)
	}
	config.Credentials = credentials.NewStaticCredentialsProvider("other", "x", "")
	if got := object(t, s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }), "signed", "k"); got != "InvalidAccessKeyId" {
		t.Errorf("a key that nobody has: %s", got)
	}
	config.Credentials = aws.AnonymousCredentials{}
	config.BaseEndpoint, config.HTTPClient = s.virtual().Options().BaseEndpoint, s.http()
	if got := object(t, s3.NewFromConfig(config), "signed", "k"); got != "AccessDenied" {
		t.Errorf("nobody: %s", got)
	}
}

// Each operation of the SDK is served, or refused by name.
func TestEveryOperationOfS3IsThereOrRefused(t *testing.T) {
	t.Parallel()
	served, refused := ownS3.Operations(), ownS3.Unsupported()
	var all []string
	for _, name := range operationsOf(reflect.TypeFor[*s3.Client]()) {
		all = append(all, name)
		_, no := refused[name]
		if yes := slices.Contains(served, name); yes == no {
			t.Errorf("%s: served %v, refused %v", name, yes, no)
		}
	}
	for _, name := range slices.Concat(served, slices.Collect(maps.Keys(refused))) {
		if !slices.Contains(all, name) {
			t.Errorf("the SDK has no operation %s", name)
		}
	}
}

// Sources: the error lists of the operations in the Amazon S3 API Reference.
func TestWhatS3RefusesHasItsCode(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := s.buckets()
	mustCreate(t, c, "taken")
	b, ctx := aws.String("taken"), t.Context()
	frankfurt := s.aws()
	frankfurt.Region = "eu-central-1"
	elsewhere := s3.NewFromConfig(frankfurt, func(o *s3.Options) { o.UsePathStyle = true })
	other := s.aws()
	other.Credentials = credentials.NewStaticCredentialsProvider("111111111111", "x", "")
	stranger := s3.NewFromConfig(other, func(o *s3.Options) { o.UsePathStyle = true })
	for name, q := range map[string]struct {
		want string
		call func() error
	}{
		"a bucket's name":           {"InvalidBucketName", func() error { return create(c, ctx, "Bad_Name", "") }},
		"a bucket that is there":    {"", func() error { return create(c, ctx, "taken", "") }},
		"another's bucket":          {"BucketAlreadyExists", func() error { return create(stranger, ctx, "taken", "") }},
		"a region that is not said": {"IllegalLocationConstraintException", func() error { return create(elsewhere, ctx, "fra", "") }},
		"another region":            {"IllegalLocationConstraintException", func() error { return create(elsewhere, ctx, "fra", "eu-west-1") }},
		"us-east-1 by name":         {"InvalidLocationConstraint", func() error { return create(c, ctx, "east", "us-east-1") }},
		"no bucket": {"NoSuchBucket", func() error {
			_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("none")})
			return err
		}},
		"no bucket to look at": {"NotFound", func() error { _, err := c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("none")}); return err }},
		"no bucket to put into": {"NoSuchBucket", func() error {
			_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("none"), Key: b})
			return err
		}},
		"no source to copy": {"NoSuchKey", func() error {
			_, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: b, Key: b, CopySource: aws.String("taken/none")})
			return err
		}},
		"a long key": {"KeyTooLongError", func() error {
			_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String(strings.Repeat("k", 1025))})
			return err
		}},
		"a storage class that is none": {"InvalidStorageClass", func() error {
			_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: b, StorageClass: "WARM"})
			return err
		}},
		"an archive": {"NotImplemented", func() error {
			_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: b, StorageClass: "GLACIER"})
			return err
		}},
		"an ACL where the owner owns all": {"AccessControlListNotSupported", func() error {
			_, err := c.PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: b, ACL: "public-read"})
			return err
		}},
		"no policy": {"NoSuchBucketPolicy", func() error { _, err := c.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b}); return err }},
		"a policy that is none": {"MalformedPolicy", func() error {
			_, err := c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: b, Policy: aws.String("x")})
			return err
		}},
		"no web site": {"NoSuchWebsiteConfiguration", func() error { _, err := c.GetBucketWebsite(ctx, &s3.GetBucketWebsiteInput{Bucket: b}); return err }},
		"no tags":     {"NoSuchTagSet", func() error { _, err := c.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: b}); return err }},
		"notifications": {"NotImplemented", func() error {
			_, err := c.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{Bucket: b, NotificationConfiguration: &types.NotificationConfiguration{EventBridgeConfiguration: &types.EventBridgeConfiguration{}}})
			return err
		}},
		"no notifications": {"", func() error {
			_, err := c.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{Bucket: b, NotificationConfiguration: &types.NotificationConfiguration{}})
			return err
		}},
		"inventories": {"NotImplemented", func() error {
			_, err := c.ListBucketInventoryConfigurations(ctx, &s3.ListBucketInventoryConfigurationsInput{Bucket: b})
			return err
		}},
		"an upload that is none": {"NoSuchUpload", func() error {
			_, err := c.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: b, Key: b, UploadId: b})
			return err
		}},
		"a token of nowhere": {"InvalidArgument", func() error {
			_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b, ContinuationToken: aws.String("!")})
			return err
		}},
		"versioning without a status": {"IllegalVersioningConfigurationException", func() error {
			_, err := c.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: b, VersioningConfiguration: &types.VersioningConfiguration{}})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := q.call(); err == nil && q.want != "" || err != nil && codeOf(err) != q.want {
				t.Errorf("%v, want %s", err, q.want)
			}
		})
	}
}

func create(c *s3.Client, ctx context.Context, bucket, region string) error {
	in := &s3.CreateBucketInput{Bucket: &bucket}
	if region != "" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	_, err := c.CreateBucket(ctx, in)
	return err
}

func TestAResetTakesBucketsOfItsScope(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, emulator.Config{DataDir: data})
	c := s.buckets()
	mustCreate(t, c, "here")
	mustPut(t, c, "here", "k", "here")
	if err := create(c, t.Context(), "there", "eu-west-1"); err != nil {
		t.Fatal(err)
	}
	mustPut(t, c, "there", "k", "there")
	if err := s.Reset(t.Context(), store.Scope{Region: "eu-west-1"}); err != nil {
		t.Fatal(err)
	}
	if a, b := object(t, c, "here", "k"), object(t, c, "there", "k"); a != "here" || b != "NoSuchBucket" {
		t.Errorf("after the reset of a region: %s, %s", a, b)
	}
}

// A path that looks like a bucket's is nobody's but who its signature, its host or its form names.
func TestPathsOfS3ShadowNoOtherService(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := s.buckets()
	mustCreate(t, c, "restapis")
	mustPut(t, c, "restapis", "x", "an object")
	if got := object(t, c, "restapis", "x"); got != "an object" {
		t.Errorf("signed for S3: %s", got)
	}
	if status, body := get(t, "http://"+s.addr+"/restapis/x"); status == 200 || strings.Contains(body, "an object") {
		t.Errorf("unsigned: %d %s", status, body)
	}
	if status, _ := get(t, "http://"+s.addr+"/_postern/health"); status != 200 {
		t.Errorf("health: %d", status)
	}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://restapis.s3.localhost/x", nil)
	res, err := s.http().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); string(body) != "an object" {
		t.Errorf("unsigned, at the bucket's host: %s", body)
	}
	r.Header.Set("Origin", "https://evil.example")
	if res, err := s.http().Do(r); err != nil || res.StatusCode != 403 {
		t.Errorf("from another site: %v, %v", res, err)
	}
}
