package lambda

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// knownRuntimes is the list in AWS's error, in its order (recorded 2024): lists of layers
// may be asked for runtimes that are long gone, or never were.
var knownRuntimes = []string{
	"ruby2.6", "dotnetcore1.0", "python3.7", "nodejs8.10", "nasa", "ruby2.7", "python2.7-greengrass", "dotnetcore2.0",
	"python3.8", "java21", "dotnet6", "dotnetcore2.1", "python3.9", "java11", "nodejs6.10", "provided", "dotnetcore3.1",
	"dotnet8", "java17", "nodejs", "nodejs4.3", "java8.al2", "go1.x", "nodejs20.x", "go1.9", "byol", "nodejs10.x",
	"provided.al2023", "python3.10", "java8", "nodejs12.x", "python3.11", "nodejs8.x", "python3.12", "nodejs14.x",
	"nodejs8.9", "python3.13", "nodejs16.x", "provided.al2", "nodejs4.3-edge", "nodejs18.x", "ruby3.2", "python3.4",
	"ruby3.3", "ruby2.5", "python3.6", "python2.7",
}

// A layerFilter is what a list of layers is asked for.
type layerFilter struct {
	runtime      types.Runtime      // "" for any
	architecture types.Architecture // "" for any
	limit        int
}

func newLayerFilter(runtime types.Runtime, architecture types.Architecture, maxItems *int32) (layerFilter, error) {
	var v violations
	if runtime != "" && !slices.Contains(knownRuntimes, string(runtime)) && !slices.Contains(runtime.Values(), runtime) {
		v.Add("compatibleRuntime", runtime, "Member must satisfy enum value set: ["+strings.Join(knownRuntimes, ", ")+"]")
	}
	v.between("maxItems", maxItems, 1, maxPage)
	limit := maxPage
	if maxItems != nil {
		limit = int(*maxItems)
	}
	return layerFilter{runtime, architecture, limit}, v.err()
}

// takes says whether a version says that it goes with what is asked for.
func (f layerFilter) takes(v layerVersion) bool {
	return (f.runtime == "" || slices.Contains(v.Runtimes, f.runtime)) &&
		(f.architecture == "" || slices.Contains(v.Architectures, f.architecture))
}

// ListLayers lists the layers that have versions, by name, each with its newest one
// that the filters take.
func (s *Service) ListLayers(ctx context.Context, in *sdk.ListLayersInput) (*sdk.ListLayersOutput, error) {
	filter, err := newLayerFilter(in.CompatibleRuntime, in.CompatibleArchitecture, in.MaxItems)
	if err != nil {
		return nil, err
	}
	newest := map[string]types.LayersListItem{}
	err = s.Store.View(ctx, scope(ctx), func(tx *store.Tx) error {
		p, err := layerVersions.List(tx, store.Query{}) // a layer's versions in their order
		for _, d := range p.Documents {
			if r := (layerRef{Scope: tx.Scope(), Name: d.Name}); filter.takes(d.Value) {
				newest[r.Name] = types.LayersListItem{
					LayerName: aws.String(r.Name), LayerArn: aws.String(r.layer()), LatestMatchingVersion: new(listedLayer(r, d.Value)),
				}
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	byName := func(l types.LayersListItem) string { return *l.LayerName }
	all := make([]types.LayersListItem, 0, len(newest))
	for _, l := range newest {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b types.LayersListItem) int { return cmp.Compare(byName(a), byName(b)) })
	list, next := page(all, filter.limit, aws.ToString(in.Marker), byName)
	return &sdk.ListLayersOutput{Layers: list, NextMarker: next}, nil
}

// ListLayerVersions lists the versions of a layer that the filters take, the newest
// first. A layer that is not there has none (recorded).
func (s *Service) ListLayerVersions(ctx context.Context, in *sdk.ListLayerVersionsInput) (*sdk.ListLayerVersionsOutput, error) {
	r, err := readLayerRef(ctx, "lambda:ListLayerVersions", in.LayerName)
	if err != nil {
		return nil, err
	}
	filter, err := newLayerFilter(in.CompatibleRuntime, in.CompatibleArchitecture, in.MaxItems)
	if err != nil {
		return nil, err
	}
	var all []types.LayerVersionsListItem
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		p, err := layerVersions.List(tx, store.Query{Prefix: r.Name + ":"})
		for _, d := range slices.Backward(p.Documents) {
			if filter.takes(d.Value) {
				all = append(all, listedLayer(r, d.Value))
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	newestFirst := func(v types.LayerVersionsListItem) string { return fmt.Sprintf("%019d", math.MaxInt64-v.Version) }
	list, next := page(all, filter.limit, aws.ToString(in.Marker), newestFirst)
	return &sdk.ListLayerVersionsOutput{LayerVersions: list, NextMarker: next}, nil
}

// listedLayer is how a version looks in a list.
func listedLayer(r layerRef, v layerVersion) types.LayerVersionsListItem {
	return types.LayerVersionsListItem{
		LayerVersionArn: aws.String(r.at(v.Number).arn()), Version: v.Number,
		CompatibleArchitectures: v.Architectures, CompatibleRuntimes: v.Runtimes,
		CreatedDate: aws.String(v.Created), Description: aws.String(v.Description), LicenseInfo: v.License,
	}
}
