package docker

import "testing"

func TestRuntimesRunInAWSsPublicImages(t *testing.T) {
	for runtime, want := range map[string]string{
		"python3.13":      "public.ecr.aws/lambda/python:3.13",
		"nodejs22.x":      "public.ecr.aws/lambda/nodejs:22",
		"java8.al2":       "public.ecr.aws/lambda/java:8.al2",
		"java21":          "public.ecr.aws/lambda/java:21",
		"dotnet8":         "public.ecr.aws/lambda/dotnet:8",
		"ruby3.4":         "public.ecr.aws/lambda/ruby:3.4",
		"provided":        "public.ecr.aws/lambda/provided:alami",
		"provided.al2":    "public.ecr.aws/lambda/provided:al2",
		"provided.al2023": "public.ecr.aws/lambda/provided:al2023",
		"go1.x":           "public.ecr.aws/lambda/go:1",
		"cobol85":         "",
		"python":          "",
	} {
		if got, ok := ImageFor(runtime); got != want || ok != (want != "") {
			t.Errorf("ImageFor(%q) = %q, %v, want %q", runtime, got, ok, want)
		}
	}
}

func TestAnOverrideComesBeforeAWSsImage(t *testing.T) {
	l := &Launcher{options: Options{Images: map[string]string{"python3.13": "my/python", "cobol85": "my/cobol"}}}
	for runtime, want := range map[string]string{"python3.13": "my/python", "cobol85": "my/cobol", "ruby3.4": "public.ecr.aws/lambda/ruby:3.4"} {
		if got, err := l.image(runtime); got != want || err != nil {
			t.Errorf("image(%q) = %q, %v, want %q", runtime, got, err, want)
		}
	}
}
