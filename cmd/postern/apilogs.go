package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// executionGroup is the prefix of the groups of execution logs, before API/STAGE.
const executionGroup = "API-Gateway-Execution-Logs_"

// stage prints what is new in the execution and access logs of a stage, named as API/STAGE.
func (t *logTail) stage(ctx context.Context, apis *apigateway.Client, name string) error {
	api, stage, ok := strings.Cut(name, "/")
	if !ok || api == "" || stage == "" {
		return withHint(fmt.Errorf("%q names no stage", name), "--api takes the API's id and the stage: --api abcde12345/prod")
	}
	s, err := apis.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: &stage})
	if err != nil {
		return err
	}
	groups := []string{executionGroup + name, executionGroup + name + "/Canary"}
	if a := s.AccessLogSettings; a != nil {
		if _, group, ok := strings.Cut(aws.ToString(a.DestinationArn), ":log-group:"); ok {
			group = strings.TrimSuffix(group, ":*")
			groups = append(groups, group, group+"/Canary")
		}
	}
	for _, group := range groups {
		var missing *types.ResourceNotFoundException
		if err := t.group(ctx, group, ""); err != nil && !errors.As(err, &missing) { // it may be there later
			return err
		}
	}
	return nil
}
