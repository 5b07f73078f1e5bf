package apigatewayv2

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/emulator/openapi"
	"postern/emulator/store"
)

// ExportApi writes an HTTP API as an OpenAPI 3.0 document: as it is, or as a stage serves it.
func (s *Service) ExportApi(ctx context.Context, in *sdk.ExportApiInput) (*sdk.ExportApiOutput, error) {
	if err := checkExport(in); err != nil {
		return nil, err
	}
	var def definition
	e := openapi.HTTPExport{Extensions: in.IncludeExtensions == nil || *in.IncludeExtensions}
	if stage := aws.ToString(in.StageName); stage != apigw.DefaultStage {
		e.Stage = stage
	}
	err := s.view(ctx, func(tx *store.Tx) (err error) {
		def, err = exported(tx, in.ApiId, text(in.StageName))
		e.Host = fmt.Sprintf("%s.execute-api.%s.amazonaws.com", *in.ApiId, tx.Scope().Region)
		return err
	})
	if err != nil {
		return nil, err
	}
	http := openapi.HTTP{API: def.API, Routes: def.Routes, Integrations: def.Integrations, Authorizers: def.Authorizers}
	document := http.Write(e)
	if *in.OutputType == "YAML" {
		body, err := document.YAML()
		return &sdk.ExportApiOutput{Body: body}, err
	}
	return &sdk.ExportApiOutput{Body: document.JSON()}, nil
}

// checkExport refuses what no document can be written in. The words are our own.
func checkExport(in *sdk.ExportApiInput) error {
	switch {
	case *in.Specification != "OAS30":
		return badRequest("Invalid specification: %s. The only supported value is OAS30", *in.Specification)
	case *in.OutputType != "JSON" && *in.OutputType != "YAML":
		return badRequest("Invalid outputType: %s. Valid values are JSON and YAML", *in.OutputType)
	case aws.ToString(in.ExportVersion) != "" && *in.ExportVersion != "1.0":
		return badRequest("Invalid exportVersion: %s. The only supported version is 1.0", *in.ExportVersion)
	}
	return nil
}

// exported is an HTTP API as it is now or, with a stage's name, as the stage serves it.
func exported(tx *store.Tx, api, stage *string) (def definition, err error) {
	d, err := getAPI(tx, api)
	if err != nil {
		return def, err
	}
	if d.Value.ProtocolType != types.ProtocolTypeHttp {
		return def, errOnlyHTTP()
	}
	if stage == nil {
		return read(tx, d.ID)
	}
	of, err := stages.get(tx, d.ID, stage)
	if err != nil {
		return def, err
	}
	if of.Value.DeploymentId == nil {
		return def, badRequest("Stage %s has no deployment to export", *stage)
	}
	frozen, err := definitions.Get(tx, d.ID+"/"+*of.Value.DeploymentId)
	return frozen.Value, err
}
