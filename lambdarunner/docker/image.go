package docker

import (
	"fmt"
	"strings"
)

const registry = "public.ecr.aws/lambda/"

// languages are the runtimes whose image is language:version, e.g. python:3.13.
var languages = []string{"python", "nodejs", "java", "dotnet", "ruby"}

// ImageFor is AWS's public image of a runtime, e.g.
// public.ecr.aws/lambda/python:3.13 of python3.13; false for a runtime that has none.
func ImageFor(runtime string) (string, bool) {
	switch runtime {
	case "provided":
		return registry + "provided:alami", true
	case "provided.al2", "provided.al2023":
		return registry + "provided:" + strings.TrimPrefix(runtime, "provided."), true
	case "go1.x":
		return registry + "go:1", true
	}
	for _, language := range languages {
		version, ok := strings.CutPrefix(runtime, language)
		version = strings.TrimSuffix(version, ".x") // nodejs22.x
		if ok && version != "" {
			return registry + language + ":" + version, true
		}
	}
	return "", false
}

// image names the image to run a function in, the user's choice first.
func (l *Launcher) image(runtime string) (string, error) {
	if name := l.options.Images[runtime]; name != "" {
		return name, nil
	}
	if name, ok := ImageFor(runtime); ok {
		return name, nil
	}
	return "", fmt.Errorf("no image is known for the runtime %q; name one with --runtime-image %s=IMAGE", runtime, runtime)
}

// platform translates Lambda's architecture ("x86_64", "arm64") to the engine's.
func platform(architecture string) (os, arch string) {
	if architecture == "arm64" {
		return "linux", "arm64"
	}
	return "linux", "amd64"
}
