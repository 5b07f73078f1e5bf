package lambda

import (
	"context"
	"postern/emulator/lazyregexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// The patterns of the API model; that of versions in functions and that of
// GetLayerVersionByArn as recorded.
var (
	layerNamePattern    = newPattern(`(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+`)
	layerVersionPattern = newPattern(`(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)`)
	layerARNPattern     = newPattern(`arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+`)
	layerActionPattern  = newPattern(`lambda:GetLayerVersion`)
	layerSharePattern   = newPattern(`\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root`)

	layerParts = lazyregexp.New(`^arn:[a-zA-Z0-9-]+:lambda:([a-zA-Z0-9-]+):(\d{12}):layer:([a-zA-Z0-9-_]+)(?::([0-9]+))?$`)
)

const maxLayerName = 140

// getLayerAction is what layer versions can be shared for.
const getLayerAction = "lambda:GetLayerVersion"

// A layerRef names a layer, and with a Version one of its versions.
type layerRef struct {
	store.Scope
	Name    string
	Version int64 // 0 for none
}

// at is a version of the same layer.
func (r layerRef) at(version int64) layerRef {
	r.Version = version
	return r
}

// layer is the layer's ARN, without a version.
func (r layerRef) layer() string {
	return "arn:" + wire.Partition(r.Region) + ":lambda:" + r.Region + ":" + r.Account + ":layer:" + r.Name
}

// arn is the ARN with the version, where there is one.
func (r layerRef) arn() string {
	if r.Version == 0 {
		return r.layer()
	}
	return r.layer() + ":" + strconv.FormatInt(r.Version, 10)
}

// id is the version's document.
func (r layerRef) id() string { return versionID(r.Name, strconv.FormatInt(r.Version, 10)) }

// parent is where the layer's versions hang.
func (r layerRef) parent() *store.Ref { return &store.Ref{Kind: layers.Name, ID: r.Name} }

// splitLayer parses the ARN of a layer or of one of its versions; ok is false for others.
func splitLayer(arn string) (r layerRef, ok bool) {
	m := layerParts.FindStringSubmatch(arn)
	if m == nil {
		return layerRef{}, false
	}
	r = layerRef{Scope: store.Scope{Account: m[2], Region: m[1]}, Name: m[3]}
	if m[4] == "" {
		return r, true
	}
	version, err := strconv.ParseInt(m[4], 10, 64)
	r.Version = version
	return r, err == nil && version > 0
}

// readLayerRef is what an operation means by LayerName, a name or an ARN. Only
// GetLayerVersion may be granted to other accounts.
func readLayerRef(ctx context.Context, action string, name *string) (layerRef, error) {
	var v violations
	v.check("layerName", name, layerNamePattern, maxLayerName)
	if err := v.err(); err != nil {
		return layerRef{}, err
	}
	r := layerRef{Scope: scope(ctx), Name: aws.ToString(name)}
	if strings.Contains(r.Name, ":") {
		r, _ = splitLayer(r.Name)
	}
	return r, layerReachable(ctx, action, r)
}

// readLayerVersionRef is readLayerRef for an operation on one version.
func readLayerVersionRef(ctx context.Context, action string, name *string, number *int64) (layerRef, error) {
	r, err := readLayerRef(ctx, action, name)
	if err != nil {
		return r, err
	}
	if aws.ToInt64(number) < 1 {
		return r, invalid("Layer Version Cannot be less than 1")
	}
	return r.at(*number), nil
}

// layerReachable says whether the caller's endpoint serves the layer's region, and
// whether the layer's account is the caller's own where it has to be.
func layerReachable(ctx context.Context, action string, r layerRef) error {
	c := wire.CallerFrom(ctx)
	if r.Region != c.Region {
		return layerGone()
	}
	if r.Account != c.AccountID && action != getLayerAction {
		return accessDenied(c, action, r.arn())
	}
	return nil
}

// layerGone is what is answered to who reads a layer version that is not there.
func layerGone() error { return resourceGone() }
