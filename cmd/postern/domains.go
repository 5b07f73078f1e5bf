package main

import (
	"context"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// A domainMapping is one base path of a custom domain name.
type domainMapping struct {
	url   string // without a stage
	api   string
	stage string // "" where the path names it
}

// domainMappings lists the base paths of all custom domain names.
func (c *client) domainMappings(ctx context.Context, api *apigateway.Client) (all []domainMapping, err error) {
	pages := apigateway.NewGetDomainNamesPaginator(api, &apigateway.GetDomainNamesInput{Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Items {
			of, err := c.mappingsOf(ctx, api, d)
			if err != nil {
				return nil, err
			}
			all = append(all, of...)
		}
	}
	return all, nil
}

func (c *client) mappingsOf(ctx context.Context, api *apigateway.Client, d types.DomainName) (all []domainMapping, err error) {
	base := "https://" + *d.DomainName
	if u, err := url.Parse(c.endpoint); err == nil && u.Port() != "" {
		base += ":" + u.Port()
	}
	pages := apigateway.NewGetBasePathMappingsPaginator(api, &apigateway.GetBasePathMappingsInput{
		DomainName: d.DomainName, DomainNameId: d.DomainNameId, Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range page.Items {
			of := domainMapping{url: base, api: *m.RestApiId, stage: aws.ToString(m.Stage)}
			if *m.BasePath != "(none)" {
				of.url += "/" + *m.BasePath
			}
			all = append(all, of)
		}
	}
	return all, nil
}

// urlOf is where a stage is below the mapping, "" if it is not.
func (m domainMapping) urlOf(api, stage string) string {
	switch {
	case m.api != api || m.stage != "" && m.stage != stage:
		return ""
	case m.stage == "":
		return strings.TrimSuffix(m.url, "/") + "/" + stage
	}
	return m.url
}
