package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/spf13/cobra"
)

// A functionListing is what functions prints of one.
type functionListing struct {
	Name     string `json:"name"`
	ARN      string `json:"arn"`
	Runtime  string `json:"runtime,omitempty"`
	Handler  string `json:"handler,omitempty"`
	MemoryMB int32  `json:"memoryMB"`
	TimeoutS int32  `json:"timeoutSeconds"`
	Modified string `json:"lastModified"`
}

func newFunctions() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "functions",
		Short: "List the functions",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := c.listFunctions(cmd.Context())
			if err != nil {
				return c.explain(err)
			}
			if c.json {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printFunctions(cmd.OutOrStdout(), all)
		},
	}
	c.addTo(cmd, true)
	return cmd
}

func (c *client) listFunctions(ctx context.Context) ([]functionListing, error) {
	all := []functionListing{}
	pages := lambda.NewListFunctionsPaginator(lambda.NewFromConfig(c.aws()), &lambda.ListFunctionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, f := range page.Functions {
			all = append(all, listFunction(f))
		}
	}
	return all, nil
}

func listFunction(f types.FunctionConfiguration) functionListing {
	return functionListing{
		Name: aws.ToString(f.FunctionName), ARN: aws.ToString(f.FunctionArn), Runtime: string(f.Runtime), Handler: aws.ToString(f.Handler),
		MemoryMB: aws.ToInt32(f.MemorySize), TimeoutS: aws.ToInt32(f.Timeout), Modified: aws.ToString(f.LastModified),
	}
}

func printFunctions(w io.Writer, all []functionListing) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no functions yet")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, f := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d MB\t%d s\n", f.Name, f.Runtime, f.Handler, f.MemoryMB, f.TimeoutS)
	}
	return t.Flush()
}
