package main

import (
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
			in := &lambda.InvokeInput{FunctionName: &args[0], Payload: body, LogType: types.LogTypeTail}
			if qualifier != "" {
				in.Qualifier = &qualifier
			}
			if event {
				in.InvocationType = types.InvocationTypeEvent
			}
			out, err := lambda.NewFromConfig(c.aws()).Invoke(cmd.Context(), in)
			if err != nil {
				return c.explainInvoke(err, args[0])
			}
			if !quiet {
				log, _ := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
				cmd.ErrOrStderr().Write(log)
			}
			if len(out.Payload) > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "%s\n", out.Payload)
			}
			if out.FunctionError != nil {
				return fmt.Errorf("function %s failed: %s", args[0], *out.FunctionError)
			}
			return nil
		},
	}
	c.addTo(cmd, false)
	cmd.Flags().StringVarP(&payload, "payload", "p", "", "the event: JSON, @FILE, or - for stdin (default {})")
	cmd.Flags().StringVar(&qualifier, "qualifier", "", "version or alias")
	cmd.Flags().BoolVar(&event, "event", false, "invoke asynchronously")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "do not print the log")
	return cmd
}

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
	if errors.As(err, &missing) {
		return withHint(fmt.Errorf("there is no function %s", name), "\"aws --endpoint-url %s lambda list-functions\" lists them; is --region right?", c.endpoint)
	}
	return c.explain(err)
}
