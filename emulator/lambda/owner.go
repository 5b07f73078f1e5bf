package lambda

import (
	"errors"

	"postern/emulator/store"
)

// An owner is what a resource policy belongs to. It shares its RevisionId.
type owner struct {
	ref      store.Ref
	revision *string
	revise   func(*string) error // sets and stores the RevisionId
}

// findOwner finds the function, version or alias that r names, and checks the
// RevisionId that the client may have sent.
func findOwner(tx *store.Tx, r ref, sent *string) (o owner, err error) {
	d, err := findFunction(tx, r)
	if err != nil {
		return owner{}, err
	}
	switch {
	case r.Qualifier == "" || r.Qualifier == latest:
		o = functionOwner(tx, d)
	case isNumber(r.Qualifier):
		o, err = versionOwner(tx, r)
	default:
		o, err = aliasOwner(tx, r)
	}
	if err != nil {
		return owner{}, err
	}
	return o, checkRevision(sent, o.revision)
}

func functionOwner(tx *store.Tx, d store.Document[function]) owner {
	return owner{*parent(d.ID), d.Value.Config.RevisionId, func(revision *string) error {
		d.Value.Config.RevisionId = revision
		return functions.Put(tx, d)
	}}
}

func versionOwner(tx *store.Tx, r ref) (owner, error) {
	d, err := versions.Get(tx, versionID(r.Name, r.Qualifier))
	if errors.Is(err, store.ErrNotFound) {
		return owner{}, functionNotFound(r.arn())
	}
	return owner{store.Ref{Kind: versions.Name, ID: d.ID}, d.Value.Config.RevisionId, func(revision *string) error {
		d.Value.Config.RevisionId = revision
		return versions.Put(tx, d)
	}}, err
}

func aliasOwner(tx *store.Tx, r ref) (owner, error) {
	d, err := aliases.Get(tx, aliasID(r.Name, r.Qualifier))
	if errors.Is(err, store.ErrNotFound) {
		if !aliasPattern.re.MatchString(r.Qualifier) {
			return owner{}, functionNotFound(r.arn())
		}
		return owner{}, aliasNotFound(r)
	}
	return owner{store.Ref{Kind: aliases.Name, ID: d.ID}, d.Value.RevisionId, func(revision *string) error {
		d.Value.RevisionId = revision
		return aliases.Put(tx, d)
	}}, err
}
