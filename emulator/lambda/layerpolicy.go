package lambda

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"

	"postern/emulator/store"
)

// AddLayerVersionPermission shares a version with an account, with all of them, or with
// an organization's. Nobody belongs to an organization here.
func (s *Service) AddLayerVersionPermission(ctx context.Context, in *sdk.AddLayerVersionPermissionInput) (*sdk.AddLayerVersionPermissionOutput, error) {
	r, err := readLayerVersionRef(ctx, "lambda:AddLayerVersionPermission", in.LayerName, in.VersionNumber)
	if err != nil {
		return nil, err
	}
	st, err := newLayerStatement(r, in)
	if err != nil {
		return nil, err
	}
	revision, err := s.changeLayerPolicy(ctx, r, in.RevisionId, func(p *policy) error { return p.add(st) })
	if err != nil {
		return nil, err
	}
	return &sdk.AddLayerVersionPermissionOutput{Statement: aws.String(compactJSON(st)), RevisionId: &revision}, nil
}

// RemoveLayerVersionPermission removes a statement.
func (s *Service) RemoveLayerVersionPermission(ctx context.Context, in *sdk.RemoveLayerVersionPermissionInput) (*sdk.RemoveLayerVersionPermissionOutput, error) {
	r, err := readLayerVersionRef(ctx, "lambda:RemoveLayerVersionPermission", in.LayerName, in.VersionNumber)
	if err != nil {
		return nil, err
	}
	var v violations
	v.check("statementId", in.StatementId, statementIDPattern, 100)
	if err := v.err(); err != nil {
		return nil, err
	}
	_, err = s.changeLayerPolicy(ctx, r, in.RevisionId, func(p *policy) error { return p.remove(aws.ToString(in.StatementId)) })
	return &sdk.RemoveLayerVersionPermissionOutput{}, err
}

// GetLayerVersionPolicy reads the policy; its RevisionId is its own, unlike that of a
// function's (recorded).
func (s *Service) GetLayerVersionPolicy(ctx context.Context, in *sdk.GetLayerVersionPolicyInput) (*sdk.GetLayerVersionPolicyOutput, error) {
	r, err := readLayerVersionRef(ctx, "lambda:GetLayerVersionPolicy", in.LayerName, in.VersionNumber)
	if err != nil {
		return nil, err
	}
	var v layerVersion
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		v, err = knownLayerVersion(tx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(v.Policy.Statements) == 0 {
		return nil, noPolicy()
	}
	return &sdk.GetLayerVersionPolicyOutput{Policy: aws.String(v.Policy.document()), RevisionId: &v.Revision}, nil
}

// changeLayerPolicy changes the policy of a version and returns its new revision.
func (s *Service) changeLayerPolicy(ctx context.Context, r layerRef, sent *string, change func(*policy) error) (revision string, err error) {
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		v, err := knownLayerVersion(tx, r)
		if err != nil {
			return err
		}
		if err := checkRevisionOf("GetLayerPolicy", sent, &v.Revision); err != nil {
			return err
		}
		if err := change(&v.Policy); err != nil {
			return err
		}
		revision = tx.UUID()
		v.Revision = revision
		return layerVersions.Put(tx, store.Document[layerVersion]{ID: r.id(), Name: r.Name, Parent: r.parent(), Value: v})
	})
	return revision, err
}

// knownLayerVersion is findLayerVersion for operations on policies, which have their own
// text for a version that is not there (recorded).
func knownLayerVersion(tx *store.Tx, r layerRef) (layerVersion, error) {
	v, found, err := findLayerVersion(tx, r)
	if err == nil && !found {
		err = notFound("Layer version %s does not exist.", r.arn())
	}
	return v, err
}

// newLayerStatement is the statement that AddLayerVersionPermission asks for.
func newLayerStatement(r layerRef, in *sdk.AddLayerVersionPermissionInput) (statement, error) {
	var v violations
	v.check("statementId", in.StatementId, statementIDPattern, 100)
	v.check("action", in.Action, layerActionPattern, 0)
	v.check("principal", in.Principal, layerSharePattern, 0)
	v.check("organizationId", in.OrganizationId, organizationPattern, 34)
	if err := v.err(); err != nil {
		return statement{}, err
	}
	who, err := newPrincipal(*in.Principal, r.Region)
	st := statement{Sid: *in.StatementId, Effect: "Allow", Principal: who, Action: *in.Action, Resource: r.arn()}
	st.when("StringEquals", "aws:PrincipalOrgID", aws.ToString(in.OrganizationId))
	return st, err
}

// sharedWith says whether another account may have the version.
func (v layerVersion) sharedWith(account, region string) bool {
	return v.Policy.permits(access{action: getLayerAction, principal: accountRoot(account, region)}) == nil
}
