package lambda

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
	"postern/lambdarunner"
)

// The kinds of document of this service. Versions, aliases and policies hang from
// their function, so that deleting it deletes them.
var (
	functions = store.Kind[function]{Service: "lambda", Name: "function"} // id: the name
	versions  = store.Kind[record]{Service: "lambda", Name: "version"}    // id: versionID
	aliases   = store.Kind[types.AliasConfiguration]{Service: "lambda", Name: "alias"}
	policies  = store.Kind[policy]{Service: "lambda", Name: "policy"} // id: the name, or name:qualifier
	layers    = store.Kind[layer]{Service: "lambda", Name: "layer"}   // id: the name

	layerVersions = store.Kind[layerVersion]{Service: "lambda", Name: "layerversion"} // id: versionID

	// lastVersions are of functions that were deleted: "Lambda never reuses version numbers, even after you delete and recreate a
	// function" (Developer Guide, "Manage Lambda function versions").
	lastVersions = store.Kind[int]{Service: "lambda", Name: "lastversion"} // id: the name

	uses    = store.Kind[struct{}]{Service: "lambda", Name: "code"} // id: useID
	pending = store.Kind[event]{Service: "lambda", Name: "event"}   // id: the request id
)

// A record is one version of a function: $LATEST or a published one.
type record struct {
	// Config is what is answered once the function is ready; see creating and
	// updating for what is answered before.
	Config types.FunctionConfiguration
	// Deployment changes with code and configuration, but not with permissions as
	// the RevisionId does: sandboxes live as long as it stays.
	Deployment string
	// LiveDir is the directory of a hot-reload function, "" for one of a zip file,
	// whose digest is Config.CodeSha256.
	LiveDir string
	// Unzipped is what the package has in bytes when it is unpacked.
	Unzipped int64
	// Image is what runs instead of a package, nil for none.
	Image *lambdarunner.Image `json:",omitempty"`
	// Layers have what Config.Layers names, in the same order.
	Layers []content `json:",omitempty"`
}

// content is what the record's package has; without a digest where it is an image.
func (r record) content() content {
	if r.Image != nil {
		return content{}
	}
	return content{Digest: aws.ToString(r.Config.CodeSha256), Size: r.Config.CodeSize, Unzipped: r.Unzipped, LiveDir: r.LiveDir}
}

// digests are those of all packages that the record runs.
func (r record) digests() []string {
	var all []string
	if r.Image == nil {
		all = append(all, aws.ToString(r.Config.CodeSha256))
	}
	for _, l := range r.Layers {
		all = append(all, l.Digest)
	}
	return all
}

// A function is $LATEST and what all versions share.
type function struct {
	record
	Tags          map[string]string
	Reserved      *int32              `json:",omitempty"` // concurrency, nil for none
	RecursiveLoop types.RecursiveLoop `json:",omitempty"`
	CodeSigning   string              `json:",omitempty"` // ARN of the configuration, "" for none
	LastVersion   int                 // the highest number ever given; numbers are never used again
	Published     string              // fingerprint of $LATEST when LastVersion was published
}

// parent is where the function's own documents hang.
func parent(name string) *store.Ref { return &store.Ref{Kind: functions.Name, ID: name} }

// fingerprint tells whether anything that a new version would differ in has changed.
func (r record) fingerprint() string {
	c := listed(r.Config)
	c.RevisionId, c.LastModified = nil, nil
	b, err := json.Marshal(struct {
		Config  types.FunctionConfiguration
		LiveDir string
	}{c, r.LiveDir})
	if err != nil {
		panic(err) // plain data, as the store has written it
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// lastModified is how Lambda writes times.
func lastModified(t time.Time) *string {
	return aws.String(t.UTC().Format("2006-01-02T15:04:05.000+0000"))
}

// runtimeVersion names the runtime's build. There is one for each runtime here,
// so the ARN's hash is of its name.
func runtimeVersion(region string, r types.Runtime) *types.RuntimeVersionConfig {
	if r == "" {
		return nil // an image's own
	}
	sum := sha256.Sum256([]byte(r))
	return &types.RuntimeVersionConfig{RuntimeVersionArn: aws.String(fmt.Sprintf(
		"arn:%s:lambda:%s::runtime:%s", wire.Partition(region), region, hex.EncodeToString(sum[:])))}
}

// findFunction reads a function; the error names r with its qualifier, as AWS does.
func findFunction(tx *store.Tx, r ref) (store.Document[function], error) {
	d, err := functions.Get(tx, r.Name)
	if errors.Is(err, store.ErrNotFound) {
		return d, functionNotFound(r.arn())
	}
	return d, err
}

// findVersion reads what r's qualifier means: $LATEST (also where there is
// none), a number or an alias. The ARN in its Config is as r asks for it.
func findVersion(tx *store.Tx, r ref) (record, error) {
	d, err := findFunction(tx, r)
	if err != nil {
		return record{}, err
	}
	rec := d.Value.record
	switch {
	case r.Qualifier == "" || r.Qualifier == latest:
	case isNumber(r.Qualifier):
		rec, err = findNumber(tx, r, r.Qualifier)
	default:
		rec, err = findAliased(tx, r, d.Value.record)
	}
	rec.Config.FunctionArn = aws.String(r.arn())
	return rec, err
}

func findNumber(tx *store.Tx, r ref, number string) (record, error) {
	d, err := versions.Get(tx, versionID(r.Name, number))
	if errors.Is(err, store.ErrNotFound) {
		return record{}, functionNotFound(r.at(number).arn())
	}
	return d.Value, err
}

func findAliased(tx *store.Tx, r ref, newest record) (record, error) {
	a, err := aliases.Get(tx, aliasID(r.Name, r.Qualifier))
	if errors.Is(err, store.ErrNotFound) {
		return record{}, functionNotFound(r.arn())
	}
	if err != nil {
		return record{}, err
	}
	if v := aws.ToString(a.Value.FunctionVersion); v != latest {
		return findNumber(tx, r, v)
	}
	return newest, nil
}

// creating is how a function looks in the answer that made it.
func creating(c types.FunctionConfiguration, revision string) types.FunctionConfiguration {
	c.RevisionId = aws.String(revision)
	c.State = types.StatePending
	c.StateReason = aws.String("The function is being created.")
	c.StateReasonCode = types.StateReasonCodeCreating
	c.LastUpdateStatus = ""
	return c
}

// updating is how a function looks in the answer to an update of it.
func updating(c types.FunctionConfiguration, revision string) types.FunctionConfiguration {
	c.RevisionId = aws.String(revision)
	c.LastUpdateStatus = types.LastUpdateStatusInProgress
	c.LastUpdateStatusReason = aws.String("The function is being created.") // sic, as recorded
	c.LastUpdateStatusReasonCode = "Creating"                               // not in the SDK's enum
	return c
}

// listed is how a version looks in a list: without its state (recorded).
func listed(c types.FunctionConfiguration) types.FunctionConfiguration {
	c.State, c.LastUpdateStatus, c.RuntimeVersionConfig = "", "", nil
	return c
}

// answer copies the members of an SDK struct into another that has them too: the
// outputs of Lambda's operations repeat FunctionConfiguration and
// AliasConfiguration, and Go cannot convert them.
func answer[O any](from any) *O {
	out := new(O)
	dst, src := reflect.ValueOf(out).Elem(), reflect.ValueOf(from)
	for i := range src.NumField() {
		f := src.Type().Field(i)
		if to := dst.FieldByName(f.Name); f.IsExported() && to.IsValid() {
			to.Set(src.Field(i))
		}
	}
	return out
}
