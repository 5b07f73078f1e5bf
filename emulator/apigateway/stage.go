package apigateway

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// stages are stored under "restApiId/stageName".
var stages = store.Kind[types.Stage]{Service: service, Name: "stage"}

func stageDocument(api string, s types.Stage) store.Document[types.Stage] {
	return store.Document[types.Stage]{ID: api + "/" + *s.StageName, Parent: apiRef(api), Name: *s.StageName, Value: s}
}

// getStage reads a stage of an API, which may be the one not to be there.
func getStage(tx *store.Tx, api, name *string) (store.Document[types.Stage], error) {
	d, err := stages.Get(tx, aws.ToString(api)+"/"+aws.ToString(name))
	if errors.Is(err, store.ErrNotFound) {
		if _, err := getAPI(tx, api); err != nil {
			return d, err
		}
	}
	return d, missing(err, "Invalid stage identifier specified")
}

// newStage is a stage with AWS's defaults, yet without a deployment.
func newStage(tx *store.Tx, name string) types.Stage {
	now := tx.Now().Truncate(time.Second)
	return types.Stage{
		StageName:          aws.String(name),
		CacheClusterStatus: types.CacheClusterStatusNotAvailable,
		MethodSettings:     map[string]types.MethodSetting{},
		CreatedDate:        aws.Time(now),
		LastUpdatedDate:    aws.Time(now),
	}
}

// enableCache switches the stage's cache cluster on or off. It is there at once.
func enableCache(s *types.Stage, on bool) {
	s.CacheClusterEnabled = on
	if !on {
		s.CacheClusterStatus, s.CacheClusterSize = types.CacheClusterStatusNotAvailable, ""
		return
	}
	s.CacheClusterStatus = types.CacheClusterStatusAvailable
	s.CacheClusterSize = cmp.Or(s.CacheClusterSize, types.CacheClusterSizeSize0Point5Gb)
}

func setVariable(s *types.Stage, name, value string) {
	if s.Variables == nil {
		s.Variables = map[string]string{}
	}
	s.Variables[name] = value
}

// describeStage is a stage as AWS shows it.
func describeStage(s types.Stage) types.Stage {
	if len(s.Variables) == 0 {
		s.Variables = nil
	}
	if len(s.Tags) == 0 {
		s.Tags = nil
	}
	return s
}

// CreateStage adds a stage that serves a deployment.
func (s *Service) CreateStage(ctx context.Context, in *sdk.CreateStageInput) (*sdk.CreateStageOutput, error) {
	if err := checkStage(in); err != nil {
		return nil, err
	}
	var stage types.Stage
	err := s.update(ctx, func(tx *store.Tx) error {
		api, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		if err := hasDeployment(tx, api.ID, in.DeploymentId); err != nil {
			return err
		}
		if err := hasDocumentation(tx, api.ID, in.DocumentationVersion); err != nil {
			return err
		}
		stage = askedStage(tx, in)
		if stage.CanarySettings != nil {
			if err := hasDeployment(tx, api.ID, stage.CanarySettings.DeploymentId); err != nil {
				return err
			}
		}
		if err := taken(stages.Insert(tx, stageDocument(api.ID, stage)), "Stage already exists"); err != nil {
			return err
		}
		return within(tx, s.quotas, quota.Stages, stages, api.ID)
	})
	if err == nil {
		s.live.Changed(ctx, *in.RestApiId, *in.StageName)
	}
	return wire.Answer[sdk.CreateStageOutput](describeStage(stage), err)
}

func askedStage(tx *store.Tx, in *sdk.CreateStageInput) types.Stage {
	s := newStage(tx, *in.StageName)
	s.DeploymentId = in.DeploymentId
	s.Description = in.Description
	s.Variables = in.Variables
	s.TracingEnabled = in.TracingEnabled
	s.Tags = in.Tags
	if in.CacheClusterEnabled {
		s.CacheClusterSize = in.CacheClusterSize
		enableCache(&s, true)
	}
	if in.CanarySettings != nil {
		c := *in.CanarySettings
		c.DeploymentId = cmp.Or(c.DeploymentId, in.DeploymentId)
		s.CanarySettings = &c
	}
	return s
}

// GetStage reads a stage.
func (s *Service) GetStage(ctx context.Context, in *sdk.GetStageInput) (*sdk.GetStageOutput, error) {
	var stage types.Stage
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getStage(tx, in.RestApiId, in.StageName)
		stage = d.Value
		return err
	})
	return wire.Answer[sdk.GetStageOutput](describeStage(stage), err)
}

// GetStages lists the stages of an API by name, or those that serve a deployment.
// It has no paging.
func (s *Service) GetStages(ctx context.Context, in *sdk.GetStagesInput) (*sdk.GetStagesOutput, error) {
	out := &sdk.GetStagesOutput{Item: []types.Stage{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		api, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		p, err := stages.List(tx, store.Query{Parent: apiRef(api.ID)})
		for _, d := range p.Documents {
			if in.DeploymentId == nil || aws.ToString(d.Value.DeploymentId) == *in.DeploymentId {
				out.Item = append(out.Item, describeStage(d.Value))
			}
		}
		return err
	})
	return out, err
}

// DeleteStage removes a stage, from its usage plans too, and ends its service.
func (s *Service) DeleteStage(ctx context.Context, in *sdk.DeleteStageInput) (*sdk.DeleteStageOutput, error) {
	var plans []string
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getStage(tx, in.RestApiId, in.StageName)
		if err != nil {
			return err
		}
		if plans, err = Detach(tx, *in.RestApiId, *in.StageName); err != nil {
			return err
		}
		return stages.Delete(tx, d.ID)
	})
	if err != nil {
		return nil, err
	}
	s.PlanChanged(ctx, plans...)
	s.live.Changed(ctx, *in.RestApiId, *in.StageName)
	return &sdk.DeleteStageOutput{}, nil
}

// FlushStageCache forgets the answers that a stage keeps; one that keeps none has
// nothing to forget.
func (s *Service) FlushStageCache(ctx context.Context, in *sdk.FlushStageCacheInput) (*sdk.FlushStageCacheOutput, error) {
	err := s.view(ctx, func(tx *store.Tx) error {
		_, err := getStage(tx, in.RestApiId, in.StageName)
		return err
	})
	if err != nil {
		return nil, err
	}
	if s.publisher != nil {
		s.publisher.FlushCache(*in.RestApiId, *in.StageName)
	}
	return &sdk.FlushStageCacheOutput{}, nil
}
