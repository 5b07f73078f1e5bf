package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// What of apigatewayv2's answers apis prints. The SDK's client would be a hundredth of the whole program,
// for four lists.
type (
	apiV2   struct{ ApiId, Name, ProtocolType string }
	stageV2 struct{ StageName, DeploymentId string }
	routeV2 struct{ RouteKey, Target string }

	integrationV2 struct{ IntegrationId, IntegrationType, IntegrationUri, IntegrationSubtype string }
)

// listV2 lists the HTTP and WebSocket APIs.
func (c *client) listV2(ctx context.Context) (all []apiListing, err error) {
	apis, err := allV2[apiV2](ctx, c, "/v2/apis")
	if err != nil {
		return nil, err
	}
	for _, a := range apis {
		l, err := c.listOneV2(ctx, a)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// listOneV2 lists an API. The routes are those of the API as it is now: no operation tells what a
// deployment froze.
func (c *client) listOneV2(ctx context.Context, a apiV2) (apiListing, error) {
	l := apiListing{ID: a.ApiId, Name: a.Name, Protocol: a.ProtocolType, Stages: []stageListing{}}
	routes, err := c.routesV2(ctx, a.ApiId)
	if err != nil {
		return l, err
	}
	stages, err := allV2[stageV2](ctx, c, "/v2/apis/"+a.ApiId+"/stages")
	base := c.endpoint
	if a.ProtocolType == "WEBSOCKET" {
		base = "ws" + strings.TrimPrefix(base, "http")
	}
	for _, s := range stages {
		if s.DeploymentId == "" {
			continue
		}
		at := base + "/_aws/execute-api/" + l.ID
		if s.StageName != "$default" {
			at += "/" + s.StageName
		}
		l.Stages = append(l.Stages, stageListing{Name: s.StageName, URL: at, Routes: routes})
	}
	return l, err
}

func (c *client) routesV2(ctx context.Context, id string) ([]routeListing, error) {
	integrations, err := allV2[integrationV2](ctx, c, "/v2/apis/"+id+"/integrations")
	if err != nil {
		return nil, err
	}
	behind := map[string]string{}
	for _, i := range integrations {
		called := i.IntegrationSubtype
		if called == "" {
			called = callee(i.IntegrationUri)
		}
		behind["integrations/"+i.IntegrationId] = strings.TrimSpace(i.IntegrationType + " " + called)
	}
	all, err := allV2[routeV2](ctx, c, "/v2/apis/"+id+"/routes")
	routes := []routeListing{}
	for _, r := range all {
		verb, path, _ := strings.Cut(r.RouteKey, " ")
		routes = append(routes, routeListing{Method: verb, Path: path, Integration: behind[r.Target]})
	}
	slices.SortFunc(routes, compareRoutes)
	return routes, err
}

// allV2 reads all pages of a list.
func allV2[T any](ctx context.Context, c *client, path string) (all []T, err error) {
	for token := ""; ; {
		var page struct {
			Items     []T
			NextToken string
		}
		if err := c.getV2(ctx, path+"?maxResults=100&nextToken="+url.QueryEscape(token), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if token = page.NextToken; token == "" {
			return all, nil
		}
	}
}

// getV2 asks apigatewayv2, signed as the SDK's clients sign.
func (c *client) getV2(ctx context.Context, path string, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.endpoint, "/")+strings.TrimSuffix(path, "&nextToken="), nil)
	if err != nil {
		return err
	}
	config := c.aws()
	with, err := config.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	empty := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(ctx, with, req, hex.EncodeToString(empty[:]), "apigateway", config.Region, time.Now()); err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		var failure struct{ Message string }
		_ = json.NewDecoder(res.Body).Decode(&failure)
		return fmt.Errorf("%s answers %s: %s", path, res.Status, failure.Message)
	}
	return json.NewDecoder(res.Body).Decode(out)
}
