package apigateway

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var resourcePatches = patchTable[types.Resource]{
	rules: []rule[types.Resource]{
		{types.OpReplace, "/pathPart", func(r *types.Resource, c change) error {
			if r.ParentId == nil {
				return badRequest("Root resource cannot update its pathPart.")
			}
			r.PathPart = aws.String(c.text())
			return nil
		}},
		{types.OpReplace, "/parentId", func(r *types.Resource, c change) error {
			if r.ParentId == nil {
				return badRequest("Root resource cannot update its parentId.")
			}
			r.ParentId = aws.String(c.text())
			return nil
		}},
	},
	unknown: strict,
}

// UpdateResource renames a resource or hangs it below another one, with all that
// is below it.
func (s *Service) UpdateResource(ctx context.Context, in *sdk.UpdateResourceInput) (*sdk.UpdateResourceOutput, error) {
	var r types.Resource
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getResource(tx, in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		was := *d.Value.Path
		r = d.Value
		if err := resourcePatches.apply(&r, in.PatchOperations); err != nil {
			return err
		}
		if r.ParentId == nil { // the root, with no operations
			return nil
		}
		if err := place(tx, *in.RestApiId, &r, was); err != nil {
			return err
		}
		return move(tx, *in.RestApiId, r, was)
	})
	return wire.Answer[sdk.UpdateResourceOutput](describeResource(r, false), err)
}

// place gives a resource the path that its parent and its path part mean. was is
// its path so far.
func place(tx *store.Tx, api string, r *types.Resource, was string) error {
	if err := checkPathPart(*r.PathPart); err != nil {
		return err
	}
	parent, err := getResource(tx, &api, r.ParentId)
	if err != nil {
		return err
	}
	if above := *parent.Value.Path; above == was || strings.HasPrefix(above, was+"/") {
		return badRequest("Resources cannot be cyclical.")
	}
	if err := checkPlace(tx, api, parent.Value, *r); err != nil {
		return err
	}
	if isGreedy(*r.PathPart) {
		children, err := resources.Count(tx, store.Query{Parent: resourceRef(api, *r.Id)})
		if err != nil {
			return err
		}
		if children > 0 {
			return errGreedyParent(*r.PathPart)
		}
	}
	r.Path = aws.String(join(*parent.Value.Path, *r.PathPart))
	return nil
}

// move writes a resource and the new paths of all below it.
func move(tx *store.Tx, api string, r types.Resource, was string) error {
	if err := resources.Put(tx, resourceDocument(api, r)); err != nil {
		return err
	}
	all, err := allResources(tx, api)
	if err != nil {
		return err
	}
	for _, below := range all {
		rest, ok := strings.CutPrefix(*below.Path, was+"/")
		if !ok || *below.Id == *r.Id {
			continue
		}
		below.Path = aws.String(*r.Path + "/" + rest)
		if err := resources.Put(tx, resourceDocument(api, below)); err != nil {
			return err
		}
	}
	return nil
}
