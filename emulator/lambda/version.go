package lambda

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// PublishVersion freezes $LATEST under the next number, or answers with the last
// version where nothing has changed since.
func (s *Service) PublishVersion(ctx context.Context, in *sdk.PublishVersionInput) (*sdk.PublishVersionOutput, error) {
	r, err := writeRef(ctx, "lambda:PublishVersion", in.FunctionName)
	if err != nil {
		return nil, err
	}
	if err := checkPublish(in); err != nil {
		return nil, err
	}
	var v record
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		if err != nil {
			return err
		}
		c := d.Value.Config
		if err := checkRevision(in.RevisionId, c.RevisionId); err != nil {
			return err
		}
		if err := d.Value.changeable(); err != nil {
			return err
		}
		if sent := aws.ToString(in.CodeSha256); sent != "" && sent != *c.CodeSha256 {
			return invalid("CodeSHA256 (%s) is different from current CodeSHA256 in $LATEST (%s). "+
				"Please try again with the CodeSHA256 in $LATEST.", sent, *c.CodeSha256)
		}
		v, err = publish(tx, r, in.Description)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer[sdk.PublishVersionOutput](v.Config), nil
}

func checkPublish(in *sdk.PublishVersionInput) error {
	var v violations
	v.length("description", in.Description, maxDescription)
	if err := v.err(); err != nil {
		return err
	}
	if in.PublishTo != "" {
		return notEmulated("PublishTo")
	}
	return nil
}

// publish makes a version of $LATEST, whose own RevisionId changes with it
// (recorded).
func publish(tx *store.Tx, r ref, description *string) (record, error) {
	d, err := findFunction(tx, r)
	if err != nil {
		return record{}, err
	}
	fn := &d.Value
	if last, same, err := unchanged(tx, r, fn); err != nil || same {
		return last, err
	}
	fn.LastVersion++
	fn.Published = fn.fingerprint()
	fn.Config.RevisionId = aws.String(tx.UUID())
	if err := functions.Put(tx, d); err != nil {
		return record{}, err
	}
	return insertVersion(tx, r.at(strconv.Itoa(fn.LastVersion)), fn.record, description)
}

// unchanged is the last published version if another one would be the same.
func unchanged(tx *store.Tx, r ref, fn *function) (last record, same bool, err error) {
	if fn.Published != fn.fingerprint() {
		return record{}, false, nil
	}
	d, err := versions.Get(tx, versionID(r.Name, strconv.Itoa(fn.LastVersion)))
	if errors.Is(err, store.ErrNotFound) {
		return record{}, false, nil // it was deleted
	}
	return d.Value, err == nil, err
}

func insertVersion(tx *store.Tx, r ref, v record, description *string) (record, error) {
	v.Config.Version = aws.String(r.Qualifier)
	v.Config.FunctionArn = aws.String(r.arn())
	v.Config.SnapStart = snapped(v.Config.SnapStart)
	if aws.ToString(description) != "" {
		v.Config.Description = description
	}
	v.touch(tx)
	id := versionID(r.Name, r.Qualifier)
	err := versions.Insert(tx, store.Document[record]{ID: id, Name: r.Name, Parent: parent(r.Name), Value: v})
	if err != nil {
		return v, err
	}
	return v, use(tx, v, r.Qualifier, store.Ref{Kind: versions.Name, ID: id})
}

// deleteVersion deletes what r's number names; there need not be any (recorded).
func deleteVersion(tx *store.Tx, r ref) error {
	if _, err := findFunction(tx, r); err != nil {
		return err
	}
	v, err := versions.Get(tx, versionID(r.Name, r.Qualifier))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	users, err := aliasesOf(tx, r.Name, r.Qualifier)
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return conflict("Unable to delete version because the following aliases reference it: [%s]", strings.Join(users, ", "))
	}
	if err := errors.Join(versions.Delete(tx, v.ID), dropProvision(tx, r)); err != nil {
		return err
	}
	return sweep(tx, v.Value.digests()...)
}

// ListVersionsByFunction lists $LATEST and the published versions in their order.
func (s *Service) ListVersionsByFunction(ctx context.Context, in *sdk.ListVersionsByFunctionInput) (*sdk.ListVersionsByFunctionOutput, error) {
	r, err := readRef(ctx, "lambda:ListVersionsByFunction", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	limit, err := pageLimit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	r = r.at("")
	var all []types.FunctionConfiguration
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		if err != nil {
			return err
		}
		all, err = allVersions(tx, r, d.Value)
		return err
	})
	if err != nil {
		return nil, err
	}
	list, next := page(all, limit, aws.ToString(in.Marker), versionOrder)
	return &sdk.ListVersionsByFunctionOutput{Versions: list, NextMarker: next}, nil
}

// allVersions is $LATEST and the published versions, each with its qualified ARN.
func allVersions(tx *store.Tx, r ref, fn function) ([]types.FunctionConfiguration, error) {
	first := listed(fn.Config)
	first.FunctionArn = aws.String(r.at(latest).arn())
	all := []types.FunctionConfiguration{first}
	p, err := versions.List(tx, store.Query{Parent: parent(r.Name)})
	for _, d := range p.Documents {
		all = append(all, listed(d.Value.Config))
	}
	return all, err
}

// versionOrder sorts as versions are listed: $LATEST, then by number.
func versionOrder(c types.FunctionConfiguration) string {
	v := aws.ToString(c.Version)
	if v == latest {
		v = ""
	}
	return versionID(aws.ToString(c.FunctionName), v)
}
