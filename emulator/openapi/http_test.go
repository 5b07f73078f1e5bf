package openapi

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite what the files in testdata want")

// Each file in testdata/http asks a question about AWS and names the source of the answer. Its file
// "document" is read as a HTTP API, base path as the file "basepath" says; "want" is what comes of it, and
// "export" is the document that is written of that.
func TestHTTPAPIsOfDocuments(t *testing.T) {
	files, _ := filepath.Glob("testdata/http/*.txtar")
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in := map[string]string{}
			for _, f := range archive.Files {
				in[f.Name] = string(f.Data)
			}
			got := readAndWrite(t, in["document"], strings.TrimSpace(in["basepath"]))
			for i, f := range archive.Files {
				if want, ok := got[f.Name]; ok && *update {
					archive.Files[i].Data = []byte(want)
				} else if ok && want != string(f.Data) {
					t.Errorf("%s: %s", f.Name, cmp.Diff(string(f.Data), want))
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func readAndWrite(t *testing.T, document, basePath string) map[string]string {
	d, err := Read([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	http, problems := d.HTTP(basePath)
	b, err := json.MarshalIndent(tidy(t, map[string]any{"HTTP": http, "Errors": problems.Errors, "Warnings": problems.Warnings}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{"": ""}
	for i := range http.Integrations {
		short := fmt.Sprintf("id%d", i)
		ids[*http.Integrations[i].IntegrationId], http.Integrations[i].IntegrationId = short, &short
	}
	for i, r := range http.Routes {
		http.Routes[i].Target = aws.String(targetPrefix + ids[target(r)])
	}
	export := http.Write(HTTPExport{Host: "abc123.execute-api.eu-west-1.amazonaws.com", Extensions: true})
	return map[string]string{"want": string(b) + "\n", "export": string(export.JSON()) + "\n"}
}

// tidy is a value without members that are null or empty.
func tidy(t *testing.T, value any) any {
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return filledOnly(v)
}

func filledOnly(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			if member = filledOnly(member); member == nil || member == "" {
				delete(v, k)
			} else {
				v[k] = member
			}
		}
	case []any:
		for i := range v {
			v[i] = filledOnly(v[i])
		}
	}
	return v
}
