package jwt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Pages of an issuer.
const (
	discoveryPage = "/.well-known/openid-configuration"
	keySetPage    = "/.well-known/jwks.json" // Cognito's
)

// A Discovery finds key sets over HTTP.
type Discovery struct {
	Client  *http.Client
	Timeout time.Duration // of each request; 0: 5 s. Unlike AWS, whose 1500 ms a server that is just being compiled may need.
}

// maxDocument bounds what an issuer may answer. (AWS bounds its discovery page to 150 KB.)
const maxDocument = 256 << 10

// KeySet fetches the document that the issuer's discovery page calls jwks_uri. What lies
// below the issuer's own URL is looked for below base, where the issuer is reached.
func (d *Discovery) KeySet(ctx context.Context, issuer, base string) ([]byte, error) {
	url := strings.TrimSuffix(base, "/") + discoveryPage
	text, err := d.get(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDiscovery, err)
	}
	var page struct {
		KeySet string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(text, &page); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDiscovery, url, err)
	}
	if page.KeySet == "" {
		return nil, fmt.Errorf("%w: %s: it has no jwks_uri", ErrDiscovery, url)
	}
	if path, below := strings.CutPrefix(page.KeySet, strings.TrimSuffix(issuer, "/")+"/"); below {
		page.KeySet = strings.TrimSuffix(base, "/") + "/" + path
	}
	return d.keySet(ctx, page.KeySet)
}

// UserPoolKeySet fetches the keys of a user pool, whose place needs no discovery.
func (d *Discovery) UserPoolKeySet(ctx context.Context, base string) ([]byte, error) {
	return d.keySet(ctx, strings.TrimSuffix(base, "/")+keySetPage)
}

func (d *Discovery) keySet(ctx context.Context, url string) ([]byte, error) {
	text, err := d.get(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeySet, err)
	}
	return text, nil
}

func (d *Discovery) get(ctx context.Context, url string) ([]byte, error) {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := d.Client.Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("%s: no answer within %s", url, timeout)
		}
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", url, res.Status)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	if len(text) > maxDocument {
		return nil, fmt.Errorf("%s answered more than %d bytes", url, maxDocument)
	}
	return text, nil
}
