package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"

	"postern/emulator"
)

// A client is how a verb reaches the running server: through the AWS SDK where
// AWS has an operation for it, else through Postern's own pages.
type client struct {
	endpoint string
	region   string
	json     bool
}

// addTo declares the flags every client verb has.
func (c *client) addTo(cmd *cobra.Command, listing bool) {
	region := "us-east-1"
	for _, name := range []string{"AWS_DEFAULT_REGION", "AWS_REGION"} {
		if v := os.Getenv(name); v != "" {
			region = v
		}
	}
	cmd.Flags().StringVar(&c.endpoint, "endpoint", defaultEndpoint(), "the running server (POSTERN_ENDPOINT or AWS_ENDPOINT_URL)")
	cmd.Flags().StringVar(&c.region, "region", region, "region to look in")
	if listing {
		cmd.Flags().BoolVar(&c.json, "json", false, "print JSON")
	}
}

// defaultEndpoint is what the environment names, else the usual port here.
func defaultEndpoint() string {
	for _, name := range []string{"POSTERN_ENDPOINT", "AWS_ENDPOINT_URL"} {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return fmt.Sprintf("http://localhost:%d", emulator.DefaultPort)
}

// aws is the configuration of SDK clients. The access key id is the one in the
// environment, since a 12-digit one selects the account.
func (c *client) aws() aws.Config {
	key, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if key == "" || secret == "" {
		key, secret = "test", "test"
	}
	return aws.Config{
		Region:           c.region,
		BaseEndpoint:     aws.String(c.endpoint),
		RetryMaxAttempts: 1,
		HTTPClient:       &http.Client{Transport: ownBodies{http.DefaultTransport}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: key, SecretAccessKey: secret, SessionToken: os.Getenv("AWS_SESSION_TOKEN")}, nil
		}),
	}
}

// ownBodies sends copies of the bodies of requests. The SDK closes a body when there is an answer; a connection that is not done
// with the body then ends, and with it a long answer. (aws-sdk-go-v2, issue 2737; it goes by trying again, which an invocation cannot.)
type ownBodies struct{ http.RoundTripper }

func (t ownBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return t.RoundTripper.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body, r.GetBody = io.NopCloser(bytes.NewReader(body)), nil
	return t.RoundTripper.RoundTrip(r)
}

// own calls one of Postern's own pages and decodes its JSON into out.
func (c *client) own(ctx context.Context, method, path string, out any) error {
	return c.ask(ctx, method, path, nil, out)
}

// ask is own with a request body.
func (c *client) ask(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var request bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&request).Encode(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.endpoint+path, &request)
	if err != nil {
		return &usageError{err}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return c.explain(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	var refusal struct{ Message string }
	if res.StatusCode == http.StatusBadRequest && json.Unmarshal(body, &refusal) == nil && refusal.Message != "" {
		return errors.New(refusal.Message)
	}
	if res.StatusCode != http.StatusOK {
		return withHint(fmt.Errorf("%s%s answered %s", c.endpoint, path, res.Status), "is something other than Postern listening there?")
	}
	return json.Unmarshal(body, out)
}

// explain turns a failed connection into what the user should know.
func (c *client) explain(err error) error {
	var op *net.OpError
	var u *url.Error
	var api smithy.APIError
	if errors.As(err, &api) {
		return errors.New(api.ErrorMessage()) // without the SDK's account of the call
	}
	if errors.As(err, &op) && op.Op == "dial" {
		return withHint(fmt.Errorf("no Postern answers at %s", c.endpoint), "start one with \"postern serve\", or name another with --endpoint")
	}
	if errors.As(err, &u) {
		return fmt.Errorf("%s: %w", c.endpoint, u.Err)
	}
	return err
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
