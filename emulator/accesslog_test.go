package emulator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator"
)

func TestAccessLogHasALineForEachCall(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, `hello`)
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	m.allowLogs(t)
	m.patch(t, "replace", "/accessLogSettings/destinationArn", "arn:aws:logs:us-east-1:000000000000:log-group:/api/access:*",
		"replace", "/accessLogSettings/format", `{"id":"$context.requestId","status":"$context.status","length":"$context.responseLength","path":"$context.resourcePath","error":"$context.error.message"}`)

	one, _ := fetch(t, m.invokeURL("/"))
	two, _ := fetch(t, m.invokeURL("/none"))
	line := func(res *http.Response, rest string) string {
		return `{"id":"` + res.Header.Get("X-Amzn-Requestid") + `",` + rest + `}`
	}
	want := []string{
		line(one, `"status":"200","length":"5","path":"/","error":"-"`),
		line(two, `"status":"403","length":"42","path":"-","error":"Missing Authentication Token"`),
	}
	// An answer as short as these leaves when its handler has ended, so the lines are there.
	if got := s.events(t, "/api/access"); !slices.Equal(got, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	// REST API guide, "Canary release deployment in API Gateway": the canary's group has a suffix.
	m.deploy(t, &apigateway.CreateDeploymentInput{CanarySettings: &types.DeploymentCanarySettings{PercentTraffic: 100}})
	three, _ := fetch(t, m.invokeURL("/"))
	if got := s.events(t, "/api/access"); !slices.Equal(got, want) {
		t.Errorf("the group of the stage has %q", got)
	}
	if got, want := s.events(t, "/api/access/Canary"), line(three, `"status":"200","length":"5","path":"/","error":"-"`); !slices.Equal(got, []string{want}) {
		t.Errorf("the canary's group has %q, want %q", got, want)
	}
}
