package apigatewayv2

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/smithy-go"

	"postern/emulator/openapi"
	"postern/emulator/store"
)

const targetPrefix = "integrations/" // of a route's target, before the integration's id

// An importer writes what a document describes into an API that has nothing yet. What is refused is left
// out with a warning: a route whose integration is refused has no target, one whose authorizer is refused
// is left out too (both seen on AWS; lmammino, "Debugging AWS API Gateway HTTP with OIDC-JWT authorizers", 2025-12).
type importer struct {
	*imported
	tx           *store.Tx
	api          types.Api
	authorizers  map[string]string // ids by the names in the document
	integrations map[string]string // ids by those in the document
	refused      map[string]string // why integrations are not there, by their ids in the document
}

// write adds authorizers, integrations and routes to an API, or returns why the document is not imported.
func (d *imported) write(tx *store.Tx, a types.Api) error {
	i := &importer{imported: d, tx: tx, api: a, authorizers: map[string]string{}, integrations: map[string]string{}, refused: map[string]string{}}
	if err := i.putAuthorizers(); err != nil {
		return err
	}
	if err := i.putIntegrations(); err != nil {
		return err
	}
	if err := i.putRoutes(); err != nil {
		return err
	}
	return d.failed()
}

// refusal is the text of an error about one thing in a document; any other error ends the import.
func refusal(err error) (text string, other error) {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorFault() == smithy.FaultClient {
		return api.ErrorMessage(), nil
	}
	return "", err
}

func (i *importer) warn(format string, args ...any) {
	i.Warnings = append(i.Warnings, fmt.Sprintf(format, args...))
}

func (i *importer) putAuthorizers() error {
	for _, az := range i.Authorizers {
		name := *az.Name
		why, err := refusal(insertAuthorizer(i.tx, i.api, &az))
		if err != nil {
			return err
		}
		if why != "" {
			i.warn("Unable to create Authorizer '%s': %s", name, why)
			continue
		}
		i.authorizers[name] = *az.AuthorizerId
	}
	return nil
}

func (i *importer) putIntegrations() error {
	used := map[string]bool{}
	for _, r := range i.Routes {
		used[aws.ToString(r.Target)] = true
	}
	for _, in := range i.Integrations {
		key := *in.IntegrationId
		why, err := refusal(insertIntegration(i.tx, i.api, &in))
		switch {
		case err != nil:
			return err
		case why == "":
			i.integrations[key] = *in.IntegrationId
		case used[targetPrefix+key]:
			i.refused[key] = why
		default:
			i.warn("Unable to create integration '%s': %s. Ignoring.", strings.TrimPrefix(key, openapi.SharedPrefix), strings.TrimSuffix(why, "."))
		}
	}
	return nil
}

func (i *importer) putRoutes() error {
	for _, r := range i.Routes {
		if err := i.putRoute(r); err != nil {
			return err
		}
	}
	return nil
}

func (i *importer) putRoute(r types.Route) error {
	if name := aws.ToString(r.AuthorizerId); name != "" {
		id, ok := i.authorizers[name]
		if !ok {
			i.warn("Unable to create route for resource at path '%s': Authorizer '%s' was not created. Ignoring.", *r.RouteKey, name)
			return nil
		}
		r.AuthorizerId = &id
	}
	if key, ok := strings.CutPrefix(aws.ToString(r.Target), targetPrefix); ok {
		r.Target = nil
		if id, ok := i.integrations[key]; ok {
			r.Target = aws.String(targetPrefix + id)
		} else if why := i.refused[key]; why != "" {
			i.warn("Unable to create integration for resource at path '%s': %s. Ignoring.", *r.RouteKey, strings.TrimSuffix(why, "."))
		}
	}
	why, err := refusal(insertRoute(i.tx, i.api, &r))
	if why != "" {
		i.warn("Unable to create route for resource at path '%s': %s. Ignoring.", *r.RouteKey, strings.TrimSuffix(why, "."))
	}
	return err
}

// clearAPI removes what a document describes.
func clearAPI(tx *store.Tx, a types.Api) error {
	return errors.Join(clearPart(tx, routes, a), clearPart(tx, integrations, a), clearPart(tx, authorizers, a))
}

func clearPart[T any](tx *store.Tx, p part[T], a types.Api) error {
	page, err := p.List(tx, p.of(*a.ApiId))
	if err != nil {
		return err
	}
	for _, d := range page.Documents {
		if err := p.Delete(tx, d.ID); err != nil {
			return err
		}
	}
	return nil
}
