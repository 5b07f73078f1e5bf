package emulator_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/tls"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"postern/emulator"
	"postern/testdata/authority"
)

// saying is a package whose function returns a text.
func saying(t *testing.T, text string) string {
	t.Helper()
	return string(packed(t, map[string][]byte{"handler.py": []byte("def handle(event, context):\n    return '" + text + "'\n")}))
}

func pythonFrom(code *lambdatypes.FunctionCode) *lambda.CreateFunctionInput {
	return &lambda.CreateFunctionInput{
		FunctionName: aws.String("f"), Runtime: lambdatypes.RuntimePython312, Handler: aws.String("handler.handle"), Timeout: aws.Int32(10), Code: code,
	}
}

// Postern's own S3, and one that runs elsewhere: another Postern.
func TestCodeComesFromS3(t *testing.T) {
	needProgram(t, "python3")
	for _, where := range []string{"own", "elsewhere"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			config := emulator.Config{Lambda: processes(t)}
			var s, store *server
			if where == "own" {
				s = start(t, config)
				store = s
			} else {
				store = start(t, emulator.Config{})
				config.ServiceEndpoints = map[string]string{"s3": "http://" + store.addr}
				s = start(t, config)
			}
			c := store.buckets()
			mustCreate(t, c, "code")
			enable(t, c, "code", types.BucketVersioningStatusEnabled)
			const key = "builds/a b+c (1).zip"
			first := mustPut(t, c, "code", key, saying(t, "first"))
			mustPut(t, c, "code", key, saying(t, "second"))
			mustPut(t, c, "code", "layer.zip", string(packed(t, map[string][]byte{"python/shared.py": []byte("x = 1\n")})))

			s.createFunction(t, pythonFrom(&lambdatypes.FunctionCode{S3Bucket: aws.String("code"), S3Key: aws.String(key)}))
			if got, _, _ := s.invoke(t, "f", "{}"); got != `"second"` {
				t.Errorf("the latest version: %s", got)
			}
			api := lambda.NewFromConfig(s.aws())
			_, err := api.UpdateFunctionCode(t.Context(), &lambda.UpdateFunctionCodeInput{
				FunctionName: aws.String("f"), S3Bucket: aws.String("code"), S3Key: aws.String(key), S3ObjectVersion: &first,
			})
			if err != nil {
				t.Fatal(err)
			}
			if got, _, _ := s.invoke(t, "f", "{}"); got != `"first"` {
				t.Errorf("a version: %s", got)
			}
			out, err := api.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("f")})
			if err != nil {
				t.Fatal(err)
			}
			if _, body := get(t, *out.Code.Location); body != saying(t, "first") {
				t.Errorf("Code.Location does not lead to the package")
			}
			layer, err := api.PublishLayerVersion(t.Context(), &lambda.PublishLayerVersionInput{
				LayerName: aws.String("l"), Content: &lambdatypes.LayerVersionContentInput{S3Bucket: aws.String("code"), S3Key: aws.String("layer.zip")},
			})
			if err != nil || layer.Content.CodeSize == 0 {
				t.Errorf("layer: %+v, %v", layer, err)
			}
		})
	}
}

// The texts for NoSuchBucket and NoSuchKey are recorded; the others have their form.
func TestCodeThatIsNotInS3IsRefusedInAWSsWords(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{Lambda: processes(t)})
	c := s.buckets()
	mustCreate(t, c, "code")
	mustPut(t, c, "code", "text", "no zip file")
	mustPut(t, c, "code", "bomb", hugeZip(t))
	for name, q := range map[string]struct {
		code lambdatypes.FunctionCode
		want string
	}{
		"bucket":  {lambdatypes.FunctionCode{S3Bucket: aws.String("none"), S3Key: aws.String("k")}, "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"},
		"key":     {lambdatypes.FunctionCode{S3Bucket: aws.String("code"), S3Key: aws.String("k")}, "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."},
		"version": {lambdatypes.FunctionCode{S3Bucket: aws.String("code"), S3Key: aws.String("text"), S3ObjectVersion: aws.String(strings.Repeat("v", 32))}, "Error occurred while GetObject. S3 Error Code: NoSuchVersion. S3 Error Message: The specified version does not exist."},
		"zip":     {lambdatypes.FunctionCode{S3Bucket: aws.String("code"), S3Key: aws.String("text")}, "Could not unzip uploaded file. Please check your file, then try to upload again."},
		"size":    {lambdatypes.FunctionCode{S3Bucket: aws.String("code"), S3Key: aws.String("bomb")}, "Unzipped size must be smaller than 262144000 bytes"},
		"mode":    {lambdatypes.FunctionCode{S3Bucket: aws.String("code"), S3Key: aws.String("text"), S3ObjectStorageMode: "REFERENCE"}, "S3ObjectStorageMode REFERENCE is not emulated by Postern yet. Leave it out to go on without it."},
	} {
		in := pythonFrom(&q.code)
		in.Role = aws.String(role)
		_, err := lambda.NewFromConfig(s.aws()).CreateFunction(t.Context(), in)
		if err == nil || codeOf(err) != "InvalidParameterValueException" || !strings.HasSuffix(err.Error(), ": "+q.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// hugeZip is a small file with more in it than a function may have: one megabyte, compressed once, under many names.
func hugeZip(t *testing.T) string {
	t.Helper()
	zeros := make([]byte, 1<<20)
	var packed bytes.Buffer
	deflate, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	deflate.Write(zeros)
	deflate.Close()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 251 {
		w, err := z.CreateRaw(&zip.FileHeader{Name: fmt.Sprint("zeros", i), Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(zeros),
			CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(len(zeros))})
		if err != nil {
			t.Fatal(err)
		}
		w.Write(packed.Bytes())
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestATruststoreIsReadFromS3(t *testing.T) {
	t.Parallel()
	ours, theirs := authority.New(t, "Our CA"), authority.New(t, "Their CA")
	for name, config := range map[string]emulator.Config{"in memory": {}, "in files": {DataDir: t.TempDir()}} {
		t.Run(name, func(t *testing.T) {
			s := start(t, config)
			c := s.buckets()
			mustCreate(t, c, "trust")
			enable(t, c, "trust", types.BucketVersioningStatusEnabled)
			version := mustPut(t, c, "trust", "ca.pem", string(ours.PEM))
			mustPut(t, c, "trust", "ca.pem", string(theirs.PEM))
			m := s.createMock(t, `$context.identity.clientCert.subjectDN`)
			m.deploy(t, &apigateway.CreateDeploymentInput{})
			in := &apigateway.CreateDomainNameInput{
				DomainName: aws.String("api.example.com"), RegionalCertificateArn: s.request(t, "api.example.com"),
				EndpointConfiguration:   &gwtypes.EndpointConfiguration{Types: []gwtypes.EndpointType{gwtypes.EndpointTypeRegional}},
				MutualTlsAuthentication: &gwtypes.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/none.pem")},
			}
			if _, err := m.gw.CreateDomainName(t.Context(), in); err == nil || !strings.Contains(err.Error(), "NoSuchKey") {
				t.Errorf("a truststore that is not there: %v", err)
			}
			in.MutualTlsAuthentication = &gwtypes.MutualTlsAuthenticationInput{TruststoreUri: aws.String("s3://trust/ca.pem"), TruststoreVersion: &version}
			m.createDomain(t, in)
			m.mapTo(t, "api.example.com", "", "s")
			for _, q := range []struct {
				who  *authority.Authority
				want string
			}{{ours, "200 CN=me,O=Tests"}, {theirs, forbiddenAnswer}} {
				cert := q.who.Client("me")
				client := s.caller(t, func(c *tls.Config) {
					c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
				})
				if got := answered(t, client, "https://api.example.com/"); got != q.want {
					t.Errorf("%s, want %s", got, q.want)
				}
			}
		})
	}
}
