package lambda

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// maxLayers is how many layers a function may have.
const maxLayers = 5

// checkLayers tests the Layers of a function as far as nothing stored is needed for it.
func (v *violations) checkLayers(arns []string) {
	wrong := func(arn string) bool { return len(arn) > maxLayerName || !layerVersionPattern.re.MatchString(arn) }
	if slices.ContainsFunc(arns, wrong) {
		v.Add("layers", spell(arns), "Member must satisfy constraint: [Member must have length less than or equal to 140, "+
			"Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: "+
			layerVersionPattern.text+", Member must not be null]")
	}
}

// attach makes the layer versions those of a record of r's function. What another
// account's layers have is copied into the function's: it goes on working, whatever
// becomes of them.
func (s *Service) attach(tx *store.Tx, r ref, rec *record, arns []string) error {
	if len(arns) > maxLayers {
		return invalid("Cannot reference more than %d layers.", maxLayers)
	}
	rec.Layers, rec.Config.Layers = nil, nil
	seen := map[string]string{}
	for _, arn := range arns {
		version, v, err := s.findShared(tx, r, arn)
		if err != nil {
			return err
		}
		if other, twice := seen[version.layer()]; twice {
			return invalid("Two different versions of the same layer are not allowed to be referenced in the same function. "+
				"%s and %s are versions of the same layer.", other, arn)
		}
		seen[version.layer()] = arn
		if err := borrow(tx, version, v.Content); err != nil {
			return err
		}
		rec.Layers = append(rec.Layers, v.Content)
		rec.Config.Layers = append(rec.Config.Layers, types.Layer{Arn: aws.String(version.arn()), CodeSize: v.Content.Size})
	}
	return rec.checkSize()
}

// findShared finds a layer version that a function names.
func (s *Service) findShared(tx *store.Tx, r ref, arn string) (layerRef, layerVersion, error) {
	version, ok := splitLayer(arn)
	if !ok { // one of AWS's own, or of a number beyond all
		return version, layerVersion{}, invalid("Layer version %s does not exist.", arn)
	}
	own := version.Account == r.Account
	if own && version.Region != r.Region {
		return version, layerVersion{}, invalid("Layers are not in the same region as the function. "+
			"Layers are expected to be in region %s.", r.Region)
	}
	v, found, err := findLayerVersion(tx, version)
	switch {
	case err != nil:
		return version, v, err
	case own && !found:
		return version, v, invalid("Layer version %s does not exist.", arn)
	case own || found && version.Region == r.Region && v.sharedWith(r.Account, r.Region):
		return version, v, nil
	}
	s.Logger.Warn("a layer of another account is not here or not shared: publish it there with publish-layer-version "+
		"(a 12-digit access key id is the account) and share it with add-layer-version-permission", "layer", arn)
	return version, v, accessDenied(wire.Caller{AccountID: r.Account, Region: r.Region}, getLayerAction, arn)
}

// borrow makes sure that a layer's content is in the transaction's scope.
func borrow(tx *store.Tx, version layerRef, c content) error {
	if version.Scope == tx.Scope() || c.LiveDir != "" {
		return nil
	}
	data, err := tx.In(version.Scope).Blob(c.Digest)
	if err != nil {
		return err
	}
	return tx.PutBlob(c.Digest, data)
}

// checkSize tests what the record's code and layers come to when unpacked.
func (r record) checkSize() error {
	var inLayers int64
	for _, l := range r.Layers {
		inLayers += l.Unzipped
	}
	switch total := r.Unzipped + inLayers; {
	case len(r.Layers) == 0:
		return nil // the package alone was tested when it came
	case inLayers > maxUnzipped:
		return invalid("Layers consume more than the available size of %d bytes", maxUnzipped)
	case total > maxUnzipped:
		return invalid("Function code combined with layers exceeds the maximum allowed size of %d bytes. "+
			"The actual size is %d bytes.", maxUnzipped, total)
	}
	return nil
}
