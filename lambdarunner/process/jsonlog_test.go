package process

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"postern/lambdarunner"
)

// Each case is a question about what is logged with the log format JSON (Lambda Developer Guide, "Log and monitor" and
// "Log-level filtering"). Fields are named as "type", or "level message" of what the function logged.
var jsonLogs = []struct {
	name, runtime, program string
	code                   string
	system, application    string
	want                   []string
}{
	{name: "node", runtime: "nodejs22.x", program: "node", application: "INFO", system: "INFO",
		code: "exports.f = async () => { console.debug('no'); console.log('a %s', 'b'); console.warn({ k: 1 }); console.error('x', new TypeError('bad')) }",
		want: []string{"platform.initStart", "platform.start", "INFO a b", "WARN map[k:1]", "ERROR x TypeError: bad", "platform.report"}},
	{name: "node, everything of the platform and errors only of the function", runtime: "nodejs22.x", program: "node", application: "ERROR", system: "DEBUG",
		code: "exports.f = async () => { console.log('no'); throw new Error('thrown') }",
		want: []string{"platform.initStart", "platform.initRuntimeDone", "platform.initReport", "platform.start", "ERROR map[errorMessage:thrown errorType:Error", "platform.runtimeDone", "platform.report"}},
	{name: "python", runtime: "python3.12", program: "python3", application: "INFO", system: "INFO",
		code: "import logging\ndef f(e, c):\n    logging.debug('no')\n    logging.info('a %s', 'b', extra={'k': 1})\n    logging.warning('w')\n    1/0",
		want: []string{"platform.initStart", "platform.start", "INFO a b", "WARNING w", "ERROR <nil> ZeroDivisionError", "platform.runtimeDone", "platform.report"}},
	{name: "python, warnings only", runtime: "python3.12", program: "python3", application: "WARN", system: "WARN",
		code: "import logging\ndef f(e, c):\n    print('no')\n    print('{\"level\": \"error\", \"message\": \"own\"}')\n    logging.info('no')\n    logging.warning('w')",
		want: []string{"error own", "WARNING w"}},
}

func TestLogsAreJSON(t *testing.T) {
	for _, c := range jsonLogs {
		t.Run(c.name, func(t *testing.T) {
			needs(t, c.program)
			h := newHarness(t, Options{})
			fn := h.function(c.runtime, "m.f", map[string]string{"m.py": c.code, "m.js": c.code})
			fn.RuntimeARN = "arn:aws:lambda:us-east-1::runtime:0"
			fn.Logging = lambdarunner.Logging{JSON: true, System: lambdarunner.ParseLogLevel(c.system), Application: lambdarunner.ParseLogLevel(c.application)}
			fn.Environment = map[string]string{"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": c.application}
			h.invoke(fn, `{}`)
			var got []string
			for len(h.logs.events) > 0 {
				got = append(got, summary(t, (<-h.logs.events).Message))
			}
			if len(got) != len(c.want) {
				t.Fatalf("got %q", got)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("line %d: got %q, want %q", i, got[i], want)
				}
			}
		})
	}
}

// summary is what matters of a line.
func summary(t *testing.T, line string) string {
	var r struct {
		Type, Level, Timestamp, ErrorType, RequestID string
		LogLevel                                     string `json:"log_level"`
		Message                                      any
	}
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		t.Errorf("%q is no JSON: %v", line, err)
	}
	if r.Type != "" {
		return r.Type
	}
	if r.Timestamp == "" && r.Level != "error" {
		t.Errorf("%q has no time", line)
	}
	return strings.TrimSpace(fmt.Sprint(r.Level, r.LogLevel, " ", r.Message, " ", r.ErrorType))
}

func TestAFailedInitPhaseIsReported(t *testing.T) {
	needs(t, "python3")
	h := newHarness(t, Options{})
	fn := h.function("python3.12", "none.f", nil)
	fn.RuntimeARN = "arn:aws:lambda:us-east-1::runtime:0"
	r := h.invoke(fn, `{}`)
	for _, want := range []string{"INIT_REPORT Init Duration: ", "\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n", "Status: error\tError Type: Runtime.ImportModuleError\n"} {
		if !strings.Contains(string(r.LogTail), want) {
			t.Errorf("no %q in %q", want, r.LogTail)
		}
	}
	if first := (<-h.logs.events).Message; first != "INIT_START Runtime Version: python:3.12.v1\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:0\n" {
		t.Errorf("the first line is %q", first)
	}
}
