package emulator_test

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator"
)

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fetch calls GET with headers, given as name, value, and so on.
func fetch(t *testing.T, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// Each answer has the id of the request that made it.
func TestCachedAnswers(t *testing.T) {
	c := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: c.Now})
	m := s.createMock(t, `$context.requestId`)
	m.integrate(t, &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
		CacheKeyParameters: []string{"method.request.querystring.q", "method.request.header.X-Key"},
	})
	m.answer(t, `$context.requestId`)
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	body := func(rest string, header ...string) string {
		t.Helper()
		res, body := fetch(t, m.invokeURL(rest), header...)
		if res.StatusCode != 200 || res.Header.Get("x-amzn-RequestId") == "" {
			t.Fatalf("%s %v: %s", res.Status, res.Header, body)
		}
		return body
	}
	same := func(why, a, b string) {
		t.Helper()
		if a != b {
			t.Errorf("%s: a new answer", why)
		}
	}
	other := func(why, a, b string) {
		t.Helper()
		if a == b {
			t.Errorf("%s: the same answer", why)
		}
	}
	other("without a cache", body("/"), body("/"))
	m.patch(t, "replace", "/cacheClusterEnabled", "true", "replace", "/*/*/caching/enabled", "true", "replace", "/*/*/caching/ttlInSeconds", "60")
	first := body("/")
	same("cached", first, body("/"))
	same("a parameter that is no key", first, body("/?other=1"))
	other("another query", first, body("/?q=1"))
	other("another header", first, body("/", "X-Key", "1"))
	same("the same header", body("/", "X-Key", "1"), body("/", "X-Key", "1"))
	c.move(59 * time.Second)
	same("before its time", first, body("/"))
	c.move(2 * time.Second)
	second := body("/")
	other("after its time", first, second)

	res, got := fetch(t, m.invokeURL("/"), "Cache-Control", "max-age=0")
	same("renewal without authorization", second, got)
	if w := res.Header.Get("Warning"); len(w) < 3 || w[:3] != "199" {
		t.Errorf("Warning: %q", w)
	}
	m.patch(t, "replace", "/*/*/caching/unauthorizedCacheControlHeaderStrategy", "SUCCEED_WITHOUT_RESPONSE_HEADER")
	if res, got = fetch(t, m.invokeURL("/"), "Cache-Control", "max-age=0"); res.Header.Get("Warning") != "" || got != second {
		t.Errorf("ignored silently: %v %s", res.Header, got)
	}
	m.patch(t, "replace", "/*/*/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403")
	if res, got = fetch(t, m.invokeURL("/"), "Cache-Control", "max-age=0"); res.StatusCode != 403 {
		t.Errorf("refused: %s %s", res.Status, got)
	}
	m.patch(t, "replace", "/*/*/caching/requireAuthorizationForCacheControl", "false")
	third := body("/", "Cache-Control", "no-cache")
	other("renewed", second, third)
	same("the renewed one is kept", third, body("/"))

	if _, err := m.gw.FlushStageCache(t.Context(), &apigateway.FlushStageCacheInput{RestApiId: m.id, StageName: aws.String("s")}); err != nil {
		t.Fatal(err)
	}
	fourth := body("/")
	other("flushed", third, fourth)
	m.patch(t, "replace", "/cacheClusterSize", "1.6")
	other("another size", fourth, body("/"))
	m.patch(t, "replace", "/~1/GET/caching/enabled", "false")
	other("off for the method", body("/"), body("/"))
}

func TestCanaryHasACacheOfItsOwn(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, `$context.requestId`)
	m.deploy(t, &apigateway.CreateDeploymentInput{CacheClusterEnabled: aws.Bool(true)})
	m.patch(t, "replace", "/*/*/caching/enabled", "true", "replace", "/canarySettings/percentTraffic", "0")
	_, stable := fetch(t, m.invokeURL("/"))
	m.patch(t, "replace", "/canarySettings/percentTraffic", "100")
	_, canary := fetch(t, m.invokeURL("/"))
	if _, again := fetch(t, m.invokeURL("/")); canary == stable || canary != again {
		t.Errorf("stable %s, canary %s, then %s", stable, canary, again)
	}
	m.patch(t, "replace", "/canarySettings/useStageCache", "true")
	if _, shared := fetch(t, m.invokeURL("/")); shared != stable {
		t.Errorf("with the stage's cache: %s, want %s", shared, stable)
	}
}

// Whose policies have execute-api:InvalidateCache may renew an answer, others may not.
func TestCallersWithThePermissionRenewCachedAnswers(t *testing.T) {
	const both = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["execute-api:Invoke","execute-api:InvalidateCache"],"Resource":"*"}}`
	clock := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: clock.Now})
	m := s.signedAPI(t, "")
	m.answer(t, `$context.requestId`)
	m.deploy(t, &apigateway.CreateDeploymentInput{CacheClusterEnabled: aws.Bool(true)})
	m.patch(t, "replace", "/*/*/caching/enabled", "true", "replace", "/*/*/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403")
	own := s.aws()
	call := func(c aws.Credentials, cacheControl string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.invokeURL("/"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := v4.NewSigner().SignHTTP(t.Context(), c, req, emptyHash(), "execute-api", "us-east-1", clock.Now()); err != nil {
			t.Fatal(err)
		}
		if cacheControl != "" {
			req.Header.Set("Cache-Control", cacheControl)
		}
		return answerOf(t, req)
	}
	alice, bob := createUser(t, own, "alice", both), createUser(t, own, "bob", invokeAllowed)
	first := call(bob, "")
	if again := call(alice, ""); again != first {
		t.Errorf("%s is not %s", again, first)
	}
	if refused := call(bob, "max-age=0"); refused[:3] != "403" {
		t.Errorf("without the permission: %s", refused)
	}
	second := call(alice, "max-age=0")
	if second[:3] != "200" || second == first {
		t.Errorf("with the permission: %s", second)
	}
	if third := call(bob, ""); third != second {
		t.Errorf("the renewed answer is not kept: %s, %s", second, third)
	}
}
