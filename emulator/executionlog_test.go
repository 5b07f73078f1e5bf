package emulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"postern/emulator"
)

// allowLogs sets the account's role, without which no stage may log.
func (m *mockAPI) allowLogs(t *testing.T) {
	t.Helper()
	_, err := m.gw.UpdateAccount(t.Context(), &apigateway.UpdateAccountInput{PatchOperations: []types.PatchOperation{{
		Op: types.OpReplace, Path: aws.String("/cloudwatchRoleArn"), Value: aws.String("arn:aws:iam::000000000000:role/logs"),
	}}})
	if err != nil {
		t.Fatal(err)
	}
}

// events are the messages of a log group.
func (s *server) events(t *testing.T, group string) (all []string) {
	t.Helper()
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(cloudwatchlogs.NewFromConfig(s.aws()), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			return nil
		}
		for _, e := range page.Events {
			all = append(all, aws.ToString(e.Message))
		}
	}
	return all
}

func TestExecutionLogsAreInCloudWatchLogs(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, `hello`)
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	m.allowLogs(t)
	group := "API-Gateway-Execution-Logs_" + *m.id + "/s"

	fetch(t, m.invokeURL("/"))
	if got := s.events(t, group); got != nil {
		t.Fatalf("logged with logging off: %q", got)
	}
	m.patch(t, "replace", "/*/*/logging/loglevel", "INFO", "replace", "/*/*/logging/dataTrace", "true")
	res, _ := fetch(t, m.invokeURL("/?q=1"))
	got := strings.Join(s.events(t, group), "\n")
	id := "(" + res.Header.Get("X-Amzn-Requestid") + ") "
	for _, want := range []string{id + "Method request query string: {q=1}\n", id + "Method response body after transformations: hello\n", id + "Method completed with status: 200"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if res, _ := fetch(t, m.invokeURL("/none")); res.StatusCode != http.StatusForbidden || strings.Contains(strings.Join(s.events(t, group), "\n"), res.Header.Get("X-Amzn-Requestid")) {
		t.Error("a call that no method serves is in the execution log")
	}

	m.answer(t, `canary`)
	m.deploy(t, &apigateway.CreateDeploymentInput{CanarySettings: &types.DeploymentCanarySettings{PercentTraffic: 100}})
	fetch(t, m.invokeURL("/"))
	if got := strings.Join(s.events(t, group+"/Canary"), "\n"); !strings.Contains(got, "Method response body after transformations: canary") {
		t.Errorf("the canary's group has\n%s", got)
	}
}
