package emulator_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"postern/emulator"
)

// 200 events for a function that nobody has called yet are all answered, each with its own answer, whichever way it runs
// and although there are fewer sandboxes than events.
func TestABurstOfColdInvocationsIsAnswered(t *testing.T) {
	needProgram(t, "python3")
	for name, runner := range runners {
		t.Run(name, func(t *testing.T) {
			config := runner(t)
			config.MaxSandboxes = 20
			s := start(t, emulator.Config{Lambda: config})
			s.createPythonFunction(t, "burst", "import time\ndef handle(event, context):\n    time.sleep(0.02)\n    return event\n")
			client := s.aws()
			client.HTTPClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
			client.RetryMaxAttempts = 1
			api := lambda.NewFromConfig(client)
			var all sync.WaitGroup
			for i := range 200 {
				all.Go(func() {
					out, err := api.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("burst"), Payload: fmt.Append(nil, i)})
					if err != nil || out.FunctionError != nil || string(out.Payload) != fmt.Sprint(i) {
						t.Errorf("event %d: %+v, %v", i, out, err)
					}
				})
			}
			all.Wait()
		})
	}
}
