package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const sdk = "github.com/aws/aws-sdk-go-v2/service/"

// services are the SDK packages whose tables the wire package carries.
var services = []string{
	"apigateway", "apigatewayv2", "apigatewaymanagementapi", "lambda",
	"iam", "sts", "cloudwatchlogs", "acm",
}

func main() {
	for _, name := range services {
		if err := generate(name); err != nil {
			fmt.Fprintf(os.Stderr, "gen: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

// generate writes the table of one service into the current directory.
func generate(name string) error {
	dir, err := moduleDir(sdk + name)
	if err != nil {
		return err
	}
	src, err := load(dir)
	if err != nil {
		return err
	}
	m := newModel(name)
	if src.files["schemas/schemas.go"] != nil {
		err = readSchemas(src, m)
	} else {
		err = readClassic(src, m)
	}
	if err != nil {
		return err
	}
	readCommon(src, m)
	if err := m.check(src); err != nil {
		return err
	}
	out, err := m.render()
	if err != nil {
		return err
	}
	return os.WriteFile("table_"+name+".go", out, 0o644)
}

func moduleDir(path string) (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		return "", fmt.Errorf("go list -m %s: %w", path, err)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return "", fmt.Errorf("%s is not in the module cache: run go mod download", path)
	}
	return filepath.Clean(dir), nil
}
