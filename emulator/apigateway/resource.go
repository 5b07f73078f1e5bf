package apigateway

import (
	"context"
	"postern/emulator/lazyregexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// resources are stored with all their methods, each with its integration and
// responses, under "restApiId/resourceId" and the name of their path. A resource
// hangs from its parent, the root from the API: so subtrees go at once.
var resources = store.Kind[types.Resource]{Service: service, Name: "resource"}

func insertResource(tx *store.Tx, api string, r types.Resource) error {
	return resources.Insert(tx, resourceDocument(api, r))
}

func resourceDocument(api string, r types.Resource) store.Document[types.Resource] {
	d := store.Document[types.Resource]{ID: api + "/" + *r.Id, Parent: apiRef(api), Name: *r.Path, Value: r}
	if r.ParentId != nil {
		d.Parent = resourceRef(api, *r.ParentId)
	}
	return d
}

func resourceRef(api, id string) *store.Ref {
	return &store.Ref{Kind: resources.Name, ID: api + "/" + id}
}

// getResource reads a resource of an API. An API that is not there has no
// resources: AWS does not tell the two apart (recorded).
func getResource(tx *store.Tx, api, id *string) (store.Document[types.Resource], error) {
	d, err := resources.Get(tx, aws.ToString(api)+"/"+aws.ToString(id))
	return d, missing(err, "Invalid Resource identifier specified")
}

// CreateResource adds a path part below a resource.
func (s *Service) CreateResource(ctx context.Context, in *sdk.CreateResourceInput) (*sdk.CreateResourceOutput, error) {
	r := types.Resource{PathPart: in.PathPart, ParentId: in.ParentId}
	err := s.update(ctx, func(tx *store.Tx) error {
		parent, err := getResource(tx, in.RestApiId, in.ParentId)
		if err != nil {
			return err
		}
		if err := checkPathPart(*in.PathPart); err != nil {
			return err
		}
		if err := checkPlace(tx, *in.RestApiId, parent.Value, r); err != nil {
			return err
		}
		r.Id = aws.String(tx.ID(10))
		r.Path = aws.String(join(*parent.Value.Path, *in.PathPart))
		if err := insertResource(tx, *in.RestApiId, r); err != nil {
			return err
		}
		return within(tx, s.quotas, quota.Resources, resources, *in.RestApiId)
	})
	return wire.Answer[sdk.CreateResourceOutput](r, err)
}

func join(path, part string) string { return strings.TrimSuffix(path, "/") + "/" + part }

var pathPart = lazyregexp.New(`^([a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._-]+\+?\})$`)

func checkPathPart(part string) error {
	if !pathPart.MatchString(part) {
		return badRequest("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
	}
	return nil
}

func isVariable(part string) bool { return strings.HasPrefix(part, "{") }
func isGreedy(part string) bool   { return strings.HasSuffix(part, "+}") }

// checkPlace refuses a resource that its parent or its siblings exclude.
func checkPlace(tx *store.Tx, api string, parent, r types.Resource) error {
	if part := aws.ToString(parent.PathPart); isGreedy(part) {
		return errGreedyParent(part)
	}
	siblings, err := resources.List(tx, store.Query{Parent: resourceRef(api, *parent.Id)})
	if err != nil {
		return err
	}
	for _, d := range siblings.Documents {
		sibling := d.Value
		switch {
		case aws.ToString(sibling.Id) == aws.ToString(r.Id):
		case *sibling.PathPart == *r.PathPart:
			return conflict("Another resource with the same parent already has this name: %s", *r.PathPart)
		case isVariable(*sibling.PathPart) && isVariable(*r.PathPart):
			return errVariableSibling(*sibling.PathPart)
		}
	}
	return nil
}

func errGreedyParent(part string) error {
	return badRequest("Cannot create a child of a resource with a greedy path variable: %s", part)
}

func errVariableSibling(part string) error {
	return badRequest("A sibling (%s) of this resource already has a variable path part -- only one is allowed", part)
}

// embedsMethods says whether a request asks for methods in full.
func embedsMethods(embed []string) (bool, error) {
	for _, e := range embed {
		if e != "methods" {
			return false, badRequest("Invalid embed parameter: %s", e)
		}
	}
	return len(embed) > 0, nil
}

// describeResource is a resource as AWS shows it: without embed, of methods only
// their verbs.
func describeResource(r types.Resource, embed bool) types.Resource {
	if len(r.ResourceMethods) == 0 {
		r.ResourceMethods = nil
		return r
	}
	methods := make(map[string]types.Method, len(r.ResourceMethods))
	for verb, m := range r.ResourceMethods {
		methods[verb] = types.Method{}
		if embed {
			methods[verb] = m
		}
	}
	r.ResourceMethods = methods
	return r
}

// GetResource reads a resource.
func (s *Service) GetResource(ctx context.Context, in *sdk.GetResourceInput) (*sdk.GetResourceOutput, error) {
	embed, err := embedsMethods(in.Embed)
	if err != nil {
		return nil, err
	}
	var r types.Resource
	err = s.view(ctx, func(tx *store.Tx) error {
		d, err := getResource(tx, in.RestApiId, in.ResourceId)
		r = d.Value
		return err
	})
	return wire.Answer[sdk.GetResourceOutput](describeResource(r, embed), err)
}

// GetResources lists the resources of an API by path.
func (s *Service) GetResources(ctx context.Context, in *sdk.GetResourcesInput) (*sdk.GetResourcesOutput, error) {
	embed, err := embedsMethods(in.Embed)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetResourcesOutput{Items: []types.Resource{}}
	err = s.view(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		q := store.Query{Prefix: d.ID + "/", Order: store.ByName}
		found, next, err := list(tx, resources, q, in.Limit, in.Position)
		for _, r := range found {
			out.Items = append(out.Items, describeResource(r, embed))
		}
		out.Position = next
		return err
	})
	return out, err
}

// DeleteResource removes a resource and all below it.
func (s *Service) DeleteResource(ctx context.Context, in *sdk.DeleteResourceInput) (*sdk.DeleteResourceOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getResource(tx, in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		if d.Value.ParentId == nil {
			return badRequest("Cannot delete root resource.")
		}
		return resources.Delete(tx, d.ID)
	})
	return &sdk.DeleteResourceOutput{}, err
}

// allResources reads the resources of an API, sorted by path.
func allResources(tx *store.Tx, api string) ([]types.Resource, error) {
	p, err := resources.List(tx, store.Query{Prefix: api + "/", Order: store.ByName})
	out := make([]types.Resource, len(p.Documents))
	for i, d := range p.Documents {
		out[i] = d.Value
	}
	return out, err
}
