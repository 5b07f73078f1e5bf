package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/spf13/cobra"
)

// What apis prints: each API with its stages and what each of them serves.
type (
	apiListing struct {
		ID       string         `json:"id"`
		Name     string         `json:"name"`
		Protocol string         `json:"protocol"` // REST, HTTP or WEBSOCKET
		Stages   []stageListing `json:"stages"`
	}
	stageListing struct {
		Name   string         `json:"name"`
		URL    string         `json:"url"`
		Domain []string       `json:"domainUrls,omitempty"` // at custom domain names
		Routes []routeListing `json:"routes"`
	}
	routeListing struct {
		Method      string `json:"method"`
		Path        string `json:"path"`
		Integration string `json:"integration,omitempty"` // of the live definition; "" where it is gone
	}
)

func newAPIs() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "apis",
		Short: "List the APIs, their stages, routes and URLs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := c.listAPIs(cmd.Context())
			if err != nil {
				return c.explain(err)
			}
			if c.json {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printAPIs(cmd.OutOrStdout(), all)
		},
	}
	c.addTo(cmd, true)
	return cmd
}

func (c *client) listAPIs(ctx context.Context) ([]apiListing, error) {
	api := apigateway.NewFromConfig(c.aws())
	domains, err := c.domainMappings(ctx, api)
	if err != nil {
		return nil, err
	}
	all := []apiListing{}
	pages := apigateway.NewGetRestApisPaginator(api, &apigateway.GetRestApisInput{Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Items {
			l, err := c.listAPI(ctx, api, a)
			if err != nil {
				return nil, err
			}
			all = append(all, l)
		}
	}
	v2, err := c.listV2(ctx)
	if err != nil {
		return nil, err
	}
	all = append(all, v2...)
	for i := range all {
		all[i].locate(domains)
	}
	return all, nil
}

func (c *client) listAPI(ctx context.Context, api *apigateway.Client, a types.RestApi) (apiListing, error) {
	l := apiListing{ID: *a.Id, Name: aws.ToString(a.Name), Protocol: "REST", Stages: []stageListing{}}
	stages, err := api.GetStages(ctx, &apigateway.GetStagesInput{RestApiId: a.Id})
	if err != nil {
		return l, err
	}
	integrations, err := integrationsOf(ctx, api, l.ID)
	if err != nil {
		return l, err
	}
	for _, s := range stages.Item {
		routes, err := routesOf(ctx, api, l.ID, aws.ToString(s.DeploymentId), integrations)
		if err != nil {
			return l, err
		}
		l.Stages = append(l.Stages, stageListing{
			Name: *s.StageName, Routes: routes,
			URL: fmt.Sprintf("%s/_aws/execute-api/%s/%s", c.endpoint, l.ID, *s.StageName),
		})
	}
	return l, nil
}

// locate adds where custom domain names serve the stages.
func (l *apiListing) locate(domains []domainMapping) {
	for i := range l.Stages {
		for _, d := range domains {
			if u := d.urlOf(l.ID, l.Stages[i].Name); u != "" {
				l.Stages[i].Domain = append(l.Stages[i].Domain, u)
			}
		}
	}
}

// routesOf lists what a deployment serves, which is not what the API looks like now.
func routesOf(ctx context.Context, api *apigateway.Client, apiID, deploymentID string, integrations map[string]string) ([]routeListing, error) {
	d, err := api.GetDeployment(ctx, &apigateway.GetDeploymentInput{RestApiId: &apiID, DeploymentId: &deploymentID, Embed: []string{"apisummary"}})
	if err != nil {
		return nil, err
	}
	routes := []routeListing{}
	for path, methods := range d.ApiSummary {
		for method := range methods {
			routes = append(routes, routeListing{Method: method, Path: path, Integration: integrations[method+" "+path]})
		}
	}
	slices.SortFunc(routes, compareRoutes)
	return routes, nil
}

func compareRoutes(a, b routeListing) int {
	return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
}

// integrationsOf says by "GET /path" what is behind each method.
func integrationsOf(ctx context.Context, api *apigateway.Client, apiID string) (map[string]string, error) {
	behind := map[string]string{}
	pages := apigateway.NewGetResourcesPaginator(api, &apigateway.GetResourcesInput{
		RestApiId: &apiID, Limit: aws.Int32(500), Embed: []string{"methods"}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Items {
			for verb, m := range r.ResourceMethods {
				if i := m.MethodIntegration; i != nil {
					behind[verb+" "+*r.Path] = describeIntegration(i)
				}
			}
		}
	}
	return behind, nil
}

// describeIntegration is the type and the function or URL behind it.
func describeIntegration(i *types.Integration) string {
	return strings.TrimSpace(string(i.Type) + " " + callee(aws.ToString(i.Uri)))
}

// callee is the name of the function that a URI or ARN invokes, else the URI.
func callee(uri string) string {
	if _, name, ok := strings.Cut(uri, ":function:"); ok {
		return strings.TrimSuffix(name, "/invocations")
	}
	return uri
}

func printAPIs(w io.Writer, all []apiListing) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no APIs yet")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, a := range all {
		kind := ""
		if a.Protocol != "REST" {
			kind = ", " + a.Protocol
		}
		fmt.Fprintf(t, "%s (%s%s)\n", a.Name, a.ID, kind)
		if len(a.Stages) == 0 {
			fmt.Fprintln(t, "  not deployed")
		}
		for _, s := range a.Stages {
			fmt.Fprintf(t, "  %s\n", s.URL)
			for _, u := range s.Domain {
				fmt.Fprintf(t, "  %s\n", u)
			}
			for _, r := range s.Routes {
				fmt.Fprintf(t, "    %s\t%s\t%s\n", r.Method, r.Path, r.Integration)
			}
		}
	}
	return t.Flush()
}
