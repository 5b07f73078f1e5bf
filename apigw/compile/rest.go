package compile

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/cache"
	"postern/apigw/integration"
	"postern/apigw/jwt"
	"postern/apigw/limit"
	"postern/apigw/policy"
	"postern/apigw/route"
	"postern/apigw/service"
)

// Deps are what the steps of a stage work with.
type Deps struct {
	Invoker   apigw.Invoker          // runs functions; nil: none exist
	Services  *service.Client        // calls AWS services; nil: there are none
	Links     map[string]*url.URL    // where VPC links lead, by their ids, names or targets
	Transport *integration.Transport // shared by all stages; nil: one of this stage alone
	Caches    *cache.Caches          // of all stages; nil: one of this stage alone
	Buckets   *limit.Buckets         // of all stages; nil: some of this stage alone
	// Keys are the API keys and usage plans of an account and region; nil: there are none.
	Keys        func(account, region string) *limit.Keys
	AccountRate limit.Rate    // of each account in a region; zero: AWS's
	Tokens      *jwt.Verifier // of authorizers' tokens; nil: none are accepted
	// Authenticator verifies the signatures of callers; nil: nobody's is good.
	Authenticator auth.Authenticator
	// Managers verifies the signatures of calls about connections of WebSocket APIs; nil: they are not looked at.
	Managers auth.Authenticator
	Logger   *slog.Logger     // gets the warnings; nil: nobody
	Now      func() time.Time // nil is time.Now
}

// BuildREST compiles a stage of a REST API. The error joins everything that makes the
// definition impossible. What only fails when it is called, or is stored and has no effect yet, is
// logged as a warning.
func BuildREST(def REST, d Deps) (*apigw.Stage, error) {
	c := newCompiler(def, d)
	c.openCache()
	c.openPolicy()
	c.openCertificate()
	stage := &apigw.Stage{
		AccountID: def.AccountID, Region: def.Region, APIID: c.apiID, Name: c.stage,
		DeploymentID:           aws.ToString(def.Stage.DeploymentId),
		Variables:              maps.Clone(def.Stage.Variables),
		Routes:                 c.routes(),
		GatewayResponses:       c.gatewayResponses(),
		BinaryMediaTypes:       binaryMediaTypes(def.API),
		MinimumCompressionSize: compression(def.API),
		EndpointDisabled:       def.API.DisableExecuteApiEndpoint,
		Tracing:                def.Stage.TracingEnabled,
		HasPolicy:              aws.ToString(def.API.Policy) != "",
	}
	if s := def.Stage.AccessLogSettings; s != nil && !def.Test {
		stage.AccessLog = c.accessLog(aws.ToString(s.DestinationArn), aws.ToString(s.Format))
		if a := stage.AccessLog; def.Canary && a != nil && !a.Delivery { // REST API guide, "Canary release deployment in API Gateway"
			a.To.Name += "/Canary"
		}
	}
	if e := def.API.EndpointConfiguration; e != nil && len(e.Types) > 0 {
		stage.EndpointType, stage.VPCEndpointIDs = string(e.Types[0]), e.VpcEndpointIds
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	stage.FlushAuthorizers = c.flush()
	c.report(c.idleSettings())
	return stage, nil
}

// A compiler compiles the definition of a REST API.
type compiler struct {
	builder
	def       REST
	models    *models
	opened    *cache.Cache                   // the stage's, nil for none
	policy    *policy.Document               // the API's resource policy, nil for none
	policyErr error                          // why it cannot be read
	settings  map[string]types.MethodSetting // by settingKey, see setting

	certificate *tls.Certificate // the stage's client certificate, nil for none
}

func newCompiler(def REST, d Deps) *compiler {
	return &compiler{def: def, builder: newBuilder(d, def.AccountID, def.Region, aws.ToString(def.API.Id), aws.ToString(def.Stage.StageName))}
}

func binaryMediaTypes(api types.RestApi) (all apigw.BinaryMediaTypes) {
	for _, t := range api.BinaryMediaTypes {
		all = append(all, strings.ToLower(t))
	}
	return all
}

func compression(api types.RestApi) *int {
	if api.MinimumCompressionSize == nil {
		return nil
	}
	return aws.Int(int(*api.MinimumCompressionSize))
}

// A router is the route tree of one stage.
type router struct{ tree route.Tree[*apigw.Method] }

func (r *router) Route(verb, path string, values []string) (*apigw.Method, []string) {
	m, values, _ := r.tree.Match(verb, path, values)
	return m, values
}

// routes compiles every method, in the order of paths and verbs so that problems come in
// this order too.
func (c *compiler) routes() *router {
	r := &router{}
	resources := slices.SortedFunc(slices.Values(c.def.Resources), func(a, b types.Resource) int {
		return strings.Compare(aws.ToString(a.Path), aws.ToString(b.Path))
	})
	for _, res := range resources {
		for _, verb := range slices.Sorted(maps.Keys(res.ResourceMethods)) {
			place := verb + " " + aws.ToString(res.Path)
			if !strings.HasPrefix(aws.ToString(res.Path), "/") {
				c.impossible(place, errors.New("the resource's path does not begin with a slash"))
				continue
			}
			m := c.method(place, res, verb, res.ResourceMethods[verb])
			if err := r.tree.Add(*res.Path, verb, m); err != nil {
				c.impossible(place, err)
			}
		}
	}
	return r
}
