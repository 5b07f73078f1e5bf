package apigateway

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"

	"postern/emulator/openapi"
	"postern/emulator/store"
)

// An importer writes a document into an API. It goes on after an error, so that all of them are
// reported, and the transaction keeps nothing then.
type importer struct {
	tx   *store.Tx
	api  store.Document[restAPI]
	doc  *document
	tree *resourceTree

	validators, authorizers map[string]string // ids by name
	broken                  error             // no fault of the document
}

// write writes all that the API consists of, or returns AWS's error with all that is wrong.
func (d *document) write(tx *store.Tx, api store.Document[restAPI]) error {
	d.Adopt(api.ID)
	tree, err := readTree(tx, api)
	if err != nil {
		return err
	}
	was := d.errors
	defer func() { d.errors = was }()
	i := &importer{tx: tx, api: api, doc: d, tree: tree, validators: map[string]string{}, authorizers: map[string]string{}}
	i.putModels()
	i.putValidators()
	i.putAuthorizers()
	i.putGatewayResponses()
	i.putDocumentation()
	for _, r := range d.Resources {
		i.putResource(r)
	}
	if err := errors.Join(i.broken, d.failed()); err != nil {
		return err
	}
	return tree.write(tx)
}

// ok notes an error of an operation with what it was to do.
func (i *importer) ok(err error, format string, args ...any) bool {
	var api smithy.APIError
	switch {
	case err == nil:
		return true
	case i.broken != nil:
	case errors.As(err, &api):
		i.doc.errors = append(i.doc.errors, fmt.Sprintf(format, args...)+": "+api.ErrorMessage())
	default:
		i.broken = err
	}
	return false
}

func (i *importer) putModels() {
	for _, m := range i.doc.Models {
		if !i.ok(checkModel(m), "Unable to create model named '%s'", *m.Name) {
			continue
		}
		old, found, err := findModel(i.tx, i.api, *m.Name)
		m.Id = old.Id
		if !found {
			m.Id = aws.String(i.tx.ID(6))
		}
		err = errors.Join(err, materialize(i.tx, i.api, *m.Name), models.Put(i.tx, modelDocument(i.api.ID, m)))
		i.ok(err, "Unable to create model named '%s'", *m.Name)
	}
}

func (i *importer) putValidators() {
	p, err := validators.List(i.tx, store.Query{Parent: apiRef(i.api.ID)})
	i.ok(err, "Unable to create request validators")
	for _, d := range p.Documents {
		i.validators[d.Name] = *d.Value.Id
	}
	for _, v := range i.doc.RequestValidators {
		name := *v.Name
		if i.validators[name] == "" {
			i.validators[name] = i.tx.ID(6)
		}
		v.Id = aws.String(i.validators[name])
		i.ok(validators.Put(i.tx, validatorDocument(i.api.ID, v)), "Unable to create request validator '%s'", name)
	}
}

func (i *importer) putAuthorizers() {
	all, err := allAuthorizers(i.tx, i.api.ID)
	i.ok(err, "Unable to create authorizers")
	for _, a := range all {
		i.authorizers[*a.Name] = *a.Id
	}
	if len(i.doc.Authorizers) > maxAuthorizers {
		i.ok(badRequest("Postern imports at most %d", maxAuthorizers), "Unable to create authorizers")
		return
	}
	for _, a := range i.doc.Authorizers {
		name := *a.Name
		if i.authorizers[name] == "" {
			i.authorizers[name] = i.tx.ID(6)
		}
		a.Id = aws.String(i.authorizers[name])
		fillAuthorizer(&a)
		err := checkAuthorizer(i.tx.Scope(), i.tx, i.api.ID, a)
		if err == nil {
			err = authorizers.Put(i.tx, authorizerDocument(i.api.ID, a))
		}
		i.ok(err, "Unable to create authorizer '%s'", name)
	}
}

func (i *importer) putGatewayResponses() {
	for _, g := range i.doc.GatewayResponses {
		r := newGatewayResponse(&sdk.PutGatewayResponseInput{
			ResponseType: g.ResponseType, StatusCode: g.StatusCode,
			ResponseParameters: g.ResponseParameters, ResponseTemplates: g.ResponseTemplates,
		})
		err := checkGatewayResponse(r)
		if err == nil {
			err = gatewayResponses.Put(i.tx, gatewayResponseDocument(i.api.ID, r))
		}
		i.ok(err, "Unable to put gateway response '%s'", g.ResponseType)
	}
}

func (i *importer) putDocumentation() {
	_, err := putDocumentationParts(i.tx, i.api.ID, i.doc.DocumentationParts)
	i.ok(err, "Unable to create documentation part")
}

func (i *importer) putResource(from openapi.Resource) {
	r, err := i.tree.ensure(i.tx, from.Path)
	if !i.ok(err, "Unable to create resource at path '%s'", from.Path) {
		return
	}
	for _, verb := range from.Verbs {
		m := from.Methods[verb]
		i.checked(&m, *r.Id, from.Path)
		if r.ResourceMethods == nil {
			r.ResourceMethods = map[string]types.Method{}
		}
		r.ResourceMethods[verb] = m
	}
}

// checked completes a method and checks it as the operations for its parts do.
func (i *importer) checked(m *types.Method, resource, path string) {
	m.RequestValidatorId = renamed(m.RequestValidatorId, i.validators)
	m.AuthorizerId = renamed(m.AuthorizerId, i.authorizers)
	i.ok(checkMethod(i.tx, i.api.ID, *m), "Unable to put method '%s' on resource at path '%s'", *m.HttpMethod, path)
	for _, code := range slices.Sorted(maps.Keys(m.MethodResponses)) {
		i.ok(checkMethodResponse(i.tx, i.api.ID, m.MethodResponses[code]),
			"Unable to put method response '%s' on '%s' for resource at path '%s'", code, *m.HttpMethod, path)
	}
	if m.MethodIntegration == nil {
		return
	}
	responses := m.MethodIntegration.IntegrationResponses
	n := newIntegration(putIntegration(*m.MethodIntegration, resource))
	n.IntegrationResponses = responses
	m.MethodIntegration = &n
	if !i.ok(checkIntegration(i.tx, &i.api.ID, *m), "Unable to put integration on '%s' for resource at path '%s'", *m.HttpMethod, path) {
		return
	}
	for _, code := range slices.Sorted(maps.Keys(responses)) {
		i.ok(checkIntegrationResponse(*m, responses[code]),
			"Unable to put integration response on '%s' for resource at path '%s'", *m.HttpMethod, path)
	}
}

// renamed is the id for a name; a name that nothing has stays, and is refused as an id.
func renamed(name *string, ids map[string]string) *string {
	if id := ids[aws.ToString(name)]; id != "" {
		return &id
	}
	return name
}

// putIntegration is the PutIntegration that an integration in a document stands for.
func putIntegration(i types.Integration, resource string) *sdk.PutIntegrationInput {
	in := &sdk.PutIntegrationInput{
		ResourceId: &resource, Type: i.Type, IntegrationHttpMethod: i.HttpMethod, Uri: i.Uri, Credentials: i.Credentials,
		RequestParameters: i.RequestParameters, RequestTemplates: i.RequestTemplates, ContentHandling: i.ContentHandling,
		ConnectionType: i.ConnectionType, ConnectionId: i.ConnectionId, TlsConfig: i.TlsConfig,
		ResponseTransferMode: i.ResponseTransferMode, IntegrationTarget: i.IntegrationTarget,
		CacheKeyParameters: i.CacheKeyParameters, CacheNamespace: i.CacheNamespace, PassthroughBehavior: i.PassthroughBehavior,
	}
	if i.TimeoutInMillis != 0 {
		in.TimeoutInMillis = &i.TimeoutInMillis
	}
	return in
}

// A resourceTree is the resources of an API while a document is written into it.
type resourceTree struct {
	api      string
	byPath   map[string]*types.Resource
	variable map[string]string // the path part in braces among the children of a resource
	changed  []*types.Resource // parents first
}

// Limits on what an import makes. AWS's quota is 300 resources, and can be raised.
const (
	maxImported    = 3000
	maxPath        = 2048
	maxAuthorizers = 100 // AWS's quota is 10
)

func readTree(tx *store.Tx, api store.Document[restAPI]) (*resourceTree, error) {
	all, err := allResources(tx, api.ID)
	t := &resourceTree{api: api.ID, byPath: map[string]*types.Resource{}, variable: map[string]string{}}
	for i := range all {
		t.add(&all[i])
	}
	return t, err
}

func (t *resourceTree) add(r *types.Resource) {
	t.byPath[*r.Path] = r
	if r.ParentId != nil && isVariable(*r.PathPart) {
		t.variable[*r.ParentId] = *r.PathPart
	}
}

// ensure is the resource of a path, with all above it.
func (t *resourceTree) ensure(tx *store.Tx, path string) (*types.Resource, error) {
	r := t.byPath["/"]
	if len(path) > maxPath {
		return nil, badRequest("The path is longer than %d characters", maxPath)
	}
	if path = strings.Trim(path, "/"); path != "" {
		for part := range strings.SplitSeq(path, "/") {
			var err error
			if r, err = t.child(tx, r, part); err != nil {
				return nil, err
			}
		}
	}
	t.changed = append(t.changed, r)
	return r, nil
}

func (t *resourceTree) child(tx *store.Tx, parent *types.Resource, part string) (*types.Resource, error) {
	path := join(*parent.Path, part)
	if r := t.byPath[path]; r != nil {
		return r, nil
	}
	sibling, has := t.variable[*parent.Id]
	switch err := checkPathPart(part); {
	case err != nil:
		return nil, err
	case parent.PathPart != nil && isGreedy(*parent.PathPart):
		return nil, errGreedyParent(*parent.PathPart)
	case has && isVariable(part):
		return nil, errVariableSibling(sibling)
	case len(t.byPath) > maxImported:
		return nil, badRequest("Maximum number of resources for this API has been reached. Postern imports at most %d", maxImported)
	}
	r := &types.Resource{Id: aws.String(tx.ID(10)), ParentId: parent.Id, PathPart: &part, Path: &path}
	t.add(r)
	t.changed = append(t.changed, r)
	return r, nil
}

func (t *resourceTree) write(tx *store.Tx) error {
	written := map[*types.Resource]bool{}
	for _, r := range t.changed {
		if written[r] {
			continue
		}
		written[r] = true
		if err := resources.Put(tx, resourceDocument(t.api, *r)); err != nil {
			return err
		}
	}
	return nil
}
