package compile_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// A Stage serves any number of requests at once: nothing of one may show in another.
func TestRequestsAtTheSameTimeDoNotMix(t *testing.T) {
	def := validated(false, true)
	m := def.Resources[0].ResourceMethods["POST"]
	m.MethodIntegration.RequestTemplates = templates(`#set($context.requestOverride.path.who = $input.path('$.name')){"statusCode": 200}`)
	m.MethodIntegration.IntegrationResponses["200"] = types.IntegrationResponse{
		ResponseTemplates:  templates(`$context.requestOverride.path.who`),
		ResponseParameters: map[string]string{"method.response.header.X-Name": "context.path"},
	}
	s := serve(t, def, nil)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			name := strings.Repeat(string(rune('a'+worker)), 3)
			for i := range 50 {
				got := s.call("POST", fmt.Sprintf("/%s%d", name, i), fmt.Sprintf(`{"name": %q, "kind": "cat"}`, name))
				if got.body != name || got.header.Get("X-Name") != fmt.Sprintf("/prod/%s%d", name, i) {
					t.Errorf("%s %d: %+v", name, i, got)
					return
				}
			}
		})
	}
	wg.Wait()
}
