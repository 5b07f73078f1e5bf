// Command soak is a function that does what it is told, good or bad.
package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// A request is what to do: "echo", "error", "panic", "exit", "sleep", "large" (an answer
// of Size bytes), "child" (leave a process behind), "files" (fill open files and /tmp).
type request struct {
	Do   string `json:"do"`
	ID   int    `json:"id"`
	Size int    `json:"size,omitempty"`
	Pad  string `json:"pad,omitempty"` // makes the event large
}

type response struct {
	ID     int    `json:"id"`
	Padded int    `json:"padded"` // bytes of the event's Pad
	Body   string `json:"body,omitempty"`
}

func main() {
	if os.Args[len(os.Args)-1] == "stay" { // the process that is left behind
		time.Sleep(time.Hour)
		return
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, in request) (*response, error) {
	out := &response{ID: in.ID, Padded: len(in.Pad)}
	switch in.Do {
	case "error":
		return nil, errors.New("as asked")
	case "panic":
		panic("as asked")
	case "exit":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Minute)
	case "large":
		out.Body = strings.Repeat("x", in.Size)
	case "child":
		return out, exec.Command(os.Args[0], "stay").Start()
	case "files":
		f, err := os.CreateTemp("", "soak")
		if err != nil {
			return nil, err
		}
		f.WriteString("left behind, open")
	}
	return out, nil
}
