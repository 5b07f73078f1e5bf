// Command platforms checks the types of a program and of all that it imports as each platform has them. It finds what
// a build for that platform would, but for what the linker says, in a tenth of the time.
//
//	go run ./.ci/platforms ./cmd/postern linux/arm64 darwin/arm64 …
package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	failed := false
	for _, target := range os.Args[2:] {
		fmt.Println(target)
		system, architecture, _ := strings.Cut(target, "/")
		loaded, err := packages.Load(&packages.Config{
			Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax,
			Env:  append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+architecture),
		}, os.Args[1])
		if err != nil {
			fmt.Fprintln(os.Stderr, "platforms:", err)
			os.Exit(1)
		}
		failed = packages.PrintErrors(loaded) > 0 || failed
	}
	if failed {
		os.Exit(1)
	}
}
