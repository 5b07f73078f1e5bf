package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// A Client calls AWS services in the name of roles.
type Client struct {
	*Endpoints
	*Sessions
	now    func() time.Time
	signer *v4.Signer
}

// NewClient makes a Client.
func NewClient(e *Endpoints, keys Keys, now func() time.Time) *Client {
	return &Client{Endpoints: e, Sessions: NewSessions(keys, now), now: now, signer: v4.NewSigner()}
}

// Sign signs a request whose header, host and URL are complete. It adds X-Amz-Date,
// X-Amz-Content-Sha256, X-Amz-Security-Token and Authorization, and sorts the query.
func (c *Client) Sign(ctx context.Context, r *http.Request, body []byte, s Service, region string, with aws.Credentials) error {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	return c.signer.SignHTTP(ctx, with, r, hash, s.Signing, region, c.now(), func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = s.Signing == "s3"
	})
}

// maxAnswer bounds what Post reads.
const maxAnswer = 10 << 20

// Post calls an action of a service that speaks JSON with the credentials of a role, and returns
// what was answered with a status below 300. Any other is an error.
func (c *Client) Post(ctx context.Context, s Service, region, action, roleARN string, body []byte) ([]byte, error) {
	header := http.Header{"Content-Type": {s.ContentType()}, "X-Amz-Target": {s.Target + "." + action}}
	return c.Send(ctx, s, region, roleARN, Call{Verb: http.MethodPost, Path: "/", Header: header, Body: body})
}

// Query is Post for a service that speaks the Query protocol, at a path of it.
func (c *Client) Query(ctx context.Context, s Service, region, path, roleARN string, form url.Values) ([]byte, error) {
	form.Set("Version", s.Version)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return c.Send(ctx, s, region, roleARN, Call{Verb: http.MethodPost, Path: path, Header: header, Body: []byte(form.Encode())})
}

// A Call is a request to a service that is not signed yet.
type Call struct {
	Verb, Path string // below where the service answers
	Header     http.Header
	Body       []byte
}

// Send makes a call with the credentials of a role. Answers are as for Post.
func (c *Client) Send(ctx context.Context, s Service, region, roleARN string, call Call) ([]byte, error) {
	u, err := c.URL(s)
	if err != nil {
		return nil, err
	}
	with, err := c.Role(ctx, roleARN)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, call.Verb, u.JoinPath(call.Path).String(), bytes.NewReader(call.Body))
	if err != nil {
		return nil, err
	}
	r.Header = call.Header
	if err := c.Sign(ctx, r, call.Body, s, region, with); err != nil {
		return nil, err
	}
	return answer(http.DefaultClient.Do(r))
}

// Get asks for a path, not escaped, of a service with a caller's own credentials. The body of the answer,
// whatever its status, is the caller's to close.
func (c *Client) Get(ctx context.Context, s Service, region string, with aws.Credentials, path string, query url.Values) (*http.Response, error) {
	u, err := c.URL(s)
	if err != nil {
		return nil, err
	}
	at := *u
	at.Path = strings.TrimSuffix(u.Path, "/") + path
	at.RawPath = strictlyEscaped(at.Path)
	at.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	if err := c.Sign(ctx, r, nil, s, region, with); err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(r)
}

// strictlyEscaped encodes a path as signatures want it: all but letters, digits and -._~ of each segment.
func strictlyEscaped(path string) string {
	return strings.NewReplacer("%2F", "/", "+", "%20").Replace(url.QueryEscape(path))
}

func answer(resp *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil && resp.StatusCode >= 300 {
		err = &Refusal{Status: resp.StatusCode, Body: body}
	}
	return body, err
}

// A Refusal is an answer with a status of 300 and above.
type Refusal struct {
	Status int
	Body   []byte
}

func (r *Refusal) Error() string { return fmt.Sprintf("status %d: %.500s", r.Status, r.Body) }

// ErrorCode is the error's name in the answer of a service that speaks JSON, without a namespace; "" if it has none.
func (r *Refusal) ErrorCode() string {
	var failure struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(r.Body, &failure)
	return failure.Type[strings.LastIndexByte(failure.Type, '#')+1:]
}
