package apigateway

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
)

// The SDK for Go asks for JSON whatever Accepts says, so this is no script.
func TestExportIsInTheFormatThatIsAccepted(t *testing.T) {
	b := newBench(t)
	api := must(b.ImportRestApi(b.ctx, &sdk.ImportRestApiInput{Body: []byte(
		`{"swagger":"2.0","info":{"title":"t","version":"1"},"paths":{"/200":{"get":{"x-amazon-apigateway-integration":{"type":"mock"}}}}}`)}))(t)
	must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("s")}))(t)
	get := func(accepts string) (*sdk.GetExportOutput, error) {
		return b.GetExport(b.ctx, &sdk.GetExportInput{
			RestApiId: api.Id, StageName: aws.String("s"), ExportType: aws.String("oas30"), Accepts: &accepts,
		})
	}
	for accepts, begin := range map[string]string{"application/json": "{\n", "*/*": "{\n", "application/yaml": "---\nopenapi: \"3.0.1\"\n"} {
		out := must(get(accepts))(t)
		if !strings.HasPrefix(string(out.Body), begin) {
			t.Errorf("%s: %s", accepts, out.Body)
		}
		if yaml := strings.HasSuffix(*out.ContentDisposition, `_1.yaml"`); yaml != (accepts == "application/yaml") {
			t.Errorf("%s: %s", accepts, *out.ContentDisposition)
		}
	}
	if _, err := get("text/plain"); err == nil {
		t.Error("text/plain is no error")
	}
}
