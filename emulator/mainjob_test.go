package emulator_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"postern/emulator"
)

// The main job: functions in three languages behind one REST API, by the AWS CLI.
func TestTheExampleIsDeployedByTheAWSCLI(t *testing.T) {
	needProgram(t, "aws")
	needProgram(t, "node")
	needProgram(t, "python3")
	for name, runner := range runners {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Lambda: runner(t)})
			cmd := exec.CommandContext(t.Context(), filepath.Join(root(t), "examples/hello/run.sh"), "http://"+s.addr)
			cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			urls := regexp.MustCompile(`curl '([^']+)'`).FindAllStringSubmatch(string(out), -1)
			if len(urls) != 3 {
				t.Fatalf("want three URLs:\n%s", out)
			}
			for i, from := range []string{"Go", "Python", "Node"} {
				status, body := get(t, urls[i][1])
				var got struct{ Message, From, Path string }
				if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
					t.Fatalf("%s: %d %s", urls[i][1], status, body)
				}
				if got.Message != "Hello, you!" || got.From != from || got.Path != "/"+strings.ToLower(from) {
					t.Errorf("%s answered %+v", from, got)
				}
			}
			for _, kind := range []string{"oas30", "swagger"} {
				s.reimport(t, kind, urls[0][1])
			}
		})
	}
}

// reimport exports the API of an invoke URL, imports the document as another API and wants the
// export of that to be the same.
func (s *server) reimport(t *testing.T, kind, url string) {
	t.Helper()
	gw := apigateway.NewFromConfig(s.aws())
	parts := regexp.MustCompile(`/_aws/execute-api/([^/]+)/([^/]+)`).FindStringSubmatch(url)
	if parts == nil {
		t.Fatalf("no API in %s", url)
	}
	export := func(api string) string {
		out, err := gw.GetExport(t.Context(), &apigateway.GetExportInput{
			RestApiId: &api, StageName: &parts[2], ExportType: &kind, Parameters: map[string]string{"extensions": "apigateway"},
		})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(out.Body), api, "API")
		return regexp.MustCompile(`"version" ?: ?"[^"]*"`).ReplaceAllString(text, `"version":"1"`) // the time of creation where there is none
	}
	before := export(parts[1])
	copied, err := gw.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: []byte(before)})
	if err != nil {
		t.Fatalf("%v\n%s", err, before)
	}
	if _, err := gw.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: copied.Id, StageName: &parts[2]}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, export(*copied.Id)); diff != "" {
		t.Errorf("%s (-exported +exported again):\n%s", kind, diff)
	}
}

// The same job through boto3, with the script's own checks.
func TestTheMainJobThroughBoto3(t *testing.T) {
	needBoto3(t)
	for name, runner := range runners {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Lambda: runner(t)})
			cmd := exec.CommandContext(t.Context(), "python3", filepath.Join(root(t), "testdata/boto3/main_job.py"), "http://"+s.addr)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}

// The lives of a REST API, of an HTTP API and of a bucket through boto3: from nothing, or a document, to nothing left.
func TestTheLifeOfAnAPIThroughBoto3(t *testing.T) {
	needBoto3(t)
	for _, script := range []string{"rest_api.py", "http_api.py", "s3.py"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Lambda: processes(t)})
			cmd := exec.CommandContext(t.Context(), "python3", filepath.Join(root(t), "testdata/boto3", script), "http://"+s.addr)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}

func TestTheLifeOfAFunctionThroughBoto3(t *testing.T) {
	needBoto3(t)
	for name, runner := range runners {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Lambda: runner(t)})
			cmd := exec.CommandContext(t.Context(), "python3", filepath.Join(root(t), "testdata/boto3/functions.py"), "http://"+s.addr, "python3.12")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}

func needBoto3(t *testing.T) {
	t.Helper()
	needProgram(t, "python3")
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		skip(t, "python3 has no boto3")
	}
}

// packed makes a deployment package of files by name; all are executable.
func packed(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range files {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		h.SetMode(0o755)
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// goProgram builds one of testdata/functions.
func goProgram(t *testing.T, name string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", file, "./testdata/functions/"+name)
	build.Dir, build.Env = root(t), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// createFunction makes a function, waits until it is active and returns its ARN.
func (s *server) createFunction(t *testing.T, in *lambda.CreateFunctionInput) string {
	t.Helper()
	api := lambda.NewFromConfig(s.aws())
	if in.Role == nil {
		in.Role = aws.String("arn:aws:iam::000000000000:role/test")
	}
	out, err := api.CreateFunction(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	err = lambda.NewFunctionActiveV2Waiter(api, func(o *lambda.FunctionActiveV2WaiterOptions) { o.MinDelay = 10 * time.Millisecond }).
		Wait(t.Context(), &lambda.GetFunctionInput{FunctionName: in.FunctionName}, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return *out.FunctionArn
}

func (s *server) createPythonFunction(t *testing.T, name, source string) string {
	t.Helper()
	return s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: &name, Runtime: lambdatypes.RuntimePython312, Handler: aws.String("handler.handle"), Timeout: aws.Int32(10),
		Code: &lambdatypes.FunctionCode{ZipFile: packed(t, map[string][]byte{"handler.py": []byte(source)})},
	})
}

// deployProxy puts a function behind ANY / and ANY /{proxy+} of a new API and
// returns the API's id; the stage is "test".
func (s *server) deployProxy(t *testing.T, functionARN string, permitted bool) string {
	t.Helper()
	ctx, gw := t.Context(), apigateway.NewFromConfig(s.aws())
	api, err := gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String(t.Name())})
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: api.RootResourceId, PathPart: aws.String("{proxy+}")})
	if err != nil {
		t.Fatal(err)
	}
	for _, resource := range []*string{api.RootResourceId, proxy.Id} {
		_, err := gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: resource, HttpMethod: aws.String("ANY"), AuthorizationType: aws.String("NONE")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{
			RestApiId: api.Id, ResourceId: resource, HttpMethod: aws.String("ANY"),
			Type: types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"),
			Uri: aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + functionARN + "/invocations")})
		if err != nil {
			t.Fatal(err)
		}
	}
	if permitted {
		_, err := lambda.NewFromConfig(s.aws()).AddPermission(ctx, &lambda.AddPermissionInput{
			FunctionName: &functionARN, StatementId: aws.String("api-" + *api.Id), Action: aws.String("lambda:InvokeFunction"),
			Principal: aws.String("apigateway.amazonaws.com"), SourceArn: aws.String("arn:aws:execute-api:us-east-1:000000000000:" + *api.Id + "/*")})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := gw.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("test")}); err != nil {
		t.Fatal(err)
	}
	return *api.Id
}
