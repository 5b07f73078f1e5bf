package emulator_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator"
)

// publishLayer makes a version of a layer and returns its ARN.
func (s *server) publishLayer(t *testing.T, name string, content *types.LayerVersionContentInput) string {
	t.Helper()
	out, err := lambda.NewFromConfig(s.aws()).PublishLayerVersion(t.Context(), &lambda.PublishLayerVersionInput{LayerName: &name, Content: content})
	if err != nil {
		t.Fatal(err)
	}
	return *out.LayerVersionArn
}

func (s *server) publishFiles(t *testing.T, name string, files map[string][]byte) string {
	t.Helper()
	return s.publishLayer(t, name, &types.LayerVersionContentInput{ZipFile: packed(t, files)})
}

// What a function finds in its layers must not depend on how it runs.
func TestLayersAreTheSameInEverySandbox(t *testing.T) {
	needProgram(t, "python3")
	needProgram(t, "node")
	runtime := goProgram(t, "opt")
	for name, runner := range runners {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Lambda: runner(t)})
			base := s.publishFiles(t, "base", map[string][]byte{
				"python/shared.py": []byte("v = 'base'\n"), "python/base.py": []byte("v = 'only in base'\n"),
				"nodejs/node_modules/shared/package.json": []byte(`{"exports":"./main.mjs"}`),
				"nodejs/node_modules/shared/main.mjs":     []byte("export const v = 'base';\n"),
				"words":                                   []byte("base"), "base": []byte("only in base"),
			})
			over := s.publishFiles(t, "over", map[string][]byte{
				"python/shared.py": []byte("v = 'over'\n"), "nodejs/node_modules/shared/main.mjs": []byte("export const v = 'over';\n"), "words": []byte("over"),
			})
			for _, c := range []struct {
				name, handler string
				runtime       types.Runtime
				files         map[string][]byte
				layers        []string
				event, want   string
			}{
				{"python", "m.f", "python3.12", map[string][]byte{"m.py": []byte("import base, shared\ndef f(e, c): return [base.v, shared.v]\n")},
					[]string{base, over}, `{}`, `["only in base", "over"]`},
				{"python-reversed", "m.f", "python3.12", map[string][]byte{"m.py": []byte("import base, shared\ndef f(e, c): return [base.v, shared.v]\n")},
					[]string{over, base}, `{}`, `["only in base", "base"]`},
				{"node", "m.f", "nodejs22.x", map[string][]byte{"m.mjs": []byte("import { v } from 'shared';\nexport const f = async () => v;\n")},
					[]string{base, over}, `{}`, `"over"`},
				{"runtime-in-a-layer", "x", "provided.al2023", map[string][]byte{"words": []byte("package")},
					[]string{base, s.publishFiles(t, "runtime", map[string][]byte{"bootstrap": runtime}), over}, `["words","base"]`, `["package","none","over","only in base"]`},
			} {
				t.Run(c.name, func(t *testing.T) {
					s.createFunction(t, &lambda.CreateFunctionInput{
						FunctionName: &c.name, Runtime: c.runtime, Handler: &c.handler, Timeout: aws.Int32(20), Layers: c.layers,
						Code: &types.FunctionCode{ZipFile: packed(t, c.files)},
					})
					if result, functionError, log := s.invoke(t, c.name, c.event); result != c.want {
						t.Errorf("%s %s, want %s\n%s", functionError, result, c.want, log)
					}
				})
			}
			t.Run("a function goes on without the layer's version", func(t *testing.T) {
				c := lambda.NewFromConfig(s.aws())
				if _, err := c.DeleteLayerVersion(t.Context(), &lambda.DeleteLayerVersionInput{LayerName: aws.String("over"), VersionNumber: aws.Int64(1)}); err != nil {
					t.Fatal(err)
				}
				code := packed(t, map[string][]byte{"m.py": []byte("import shared\ndef f(e, c): return 'still ' + shared.v\n")})
				if _, err := c.UpdateFunctionCode(t.Context(), &lambda.UpdateFunctionCodeInput{FunctionName: aws.String("python"), ZipFile: code}); err != nil {
					t.Fatal(err)
				}
				if result, functionError, log := s.invoke(t, "python", `{}`); result != `"still over"` {
					t.Errorf("%s %s\n%s", functionError, result, log)
				}
			})
			t.Run("a live layer", func(t *testing.T) {
				dir := t.TempDir()
				if err := os.Mkdir(filepath.Join(dir, "python"), 0o755); err != nil {
					t.Fatal(err)
				}
				live := s.publishLayer(t, "live", &types.LayerVersionContentInput{S3Bucket: aws.String("hot-reload"), S3Key: &dir})
				s.createFunction(t, &lambda.CreateFunctionInput{
					FunctionName: aws.String("live"), Runtime: "python3.12", Handler: aws.String("m.f"), Timeout: aws.Int32(20), Layers: []string{base, live},
					Code: &types.FunctionCode{ZipFile: packed(t, map[string][]byte{"m.py": []byte("import base, shared\ndef f(e, c): return shared.v\n")})},
				})
				for _, v := range []string{"first", "the second"} {
					if err := os.WriteFile(filepath.Join(dir, "python", "shared.py"), []byte("v = '"+v+"'\n"), 0o644); err != nil {
						t.Fatal(err)
					}
					if result, functionError, log := s.invoke(t, "live", `{}`); result != `"`+v+`"` {
						t.Errorf("%s %s, want %s\n%s", functionError, result, v, log)
					}
				}
			})
		})
	}
}
