package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/spf13/cobra"
)

// functionGroup is the log group of a function, and the prefix of all of them.
const functionGroup = "/aws/lambda/"

// pollInterval is how often logs -f asks for more.
const pollInterval = 500 * time.Millisecond

// A logTail prints log events and remembers which it has printed.
type logTail struct {
	api   *cloudwatchlogs.Client
	out   io.Writer
	since time.Duration
	// next and seen are by log group: the time to ask from, and the ids of the
	// events printed at or after it.
	next map[string]int64
	seen map[string]map[string]bool
}

func newLogs() *cobra.Command {
	var c client
	var follow bool
	var stage string
	tail := &logTail{next: map[string]int64{}, seen: map[string]map[string]bool{}}
	cmd := &cobra.Command{
		Use:   "logs [FUNCTION]",
		Short: "Print what functions, or calls of an API, log, -f as it comes",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			tail.api, tail.out = cloudwatchlogs.NewFromConfig(c.aws()), cmd.OutOrStdout()
			name := strings.Join(args, "")
			if stage != "" && name != "" {
				return errors.New("a function and --api exclude each other")
			}
			apis := apigateway.NewFromConfig(c.aws())
			once := func() error { return tail.once(cmd.Context(), name, follow) }
			if stage != "" {
				once = func() error { return tail.stage(cmd.Context(), apis, stage) }
			}
			for {
				if err := once(); err != nil {
					if cmd.Context().Err() != nil {
						return nil
					}
					return c.explain(err)
				}
				if !follow || wait(cmd.Context(), pollInterval) != nil {
					return nil
				}
			}
		},
	}
	c.addTo(cmd, false)
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on printing")
	cmd.Flags().StringVar(&stage, "api", "", "execution and access logs of a stage: API/STAGE")
	cmd.Flags().DurationVar(&tail.since, "since", 10*time.Minute, "start this long ago")
	return cmd
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// once prints what is new, of one function or of all.
func (t *logTail) once(ctx context.Context, function string, follow bool) error {
	if function != "" {
		err := t.group(ctx, functionGroup+function, "")
		var missing *types.ResourceNotFoundException
		if !errors.As(err, &missing) {
			return err
		}
		if follow {
			return nil // it may log later
		}
		return withHint(fmt.Errorf("function %s has not logged anything", function), "functions log when they are invoked; -f waits")
	}
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(t.api, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(functionGroup)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, g := range page.LogGroups {
			name := aws.ToString(g.LogGroupName)
			if err := t.group(ctx, name, strings.TrimPrefix(name, functionGroup)+"  "); err != nil {
				return err
			}
		}
	}
	return nil
}

// group prints the new events of one log group, each line after prefix.
func (t *logTail) group(ctx context.Context, name, prefix string) error {
	if _, ok := t.next[name]; !ok {
		t.next[name], t.seen[name] = time.Now().Add(-t.since).UnixMilli(), map[string]bool{}
	}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(t.api, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &name, StartTime: aws.Int64(t.next[name])})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, e := range page.Events {
			t.print(name, prefix, e)
		}
	}
	return nil
}

func (t *logTail) print(group, prefix string, e types.FilteredLogEvent) {
	id, at := aws.ToString(e.EventId), aws.ToInt64(e.Timestamp)
	if t.seen[group][id] {
		return
	}
	if at > t.next[group] { // everything before is printed: forget it
		t.next[group], t.seen[group] = at, map[string]bool{}
	}
	t.seen[group][id] = true
	text := strings.TrimRight(aws.ToString(e.Message), "\r\n\t ")
	fmt.Fprintf(t.out, "%s%s  %s\n", prefix, time.UnixMilli(at).Format("15:04:05.000"), text)
}
