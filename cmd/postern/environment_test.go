package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What users of LocalStack have in their environment and compose files.
// Source: its configuration reference; which of them mean something here is ours.
func TestTheEnvironmentSetsFlags(t *testing.T) {
	for _, c := range []struct {
		name    string
		args    []string
		env     []string
		flag    string
		want    string
		ignored []string
	}{
		{"nothing set", nil, nil, "listen", "[127.0.0.1:4566]", nil},
		{"every flag has a variable", nil, []string{"POSTERN_MAX_SANDBOXES=7"}, "max-sandboxes", "7", nil},
		{"the command line wins", []string{"--max-sandboxes", "3"}, []string{"POSTERN_MAX_SANDBOXES=7"}, "max-sandboxes", "3", nil},
		{"POSTERN_ wins over LocalStack's", nil, []string{"POSTERN_REGION=eu-west-1", "DEFAULT_REGION=us-west-2"}, "region", "eu-west-1", nil},
		{"GATEWAY_LISTEN", nil, []string{"GATEWAY_LISTEN=0.0.0.0:4566,0.0.0.0:443"}, "listen", "[0.0.0.0:4566,0.0.0.0:443]", nil},
		{"GATEWAY_LISTEN with a port alone", nil, []string{"GATEWAY_LISTEN=4566"}, "listen", "[:4566]", nil},
		{"EDGE_PORT", nil, []string{"EDGE_PORT=5000"}, "listen", "[127.0.0.1:5000]", nil},
		{"PERSISTENCE=0", nil, []string{"PERSISTENCE=0"}, "ephemeral", "true", nil},
		{"PERSISTENCE=1", nil, []string{"PERSISTENCE=1"}, "ephemeral", "false", nil},
		{"DEBUG", nil, []string{"DEBUG=1"}, "log-level", "debug", nil},
		{"DEBUG=0", nil, []string{"DEBUG=0"}, "log-level", "info", nil},
		{"LAMBDA_EXECUTOR=local", nil, []string{"LAMBDA_EXECUTOR=local"}, "lambda", "process", nil},
		{"the prefixed form", nil, []string{"LOCALSTACK_LAMBDA_RUNTIME_EXECUTOR=docker"}, "lambda", "docker", nil},
		{"LAMBDA_KEEPALIVE_MS", nil, []string{"LAMBDA_KEEPALIVE_MS=1500"}, "idle-ttl", "1.5s", nil},
		{"LAMBDA_RUNTIME_IMAGE_MAPPING", nil, []string{`LAMBDA_RUNTIME_IMAGE_MAPPING={"python3.12":"a/b:c"}`}, "runtime-image", "[python3.12=a/b:c]", nil},
		{"BUCKET_MARKER_LOCAL", nil, []string{"BUCKET_MARKER_LOCAL=live"}, "hot-reload-bucket", "live", nil},
		{"what means nothing is named", nil, []string{"SERVICES=lambda", "LAMBDA_STAY_OPEN_MODE=1"}, "region", "us-east-1", []string{"SERVICES", "LAMBDA_STAY_OPEN_MODE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			flags := newServe().Flags()
			if err := flags.Parse(c.args); err != nil {
				t.Fatal(err)
			}
			ignored, err := applyEnvironment(flags, c.env)
			if err != nil {
				t.Fatal(err)
			}
			if got := flags.Lookup(c.flag).Value.String(); got != c.want {
				t.Errorf("--%s is %s, want %s", c.flag, got, c.want)
			}
			if diff := cmp.Diff(c.ignored, ignored); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnUnusableVariableIsAnErrorThatNamesIt(t *testing.T) {
	for _, env := range []string{"POSTERN_MAX_SANDBOXES=many", "LAMBDA_EXECUTOR=rocket", "LAMBDA_RUNTIME_IMAGE_MAPPING={", "LAMBDA_KEEPALIVE_MS=soon"} {
		if _, err := applyEnvironment(newServe().Flags(), []string{env}); err == nil {
			t.Errorf("%s is accepted", env)
		}
	}
}
