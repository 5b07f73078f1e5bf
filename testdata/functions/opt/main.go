// Command opt is a runtime for a layer: it answers with files of the function's package
// and of its layers.
package main

import (
	"cmp"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(handle) }

func handle(names []string) (files []string, err error) {
	for _, dir := range []string{os.Getenv("LAMBDA_TASK_ROOT"), cmp.Or(os.Getenv("POSTERN_OPT"), "/opt")} {
		for _, name := range names {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				content = []byte("none")
			}
			files = append(files, string(content))
		}
	}
	return files, nil
}
