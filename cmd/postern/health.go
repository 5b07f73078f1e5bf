package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"postern/emulator"
)

// waitInterval is how often health --wait asks.
const waitInterval = 50 * time.Millisecond

func newHealth() *cobra.Command {
	var c client
	var patience time.Duration
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running server how it is; exit code 1 if it does not answer",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := c.awaitHealth(cmd.Context(), patience)
			if err != nil {
				return err
			}
			if c.json {
				return printJSON(cmd.OutOrStdout(), h)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: Postern %s, functions as %s\n", h.Status, h.Version, h.Runner)
			return nil
		},
	}
	c.addTo(cmd, true)
	cmd.Flags().DurationVar(&patience, "wait", 0, "wait for this long until it answers")
	return cmd
}

func (c *client) health(ctx context.Context) (emulator.Health, error) {
	var h emulator.Health
	err := c.own(ctx, http.MethodGet, "/_postern/health", &h)
	return h, err
}

// awaitHealth asks until there is an answer or patience has run out.
func (c *client) awaitHealth(ctx context.Context, patience time.Duration) (emulator.Health, error) {
	ctx, cancel := context.WithTimeout(ctx, patience+time.Minute)
	defer cancel()
	for deadline := time.Now().Add(patience); ; {
		h, err := c.health(ctx)
		if err == nil || time.Now().After(deadline) {
			return h, err
		}
		if wait(ctx, waitInterval) != nil {
			return h, err
		}
	}
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintf(cmd.OutOrStdout(), "postern %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
		},
	}
}
