package lambda

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

const maxEnvironment = 4096 // bytes of JSON

// reservedVariables belong to the runtime (Developer Guide, "Defined runtime
// environment variables", read 2025).
var reservedVariables = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
	"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
	"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
	"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

// checkVariableNames notes the names that the model does not allow.
func (v *violations) checkVariableNames(e *types.Environment) {
	if e == nil {
		return
	}
	for name := range e.Variables {
		if !variablePattern.re.MatchString(name) {
			v.addSecret("environment.variables", "Map keys must satisfy constraint: "+
				"[Member must satisfy regular expression pattern: "+variablePattern.text+", Member must not be null]")
			return
		}
	}
}

// checkEnvironment refuses variables that are the runtime's own or too many.
func checkEnvironment(e *types.Environment) error {
	if e == nil {
		return nil
	}
	const unable = "Lambda was unable to configure your environment variables because the environment variables you have provided "
	var reserved []string
	for _, name := range slices.Sorted(maps.Keys(e.Variables)) {
		if slices.Contains(reservedVariables, name) {
			reserved = append(reserved, name)
		}
	}
	if len(reserved) > 0 {
		return invalid("%scontains reserved keys that are currently not supported for modification. "+
			"Reserved keys used in this request: %s", unable, strings.Join(reserved, ", "))
	}
	if measured := compactJSON(e.Variables); len(e.Variables) > 0 && len(measured) > maxEnvironment {
		return invalid("%sexceeded the 4KB limit. String measured: %s", unable, measured)
	}
	return nil
}

// compactJSON is v as AWS quotes it in texts: no escapes for HTML.
func compactJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // plain strings and maps of them
	}
	return strings.TrimSuffix(b.String(), "\n")
}
