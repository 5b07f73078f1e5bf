package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// applyEnvironment sets the flags that the command line left alone: first from
// POSTERN_…, then from LocalStack's variables. It returns the names of
// LocalStack's variables that are set and mean nothing here.
func applyEnvironment(flags *pflag.FlagSet, environ []string) (ignored []string, err error) {
	env := map[string]string{}
	for _, kv := range environ {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	flags.VisitAll(func(f *pflag.Flag) {
		name := "POSTERN_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if v, ok := env[name]; ok && !f.Changed && err == nil {
			err = setFlag(flags, f.Name, v, name)
		}
	})
	if err != nil {
		return nil, err
	}
	return applyLocalStack(flags, env)
}

func setFlag(flags *pflag.FlagSet, flag, value, source string) error {
	if err := flags.Set(flag, value); err != nil {
		return &usageError{fmt.Errorf("%s=%q: %w", source, value, err)}
	}
	return nil
}

// A localstackVariable is one that users bring along: the flag it stands for and
// how its value reads there. An empty result leaves the flag alone.
type localstackVariable struct {
	name, flag string
	value      func(string) (string, error)
}

// localstackVariables are honoured with and without the prefix LOCALSTACK_.
// Source: LocalStack's configuration reference, read 2026-11.
var localstackVariables = []localstackVariable{
	{"GATEWAY_LISTEN", "listen", gatewayListen},
	{"EDGE_PORT", "listen", func(v string) (string, error) { return "127.0.0.1:" + v, nil }},
	{"DEFAULT_REGION", "region", same},
	{"DATA_DIR", "data", same},
	{"PERSISTENCE", "ephemeral", func(v string) (string, error) { return strconv.FormatBool(!truthy(v)), nil }},
	{"DEBUG", "log-level", func(v string) (string, error) { return onlyIf(truthy(v), "debug"), nil }},
	{"LS_LOG", "log-level", logLevel},
	{"CUSTOM_SSL_CERT_PATH", "cert", same},
	{"CUSTOM_SSL_CERT_PATH", "key", same},
	{"LAMBDA_RUNTIME_EXECUTOR", "lambda", executor},
	{"LAMBDA_EXECUTOR", "lambda", executor},
	{"LAMBDA_KEEPALIVE_MS", "idle-ttl", func(v string) (string, error) { return v + "ms", nil }},
	{"LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT", "init-timeout", func(v string) (string, error) { return v + "s", nil }},
	{"LAMBDA_DOCKER_NETWORK", "docker-network", same},
	{"LAMBDA_DOCKER_DNS", "docker-dns", same},
	{"LAMBDA_RUNTIME_IMAGE_MAPPING", "runtime-image", imageMapping},
	{"LAMBDA_SYNCHRONOUS_CREATE", "synchronous-create", boolean},
	{"LAMBDA_DISABLE_AWS_ENDPOINT_URL", "no-endpoint-url", boolean},
	{"BUCKET_MARKER_LOCAL", "hot-reload-bucket", same},
}

// localstackWithoutMeaning are variables that users still set and that have
// nothing to act on here; the log says so rather than leave them wondering.
var localstackWithoutMeaning = []string{
	"SERVICES", "LAMBDA_REMOTE_DOCKER", "LAMBDA_STAY_OPEN_MODE", "LAMBDA_DOCKER_FLAGS",
	"LAMBDA_REMOVE_CONTAINERS", "LOCALSTACK_HOST", "LOCALSTACK_HOSTNAME", "HOSTNAME_EXTERNAL", "LOCALSTACK_AUTH_TOKEN",
}

func applyLocalStack(flags *pflag.FlagSet, env map[string]string) (ignored []string, err error) {
	for _, v := range localstackVariables {
		for _, name := range []string{v.name, "LOCALSTACK_" + v.name} {
			raw, ok := env[name]
			if !ok || flags.Changed(v.flag) {
				continue
			}
			value, err := v.value(raw)
			if err != nil {
				return nil, &usageError{fmt.Errorf("%s=%q: %w", name, raw, err)}
			}
			if value == "" {
				continue
			}
			if err := setFlag(flags, v.flag, value, name); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range localstackWithoutMeaning {
		if _, ok := env[name]; ok {
			ignored = append(ignored, name)
		}
	}
	return ignored, nil
}

func same(v string) (string, error) { return v, nil }

func boolean(v string) (string, error) { return strconv.FormatBool(truthy(v)), nil }

func truthy(v string) bool {
	return slices.Contains([]string{"1", "true", "yes", "on"}, strings.ToLower(v))
}

func onlyIf(ok bool, v string) string {
	if ok {
		return v
	}
	return ""
}

// gatewayListen reads "0.0.0.0:4566,0.0.0.0:443", ":4566" and "4566".
func gatewayListen(v string) (string, error) {
	addrs := strings.Split(v, ",")
	for i, a := range addrs {
		if !strings.Contains(a, ":") {
			addrs[i] = ":" + a
		}
	}
	return strings.Join(addrs, ","), nil
}

func logLevel(v string) (string, error) {
	switch strings.ToLower(v) {
	case "trace", "trace-internal":
		return "debug", nil
	case "warning":
		return "warn", nil
	}
	return strings.ToLower(v), nil
}

func executor(v string) (string, error) {
	switch v {
	case "docker", "docker-reuse":
		return "docker", nil
	case "local":
		return "process", nil
	case "":
		return "", nil
	}
	return "", fmt.Errorf("functions run in docker or local (as processes), not %s", v)
}

// imageMapping reads LocalStack's form, a JSON object or the path of a file with one.
func imageMapping(v string) (string, error) {
	text := []byte(v)
	if !strings.HasPrefix(strings.TrimSpace(v), "{") {
		b, err := os.ReadFile(v)
		if err != nil {
			return "", err
		}
		text = b
	}
	images := map[string]string{}
	if err := json.Unmarshal(text, &images); err != nil {
		return "", err
	}
	var pairs []string
	for runtime, image := range images {
		pairs = append(pairs, runtime+"="+image)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ","), nil
}
