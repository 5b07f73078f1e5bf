package lambdarunner

import (
	"strconv"
	"strings"
)

// Where the X-Ray daemon is. Unlike on AWS nobody is there: segments are UDP, and get lost.
const xrayHost, xrayPort = "127.0.0.1", "2000"

// Environ is the variables that Lambda sets in every kind of sandbox: runtimeAPI is
// host and port as the sandbox reaches them. Where files are and how programs are
// found is the sandbox's own to say; the user's variables come after all.
func (fn *Function) Environ(logStream, runtimeAPI string) map[string]string {
	env := map[string]string{
		"AWS_REGION":                      fn.Region,
		"AWS_DEFAULT_REGION":              fn.Region,
		"AWS_ACCESS_KEY_ID":               fn.AccountID, // lands calls in the function's account
		"AWS_SECRET_ACCESS_KEY":           "test",
		"AWS_SESSION_TOKEN":               "test",
		"AWS_LAMBDA_FUNCTION_NAME":        fn.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     fn.Version,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(fn.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME":       fn.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      logStream,
		"AWS_LAMBDA_INITIALIZATION_TYPE":  fn.Initialization(),
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"AWS_XRAY_DAEMON_ADDRESS":         xrayHost + ":" + xrayPort,
		"_AWS_XRAY_DAEMON_ADDRESS":        xrayHost,
		"_AWS_XRAY_DAEMON_PORT":           xrayPort,
		"AWS_XRAY_CONTEXT_MISSING":        "LOG_ERROR",
		"_HANDLER":                        fn.Handler,
	}
	switch {
	case fn.Image != nil:
		env["AWS_EXECUTION_ENV"] = "AWS_Lambda_Image" // as printed by a function on AWS in 2022
	case !strings.HasPrefix(fn.Runtime, "provided"):
		env["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + fn.Runtime
	}
	return env
}

// RuntimeVersion names the version of the runtime, as AWS does: "python:3.13.v1". There is one of each here; "" for an image.
func (fn *Function) RuntimeVersion() string {
	if fn.RuntimeARN == "" {
		return ""
	}
	at := strings.IndexAny(fn.Runtime, ".0123456789")
	if at < 0 {
		return fn.Runtime + ".v1"
	}
	return fn.Runtime[:at] + ":" + strings.TrimSuffix(strings.TrimPrefix(fn.Runtime[at:], "."), ".x") + ".v1"
}

// Initialization is how its sandboxes start, in Lambda's words: on-demand or provisioned-concurrency.
func (fn *Function) Initialization() string {
	if fn.Provisioned {
		return "provisioned-concurrency"
	}
	return "on-demand"
}
