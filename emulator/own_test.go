package emulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"postern/emulator"
)

func TestHealthNamesWhatRuns(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t), Version: "1.2.3"})
	status, body := get(t, s.url("/_postern/health"))
	var h emulator.Health
	if err := json.Unmarshal([]byte(body), &h); err != nil || status != 200 {
		t.Fatal(status, body, err)
	}
	if h.Status != "ok" || h.Version != "1.2.3" || h.Lambda != "process" || h.Services["apigateway"] != "running" {
		t.Errorf("%+v", h)
	}
	// What Testcontainers and scripts made for LocalStack poll.
	status, body = get(t, s.url("/_localstack/health"))
	if status != 200 || !strings.Contains(body, `"lambda":"running"`) {
		t.Error(status, body)
	}
}

func TestResetDeletesOneRegionOrAll(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	count := func(region string) int {
		config := s.aws()
		config.Region = region
		out, err := apigateway.NewFromConfig(config).GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.Items)
	}
	for _, region := range []string{"us-east-1", "eu-west-1", "eu-west-1"} {
		config := s.aws()
		config.Region = region
		_, err := apigateway.NewFromConfig(config).CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("x")})
		if err != nil {
			t.Fatal(err)
		}
	}
	post := func(path string) int {
		res, err := http.Post(s.url(path), "", nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if status := post("/_postern/reset?region=eu-west-1"); status != 200 || count("eu-west-1") != 0 || count("us-east-1") != 1 {
		t.Errorf("reset of a region: %d, left %d and %d", status, count("eu-west-1"), count("us-east-1"))
	}
	if status := post("/_postern/reset?acount=typo"); status != 400 || count("us-east-1") != 1 {
		t.Errorf("a mistyped parameter: %d, left %d", status, count("us-east-1"))
	}
	if status := post("/_postern/reset"); status != 200 || count("us-east-1") != 0 {
		t.Errorf("reset of all: %d, left %d", status, count("us-east-1"))
	}
}

// A page of another site must not manage APIs through a visitor's browser.
func TestTheManagementAPIRefusesForeignWebOrigins(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t), AllowedOrigins: []string{"https://console.example"}})
	for origin, want := range map[string]int{
		"":                           200,
		"http://localhost:3000":      200,
		"http://127.0.0.1:8080":      200,
		"http://app.localhost":       200,
		"https://console.example":    200,
		"https://evil.example":       403,
		"http://localhost.evil.test": 403,
		"null":                       403,
	} {
		for _, path := range []string{"/restapis", "/_postern/health"} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", s.url(path), nil)
			if err != nil {
				t.Fatal(err)
			}
			if origin != "" {
				req.Header.Set("Origin", origin)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("Origin %q on %s: %d, want %d", origin, path, res.StatusCode, want)
			}
		}
	}
}
