package apigatewayv2

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/openapi"
	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// ImportApi adds the HTTP API that an OpenAPI 3.0 document describes, all of it or nothing.
func (s *Service) ImportApi(ctx context.Context, in *sdk.ImportApiInput) (*sdk.ImportApiOutput, error) {
	doc, err := s.readImport(ctx, in.Body, in.Basepath, in.FailOnWarnings)
	if err != nil {
		return nil, err
	}
	if doc.API.Name == nil {
		doc.Errors = append(doc.Errors, "attribute info.title is missing")
		return nil, doc.failed()
	}
	a := types.Api{ProtocolType: types.ProtocolTypeHttp}
	doc.replace(&a)
	err = s.createAPI(ctx, &a, func(tx *store.Tx) error { return doc.write(tx, a) })
	return wire.Answer[sdk.ImportApiOutput](doc.answer(a), err)
}

// ReimportApi puts what a document describes in place of all that an HTTP API consists of, but not of its
// stages. Those that deploy by themselves serve it when ReimportApi returns.
func (s *Service) ReimportApi(ctx context.Context, in *sdk.ReimportApiInput) (*sdk.ReimportApiOutput, error) {
	doc, err := s.readImport(ctx, in.Body, in.Basepath, in.FailOnWarnings)
	if err != nil {
		return nil, err
	}
	var out types.Api
	err = s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		if a.ProtocolType != types.ProtocolTypeHttp {
			return errOnlyHTTP()
		}
		doc.replace(&a)
		if err := checkAPI(a); err != nil {
			return err
		}
		if err := clearAPI(tx, a); err != nil {
			return err
		}
		if err := apis.Put(tx, store.Document[types.Api]{ID: *a.ApiId, Name: *a.Name, Value: a}); err != nil {
			return err
		}
		out = a
		return doc.write(tx, a)
	})
	return wire.Answer[sdk.ReimportApiOutput](doc.answer(out), err)
}

// errOnlyHTTP has words of our own: AWS's are not recorded.
func errOnlyHTTP() error {
	return badRequest("The operation is supported only for HTTP APIs")
}

// imported is what a document asks for, with what is wrong with it.
type imported struct {
	openapi.HTTP
	openapi.Problems
	failOnWarnings bool
}

var basePaths = []string{"ignore", "prepend", "split"}

// readImport reads a document, or returns why it is not imported. It may have as many things as an API may,
// also those that are left out later.
func (s *Service) readImport(ctx context.Context, body, basePath *string, failOnWarnings *bool) (*imported, error) {
	mode := aws.ToString(basePath)
	if mode != "" && !slices.Contains(basePaths, mode) {
		return nil, badRequest("Invalid value '%s' for parameter basepath. Valid options are %s", mode, strings.Join(basePaths, ","))
	}
	c := wire.CallerFrom(ctx)
	variables := openapi.Variables{AccountID: c.AccountID, Partition: wire.Partition(c.Region), Region: c.Region}
	read, err := openapi.Read(variables.Fill([]byte(aws.ToString(body))))
	switch {
	case err != nil:
		return nil, badRequest("%s", openapi.Refusal(err))
	case read.Swagger: // Unlike AWS, Postern says why.
		return nil, badRequest("Invalid OpenAPI input. HTTP APIs support only the OpenAPI 3.0 specification.")
	}
	d := &imported{}
	d.HTTP, d.Problems = read.HTTP(mode)
	err = cmp.Or(
		exceeded(s.quotas, quota.Routes, len(d.Routes)),
		exceeded(s.quotas, quota.Integrations, len(d.Integrations)),
		exceeded(s.quotas, quota.Authorizers, len(d.Authorizers)),
		d.failed(),
	)
	d.failOnWarnings = aws.ToBool(failOnWarnings) // once there are all of them
	return d, err
}

// failed is the error for a document with errors, or with warnings where those count, nil for one that is
// imported.
func (d *imported) failed() error {
	if len(d.Errors) > 0 {
		return badRequest("Errors found during import:\n\t%s", strings.Join(d.Errors, "\n\t"))
	}
	if d.failOnWarnings && len(d.Warnings) > 0 {
		return badRequest("Warnings found during import:\n\t%s", strings.Join(d.Warnings, "\n\t"))
	}
	return nil
}

// replace sets an API to what the document says of it; without a title or tags it keeps its own.
func (d *imported) replace(a *types.Api) {
	from := d.API
	set(&a.Name, from.Name)
	a.Version, a.Description, a.CorsConfiguration = from.Version, from.Description, from.CorsConfiguration
	a.DisableExecuteApiEndpoint, a.IpAddressType = from.DisableExecuteApiEndpoint, from.IpAddressType
	if from.Tags != nil {
		a.Tags = from.Tags
	}
	fillAPI(a)
	if checkCORS(*a) != nil {
		a.CorsConfiguration = nil
		d.Warnings = append(d.Warnings, openapi.MalformedCORS)
	}
}

// answer is an API as its import answers it.
func (d *imported) answer(a types.Api) types.Api {
	if d != nil {
		a.ImportInfo, a.Warnings = d.API.ImportInfo, d.Warnings
	}
	return a
}
