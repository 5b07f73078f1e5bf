package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
)

// awsClient is the file of AWS's runtime client for node, which .ci/ric builds while other tests run.
func awsClient(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("POSTERN_TEST_RIC")
	if dir == "" {
		t.Skip("POSTERN_TEST_RIC names no directory of .ci/ric: make test does")
	}
	for deadline := time.Now().Add(8 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if why, err := os.ReadFile(filepath.Join(dir, "failed")); err == nil {
			t.Skipf("aws-lambda-ric could not be built here: %s", why)
		}
		if _, err := os.Stat(filepath.Join(dir, "done")); err == nil {
			return filepath.Join(dir, "node_modules", "aws-lambda-ric", "index.mjs")
		}
	}
	t.Fatal("aws-lambda-ric takes too long to build: see its log in " + dir)
	return ""
}

// A streamed keeps what a function streams.
type streamed struct {
	bytes.Buffer
	contentType string
}

func (s *streamed) Begin(contentType string) { s.contentType = contentType }

// AWS's own client for node is a runtime that a function brings along.
func TestTheRuntimeClientOfAWSForNodeWorksUnchanged(t *testing.T) {
	needs(t, "node")
	client := awsClient(t)
	h := newHarness(t, Options{})
	fn := h.function("provided.al2023", "index.f", map[string]string{
		"bootstrap": "#!/bin/sh\nexec node '" + client + "' \"$_HANDLER\"\n",
		"index.mjs": `let calls = 0;
export const f = async (event, context) => {
  if (event.fail) throw new TypeError('as asked');
  console.log('call', ++calls);
  return [calls, event.text, context.functionName, context.getRemainingTimeInMillis() > 0];
};
export const s = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType('text/plain');
  for (const word of ['one ', 'two ', 'three']) stream.write(word);
  stream.end();
});
`})
	for _, c := range []struct{ payload, want string }{
		{`{"text": "é"}`, `[1,"é","f",true]`},
		{`{"fail": true}`, `"errorType":"TypeError","errorMessage":"as asked"`},
		{`{}`, `[2,null,"f",true]`},
	} {
		if r := h.invoke(fn, c.payload); !strings.Contains(string(r.Payload), c.want) || !strings.HasPrefix(c.want, "[") && r.FunctionError == "" {
			t.Errorf("%s: %s %s", c.payload, r.FunctionError, r.Payload)
		}
	}
	streaming, got := *fn, &streamed{}
	streaming.Handler, streaming.Revision = "index.s", "streams"
	if _, err := h.pool.Invoke(t.Context(), &streaming, &lambdarunner.Invocation{RequestID: "8f7e2c3a-0000-4000-8000-000000000002", Payload: []byte(`{}`), Stream: got}); err != nil {
		t.Fatal(err)
	}
	if got.String() != "one two three" || got.contentType != "text/plain" {
		t.Errorf("%q of %s", got, got.contentType)
	}
}
