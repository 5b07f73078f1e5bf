# make run    build, start Postern with the example deployed, print URLs to curl
# make test   everything: unit, end-to-end, Docker where an engine can be had
# make lint   formatting, vet, staticcheck, generated code
# make bench  ratios against baselines built in the same run (BENCH="-only G5" for one of them)
# make soak   10,000 invocations, good and bad, that must leave nothing behind
# make platforms  the types of the program as every platform has them
# make dist   the program for every platform
# make image  the container image (FROM scratch, the static binary)

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: build run test soak lint platforms generate bench dist image clean

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/postern ./cmd/postern

run: build
	.ci/tools
	.ci/example bin/postern

test:
	.ci/tools
	.ci/test

soak:
	POSTERN_SOAK=10000 go test -race -gcflags='modernc.org/sqlite/lib=-race=false' -timeout 60m -run 'LeaveNothingBehind' -v ./emulator/

lint:
	.ci/lint

generate:
	go generate ./...

bench: build
	go run ./cmd/bench -postern bin/postern $(BENCH)

PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

platforms:
	go run ./.ci/platforms ./cmd/postern $(PLATFORMS)

dist:
	for target in $(PLATFORMS); do \
		echo $$target; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -trimpath -ldflags '$(LDFLAGS)' \
			-o dist/postern-$${target%/*}-$${target#*/}$$(GOOS=$${target%/*} go env GOEXE) ./cmd/postern || exit 1; \
	done

image:
	VERSION='$(VERSION)' .ci/image

clean:
	rm -rf bin dist
