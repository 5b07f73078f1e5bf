package emulator

import (
	"cmp"
	"context"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"postern/apigw/service"
	"postern/emulator/wire"
)

// object opens an object of S3: Postern's own, unless the configuration says that S3 answers elsewhere.
func (e *Emulator) object(ctx context.Context, bucket, key, version string) (io.ReadCloser, int64, error) {
	if !e.s3Elsewhere() {
		return e.s3.Open(ctx, bucket, key, version)
	}
	return e.objectElsewhere(ctx, bucket, key, version)
}

// s3Elsewhere tells whether the configuration names another S3: its URL may as well be Postern's own.
func (e *Emulator) s3Elsewhere() bool {
	s3 := service.Find("s3")
	u, err := e.services.URL(s3)
	if err != nil || !e.services.Given(s3) {
		return false
	}
	host, ip := u.Hostname(), net.ParseIP(u.Hostname())
	local := host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
	return !local || u.Port() != strconv.Itoa(e.config.Port)
}

// objectElsewhere asks for an object with the caller's key. A secret that is not known here is taken to be test,
// as emulators have it.
func (e *Emulator) objectElsewhere(ctx context.Context, bucket, key, version string) (io.ReadCloser, int64, error) {
	caller := wire.CallerFrom(ctx)
	with, err := e.services.Caller(ctx, caller.AccessKeyID)
	if err != nil {
		with = aws.Credentials{AccessKeyID: cmp.Or(caller.AccessKeyID, "test"), SecretAccessKey: "test"}
	}
	query := map[string][]string{}
	if version != "" {
		query["versionId"] = []string{version}
	}
	res, err := e.services.Get(ctx, service.Find("s3"), caller.Region, with, "/"+bucket+"/"+key, query)
	if err != nil {
		return nil, 0, err
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, res.ContentLength, nil
	}
	defer res.Body.Close()
	var refused struct{ Code, Message string }
	if err := xml.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&refused); err != nil || refused.Code == "" {
		refused.Code, refused.Message = http.StatusText(res.StatusCode), "S3 answered with status "+res.Status
	}
	return nil, 0, &smithy.GenericAPIError{Code: refused.Code, Message: refused.Message}
}
