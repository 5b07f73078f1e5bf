package main

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

func newReset() *cobra.Command {
	var c client
	var account, region string
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Delete everything the server keeps",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := url.Values{}
			if account != "" {
				q.Set("account", account)
			}
			if cmd.Flags().Changed("region") {
				q.Set("region", region)
			}
			var answer struct{ Status string }
			if err := c.own(cmd.Context(), http.MethodPost, "/_postern/reset?"+q.Encode(), &answer); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "state deleted")
			return nil
		},
	}
	cmd.Flags().StringVar(&c.endpoint, "endpoint", defaultEndpoint(), "the running server (POSTERN_ENDPOINT or AWS_ENDPOINT_URL)")
	cmd.Flags().StringVar(&account, "account", "", "only of this account")
	cmd.Flags().StringVar(&region, "region", "", "only of this region")
	return cmd
}
