package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator"
)

const moody = `
def handler(event, context):
    if event.get("fail"):
        raise ValueError("no")
    return {"fine": event}
`

// moodyFunction makes a function that fails when its event says so, and is tried once.
func (s *server) moodyFunction(t *testing.T, to *types.DestinationConfig, deadLetter string) {
	t.Helper()
	needProgram(t, "python3")
	in := &lambda.CreateFunctionInput{
		FunctionName: aws.String("moody"), Runtime: types.RuntimePython312, Handler: aws.String("index.handler"), Role: aws.String(role),
		Code: &types.FunctionCode{ZipFile: packed(t, map[string][]byte{"index.py": []byte(moody)})},
	}
	if deadLetter != "" {
		in.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: &deadLetter}
	}
	s.createFunction(t, in)
	_, err := lambda.NewFromConfig(s.aws()).PutFunctionEventInvokeConfig(t.Context(), &lambda.PutFunctionEventInvokeConfigInput{
		FunctionName: aws.String("moody"), MaximumRetryAttempts: aws.Int32(0), DestinationConfig: to,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *server) invokeLater(t *testing.T, payload string) {
	t.Helper()
	_, err := lambda.NewFromConfig(s.aws()).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("moody"), InvocationType: types.InvocationTypeEvent, Payload: []byte(payload),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A told is a request that a peer got.
type told struct {
	path, target string
	form         url.Values
	body         string
}

// listen makes a peer tell what it got, once it is what wanted says, and answer it.
func listen(t *testing.T, wanted func(told) bool, answer string) (*peer, chan told) {
	got := make(chan told, 1)
	var p *peer
	p = newPeer(t, func(w http.ResponseWriter, r *http.Request) {
		_, body, _ := p.last()
		form, _ := url.ParseQuery(body)
		one := told{r.URL.Path, r.Header.Get("X-Amz-Target"), form, body}
		if wanted(one) {
			got <- one
		}
		io.WriteString(w, strings.ReplaceAll(answer, "HOST", r.Host))
	})
	return p, got
}

const queueAnswer = `<R><GetQueueUrlResult><QueueUrl>http://HOST/000000000000/told</QueueUrl></GetQueueUrlResult></R>`

// Each destination gets its own service's request, signed in the name of the function's role (Lambda
// developer guide, "Adding a destination").
func TestDestinationsOfEveryKind(t *testing.T) {
	for _, c := range []struct {
		name, signing, arn, answer string
		success                    bool
		wanted                     func(told) bool
		record                     func(told) string
		check                      func(told) bool
	}{
		{"a queue", "sqs", "arn:aws:sqs:us-east-1:000000000000:told", queueAnswer, true,
			func(r told) bool { return r.form.Get("Action") == "SendMessage" },
			func(r told) string { return r.form.Get("MessageBody") },
			func(r told) bool { return r.path == "/000000000000/told" && r.form.Get("Version") == "2012-11-05" }},
		{"a topic", "sns", "arn:aws:sns:us-east-1:000000000000:told", "", true,
			func(r told) bool { return r.form.Get("Action") == "Publish" },
			func(r told) string { return r.form.Get("Message") },
			func(r told) bool { return r.form.Get("TopicArn") == "arn:aws:sns:us-east-1:000000000000:told" }},
		{"a bus", "events", "arn:aws:events:us-east-1:000000000000:event-bus/told", `{"FailedEntryCount":0,"Entries":[{}]}`, true,
			func(r told) bool { return r.target == "AWSEvents.PutEvents" },
			func(r told) string { return busEntry(r)["Detail"].(string) },
			func(r told) bool {
				e := busEntry(r)
				return e["Source"] == "lambda" && e["DetailType"] == "Lambda Function Invocation Result - Success"
			}},
		{"a bucket", "s3", "arn:aws:s3:::told", "", false,
			func(r told) bool { return true },
			func(r told) string { return r.body },
			func(r told) bool { return strings.HasPrefix(r.path, "/told/aws/lambda/async/moody/20") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, got := listen(t, c.wanted, c.answer)
			s := start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{c.signing: p.URL}})
			p.verify(s, c.signing)
			payload, to, condition := `{"n": 1}`, &types.DestinationConfig{OnSuccess: &types.OnSuccess{Destination: &c.arn}}, "Success"
			if !c.success {
				payload, to, condition = `{"fail": true}`, &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: &c.arn}}, "RetriesExhausted"
			}
			s.moodyFunction(t, to, "")
			s.invokeLater(t, payload)
			r := <-got
			var record struct {
				RequestContext  struct{ Condition string }
				ResponsePayload struct {
					Fine         map[string]int
					ErrorMessage string
				}
			}
			if err := json.Unmarshal([]byte(c.record(r)), &record); err != nil {
				t.Fatalf("%v in %+v", err, r)
			}
			if record.RequestContext.Condition != condition || c.success != (record.ResponsePayload.Fine["n"] == 1) || !c.check(r) {
				t.Errorf("got %+v", r)
			}
			if _, _, signed := p.last(); signed == nil || signed.Token == "" {
				t.Errorf("signed %+v", signed)
			}
		})
	}
}

func busEntry(r told) map[string]any {
	var in struct{ Entries []map[string]any }
	if json.Unmarshal([]byte(r.body), &in) != nil || len(in.Entries) != 1 {
		return map[string]any{"Detail": r.body}
	}
	return in.Entries[0]
}

func TestADeadLetterQueueOverTheWire(t *testing.T) {
	p, got := listen(t, func(r told) bool { return r.form.Get("Action") == "SendMessage" }, queueAnswer)
	s := start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{"sqs": p.URL}})
	p.verify(s, "sqs")
	s.moodyFunction(t, nil, "arn:aws:sqs:us-east-1:000000000000:told")
	s.invokeLater(t, `{"fail": true}`)
	r := <-got
	want := map[string]string{
		"MessageBody": `{"fail": true}`, "MessageAttribute.1.Name": "ErrorCode", "MessageAttribute.1.Value.DataType": "Number", "MessageAttribute.1.Value.StringValue": "200",
		"MessageAttribute.2.Name": "ErrorMessage", "MessageAttribute.2.Value.StringValue": "no", "MessageAttribute.3.Name": "RequestID",
	}
	for name, value := range want {
		if r.form.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, r.form.Get(name), value)
		}
	}
}
