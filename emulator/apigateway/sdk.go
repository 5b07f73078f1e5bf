package apigateway

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/openapi"
	"postern/emulator/store"
	"postern/emulator/wire"
)

func sdkType(id, name, description string, properties ...types.SdkConfigurationProperty) types.SdkType {
	return types.SdkType{Id: &id, FriendlyName: &name, Description: &description, ConfigurationProperties: properties}
}

func sdkProperty(name, friendly, description string, required bool) types.SdkConfigurationProperty {
	return types.SdkConfigurationProperty{Name: &name, FriendlyName: &friendly, Description: &description, Required: required}
}

// sdkTypes are the SDKs that AWS generates (API Gateway API reference, "GetSdk").
var sdkTypes = []types.SdkType{
	sdkType("android", "Android", "Android SDK",
		sdkProperty("groupId", "Group ID", "The group ID of the Maven artifact", true),
		sdkProperty("artifactId", "Artifact ID", "The artifact ID of the Maven artifact", true),
		sdkProperty("artifactVersion", "Artifact version", "The version of the Maven artifact", true),
		sdkProperty("invokerPackage", "Invoker package", "The name of the package", true)),
	sdkType("java", "Java SDK", "Java SDK",
		sdkProperty("serviceName", "Service name", "The name of the client", true),
		sdkProperty("javaPackageName", "Java package name", "The name of the package", true)),
	sdkType("javascript", "JavaScript", "JavaScript SDK"),
	sdkType("objectivec", "iOS (Objective-C)", "iOS SDK in Objective-C",
		sdkProperty("classPrefix", "Prefix", "The prefix of all classes", true)),
	sdkType("ruby", "Ruby", "Ruby SDK",
		sdkProperty("service.name", "Service name", "The name of the gem", true)),
	sdkType("swift", "iOS (Swift)", "iOS SDK in Swift",
		sdkProperty("classPrefix", "Prefix", "The prefix of all classes", true)),
}

// GetSdkTypes lists the SDKs that AWS generates.
func (s *Service) GetSdkTypes(_ context.Context, in *sdk.GetSdkTypesInput) (*sdk.GetSdkTypesOutput, error) {
	page, _, err := cut(sdkTypes, func(t types.SdkType) string { return *t.Id }, in.Limit, in.Position)
	return &sdk.GetSdkTypesOutput{Items: page}, err
}

func getSDKType(id *string) (types.SdkType, error) {
	for _, t := range sdkTypes {
		if *t.Id == aws.ToString(id) {
			return t, nil
		}
	}
	return types.SdkType{}, notFound("Invalid SDK type identifier specified")
}

// GetSdkType reads what an SDK can be generated with.
func (s *Service) GetSdkType(_ context.Context, in *sdk.GetSdkTypeInput) (*sdk.GetSdkTypeOutput, error) {
	t, err := getSDKType(in.Id)
	return wire.Answer[sdk.GetSdkTypeOutput](t, err)
}

// GetSdk generates a client of what a stage serves, as a zip file. Unlike AWS, Postern has one for
// JavaScript only; it is its own code, with the methods of AWS's.
func (s *Service) GetSdk(ctx context.Context, in *sdk.GetSdkInput) (*sdk.GetSdkOutput, error) {
	if _, err := getSDKType(in.SdkType); err != nil {
		return nil, err
	}
	if *in.SdkType != "javascript" {
		return nil, badRequest("Postern generates SDKs of type javascript only, not %s", *in.SdkType)
	}
	if len(in.Parameters) > 0 {
		return nil, badRequest("Invalid parameters specified: SDKs of type javascript have none")
	}
	c := jsClient{ID: *in.RestApiId, Stage: *in.StageName}
	var now time.Time
	var rest openapi.REST
	err := s.view(ctx, func(tx *store.Tx) (err error) {
		now, c.Region = tx.Now(), tx.Scope().Region
		rest, err = deployed(tx, in.RestApiId, in.StageName)
		return err
	})
	if err != nil {
		return nil, err
	}
	body, err := c.zip(rest, now)
	return &sdk.GetSdkOutput{
		Body:               body,
		ContentType:        aws.String("application/octet-stream"),
		ContentDisposition: aws.String(fmt.Sprintf(`attachment; filename="javascript_%s.zip"`, now.Format("2006-01-02_15-04Z"))),
	}, err
}

//go:embed javascript
var javascript embed.FS

// A jsClient is what the files of the JavaScript SDK are filled with.
type jsClient struct {
	ID, Name, Stage, Region, InvokeURL string
	Operations                         string // a JavaScript object
	Table                              string
}

// A jsOperation is one method of the client.
type jsOperation struct {
	Method string   `json:"method"`
	Path   string   `json:"path"`
	Query  []string `json:"query"`
	Header []string `json:"header"`
}

// zip is the SDK of a REST API.
func (c jsClient) zip(rest openapi.REST, now time.Time) ([]byte, error) {
	c.Name = plain(aws.ToString(rest.API.Name))
	c.InvokeURL = fmt.Sprintf("https://%s.execute-api.%s.amazonaws.com/%s", c.ID, c.Region, c.Stage)
	all := jsOperations(rest)
	text, err := json.MarshalIndent(all, "  ", "  ")
	if err != nil {
		return nil, fmt.Errorf("write operations: %w", err)
	}
	c.Operations = string(text)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		o := all[name]
		c.Table += fmt.Sprintf("| `%s` | `%s %s` | %s |\n", name, o.Method, o.Path, plain(strings.Join(append(o.Query, o.Header...), ", ")))
	}
	fill, out := c.replacer(), bytes.Buffer{}
	z := zip.NewWriter(&out)
	for _, name := range []string{"apigClient.js", "README.md"} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: "apiGateway-js-sdk/" + name, Method: zip.Deflate, Modified: now})
		if err != nil {
			return nil, fmt.Errorf("write SDK: %w", err)
		}
		text, err := javascript.ReadFile("javascript/" + name)
		if err == nil {
			_, err = fill.WriteString(w, string(text))
		}
		if err != nil {
			return nil, fmt.Errorf("write SDK: %w", err)
		}
	}
	err = z.Close()
	return out.Bytes(), err
}

// replacer fills the files of the SDK. It is no text/template, since that package calls methods by
// their names: the linker then keeps every method of every SDK client, 13 MB of them.
func (c jsClient) replacer() *strings.Replacer {
	return strings.NewReplacer("{{.ID}}", c.ID, "{{.Name}}", c.Name, "{{.Stage}}", c.Stage, "{{.Region}}", c.Region,
		"{{.InvokeURL}}", c.InvokeURL, "{{.Operations}}", c.Operations, "{{.Table}}", c.Table)
}

// plain takes from a text what could end a comment or a table's cell.
func plain(s string) string {
	return strings.NewReplacer("*/", "", "|", " ", "\n", " ", "\r", " ").Replace(s)
}

// jsOperations are the methods by name; one for ANY is there once for every verb.
func jsOperations(rest openapi.REST) map[string]jsOperation {
	out := map[string]jsOperation{}
	for _, r := range rest.Resources {
		for _, verb := range slices.Sorted(maps.Keys(r.Methods)) {
			names := []string{verb}
			if verb == "ANY" {
				names = slices.DeleteFunc(slices.Clone(verbs), func(v string) bool { _, own := r.Methods[v]; return own || v == "ANY" })
			}
			for _, v := range names {
				name := jsName(r.Path, v)
				for n := 2; out[name].Path != ""; n++ {
					name = fmt.Sprintf("%s%d", jsName(r.Path, v), n)
				}
				out[name] = newJSOperation(r.Path, v, r.Methods[verb])
			}
		}
	}
	return out
}

func newJSOperation(path, verb string, m types.Method) jsOperation {
	o := jsOperation{Method: verb, Path: path, Query: []string{}, Header: []string{}}
	for _, p := range slices.Sorted(maps.Keys(m.RequestParameters)) {
		if s := requestParameter.FindStringSubmatch(p); s != nil {
			switch s[1] {
			case "querystring":
				o.Query = append(o.Query, s[2])
			case "header":
				o.Header = append(o.Header, s[2])
			}
		}
	}
	return o
}

// jsName is AWS's name of a method: petsPetIdGet for GET /pets/{petId}, rootGet for GET /.
func jsName(path, verb string) string {
	words := strings.FieldsFunc(path, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		words = []string{"root"}
	}
	for i, w := range words {
		if i > 0 {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "") + verb[:1] + strings.ToLower(verb[1:])
}
