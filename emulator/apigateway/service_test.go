package apigateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/domainname"
	"postern/emulator/store"
	"postern/emulator/wire"
)

const account, region = "111122223333", "eu-west-1"

// A bench is a Service on a store of its own, whose clock stands still, and what
// it has published.
type bench struct {
	*Service
	t   *testing.T
	ctx context.Context
	published
}

// published remembers what a Service publishes.
type published struct {
	mu     sync.Mutex // guards the rest
	stages map[string]Snapshot
	events []string
	fail   error
}

func (p *published) Publish(_ context.Context, s Snapshot) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, "publish "+*s.Stage.StageName)
	if p.fail == nil {
		p.stages[*s.API.Id+"/"+*s.Stage.StageName] = s
	}
	return p.fail
}

// TestMethod answers with the call as it came.
func (p *published) TestMethod(_ context.Context, s Snapshot, call MethodCall) (MethodAnswer, error) {
	body := fmt.Sprintf("%s %s ? %s of %s with %v and %q", call.Verb, call.Path, call.Query, *s.Resources[0].Path, s.Stage.Variables, call.Body)
	return MethodAnswer{Status: 200, Body: []byte(body), Header: call.Header, Log: "log", Latency: 5 * time.Millisecond}, nil
}

// TestAuthorizer answers with the call as it came.
func (p *published) TestAuthorizer(_ context.Context, s Snapshot, call MethodCall) (AuthorizerAnswer, error) {
	said := fmt.Sprintf("%s %s ? %s of %s with %v and %v", call.Verb, call.Path, call.Query, *s.Authorizers[0].Name, s.Stage.Variables, call.Header)
	return AuthorizerAnswer{PrincipalID: "me", Policy: said, Context: map[string]string{"k": "v"}, Log: "log", Latency: 5 * time.Millisecond}, nil
}

func (p *published) FlushCache(_, stage string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, "flush "+stage)
}

func (p *published) FlushAuthorizers(_, stage string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, "flush authorizers of "+stage)
}

func (p *published) Unpublish(_ context.Context, api, stage string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, strings.TrimSpace("unpublish "+stage))
	for key := range p.stages {
		if key == api+"/"+stage || stage == "" && strings.HasPrefix(key, api+"/") {
			delete(p.stages, key)
		}
	}
}

func (p *published) PublishDomain(_ context.Context, s domainname.Snapshot) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, "publish "+*s.Domain.DomainName)
	return p.fail
}

func (p *published) UnpublishDomain(_ context.Context, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, "unpublish "+name)
}

// certificate stands for ACM, which has two certificates for example.com in each region.
func certificate(_ *store.Tx, arn string) (domainname.Certificate, error) {
	c := domainname.Certificate{Names: []string{"example.com", "*.example.com"}, Imported: strings.HasSuffix(arn, "/imported")}
	if !c.Imported && !strings.HasSuffix(arn, "/issued") {
		return domainname.Certificate{}, store.ErrNotFound
	}
	return c, nil
}

// truststore stands for S3, which has an authority that has expired and something else.
func truststore(_ context.Context, uri, version string) ([]byte, error) {
	switch {
	case version != "":
		return nil, errors.New("no version " + version + " of " + uri)
	case uri == "s3://trust/ca.pem":
		return []byte(expiredAuthority), nil
	case uri == "s3://trust/notes.txt":
		return []byte("hello"), nil
	}
	return nil, errors.New("no " + uri)
}

func newBench(t *testing.T) *bench {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{
		Now:  func() time.Time { return time.Date(2026, 11, 23, 4, 5, 6, 789e6, time.UTC) },
		Rand: rand.NewChaCha8([32]byte{1}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b := &bench{t: t, ctx: wire.WithCaller(t.Context(), wire.Caller{AccountID: account, Region: region})}
	b.published.stages = map[string]Snapshot{}
	b.Service = New(Options{
		Store: s, Publisher: &b.published, Tester: &b.published, Logger: slog.New(slog.DiscardHandler),
		Domains: domainname.New(domainname.Options{Store: s, Publisher: &b.published, Certificate: certificate, Truststore: truststore}),
	})
	return b
}

// must ends a test that cannot go on.
func must[T any](out T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// api creates an API; its root resource is the second id.
func (b *bench) api() (id, root *string) {
	b.t.Helper()
	out := must(b.CreateRestApi(b.ctx, &sdk.CreateRestApiInput{Name: aws.String("n")}))(b.t)
	return out.Id, out.RootResourceId
}

func (b *bench) resource(api, parent *string, part string) *string {
	b.t.Helper()
	return must(b.CreateResource(b.ctx, &sdk.CreateResourceInput{RestApiId: api, ParentId: parent, PathPart: &part}))(b.t).Id
}

// mock puts a method with a MOCK integration.
func (b *bench) mock(api, resource *string, verb string) {
	b.t.Helper()
	must(b.PutMethod(b.ctx, &sdk.PutMethodInput{
		RestApiId: api, ResourceId: resource, HttpMethod: &verb, AuthorizationType: aws.String("NONE"),
	}))(b.t)
	must(b.PutIntegration(b.ctx, &sdk.PutIntegrationInput{
		RestApiId: api, ResourceId: resource, HttpMethod: &verb, Type: types.IntegrationTypeMock,
	}))(b.t)
}

// deployed creates an API with a mock method, and a stage that serves it.
func (b *bench) deployed(stage string) (api, root, deployment *string) {
	b.t.Helper()
	api, root = b.api()
	b.mock(api, root, "GET")
	out := must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{RestApiId: api, StageName: &stage}))(b.t)
	return api, root, out.Id
}

// wantError compares an error with "Code: message".
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	var got string
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "api error ")
	}
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// patch makes operations of "op path value" texts; "" as the value is none.
func patch(lines ...string) (out []types.PatchOperation) {
	for _, line := range lines {
		part := strings.SplitN(line, " ", 3)
		o := types.PatchOperation{Op: types.Op(part[0])}
		if len(part) > 1 && part[1] != "null" {
			o.Path = aws.String(part[1])
		}
		if len(part) > 2 {
			o.Value = aws.String(part[2])
		}
		if o.Op == types.OpCopy {
			o.From, o.Value = o.Value, nil
		}
		out = append(out, o)
	}
	return slices.Clip(out)
}
