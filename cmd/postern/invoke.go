package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/spf13/cobra"
)

func newInvoke() *cobra.Command {
	var c client
	var payload, qualifier string
	var event, quiet bool
	cmd := &cobra.Command{
		Use:   "invoke FUNCTION",
		Short: "Invoke a function: its result to stdout, its log to stderr",
		Example: `  postern invoke hello --payload '{"name":"you"}'
  postern invoke hello --payload @event.json
  echo '{}' | postern invoke hello --payload -`,
		Args: exactArgs("FUNCTION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := readPayload(payload, cmd.InOrStdin())
			if err != nil {
				return err
			}
			call := invocation{name: args[0], qualifier: qualifier, payload: body, quiet: quiet}
			if event {
				err = call.queue(cmd.Context(), lambda.NewFromConfig(c.aws()))
			} else {
				err = call.stream(cmd.Context(), lambda.NewFromConfig(c.aws()), cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			return c.explainInvoke(err, args[0])
		},
	}
	c.addTo(cmd, false)
	cmd.Flags().StringVarP(&payload, "payload", "p", "", "the event: JSON, @FILE, or - for stdin (default {})")
	cmd.Flags().StringVar(&qualifier, "qualifier", "", "version or alias")
	cmd.Flags().BoolVar(&event, "event", false, "invoke asynchronously")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "do not print the log")
	return cmd
}

// An invocation is what invoke asks for.
type invocation struct {
	name, qualifier string
	payload         []byte
	quiet           bool // print no log
}

func (i invocation) at() *string {
	if i.qualifier == "" {
		return nil
	}
	return &i.qualifier
}

// queue leaves the event to be worked on later.
func (i invocation) queue(ctx context.Context, api *lambda.Client) error {
	_, err := api.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &i.name, Qualifier: i.at(), Payload: i.payload, InvocationType: types.InvocationTypeEvent,
	})
	return err
}

// stream prints the result as the function produces it, then the log.
func (i invocation) stream(ctx context.Context, api *lambda.Client, stdout, stderr io.Writer) error {
	out, err := api.InvokeWithResponseStream(ctx, &lambda.InvokeWithResponseStreamInput{
		FunctionName: &i.name, Qualifier: i.at(), Payload: i.payload, LogType: types.LogTypeTail,
	})
	if err != nil {
		return err
	}
	events := out.GetStream()
	defer events.Close()
	for e := range events.Events() {
		switch e := e.(type) {
		case *types.InvokeWithResponseStreamResponseEventMemberPayloadChunk:
			if _, err := stdout.Write(e.Value.Payload); err != nil {
				return err
			}
		case *types.InvokeWithResponseStreamResponseEventMemberInvokeComplete:
			return i.end(e.Value, stdout, stderr)
		}
	}
	if err := events.Err(); err != nil {
		return err
	}
	return fmt.Errorf("the answer of function %s has no end", i.name)
}

// end prints what comes after the result.
func (i invocation) end(e types.InvokeWithResponseStreamCompleteEvent, stdout, stderr io.Writer) error {
	fmt.Fprintf(stdout, "%s\n", aws.ToString(e.ErrorDetails))
	if !i.quiet {
		log, _ := base64.StdEncoding.DecodeString(aws.ToString(e.LogResult))
		stderr.Write(log)
	}
	if e.ErrorCode != nil {
		return &functionFailed{i.name, *e.ErrorCode}
	}
	return nil
}

// A functionFailed is the failure of a function, not of its call.
type functionFailed struct{ name, code string }

func (e *functionFailed) Error() string { return fmt.Sprintf("function %s failed: %s", e.name, e.code) }

func readPayload(payload string, stdin io.Reader) ([]byte, error) {
	if payload == "-" {
		return io.ReadAll(stdin)
	}
	if file, ok := strings.CutPrefix(payload, "@"); ok {
		return os.ReadFile(file)
	}
	return []byte(payload), nil
}

func (c *client) explainInvoke(err error, name string) error {
	var missing *types.ResourceNotFoundException
	var failed *functionFailed
	if err == nil || errors.As(err, &failed) {
		return err
	}
	if errors.As(err, &missing) {
		return withHint(fmt.Errorf("there is no function %s", name), "\"postern functions\" lists them; is --region right?")
	}
	return c.explain(err)
}
