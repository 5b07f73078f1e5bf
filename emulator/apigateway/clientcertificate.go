package apigateway

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// A clientCertificate is one with the private key that nobody is shown.
type clientCertificate struct {
	Certificate types.ClientCertificate
	Key         string // PEM
}

var clientCertificates = store.Kind[clientCertificate]{Service: service, Name: "clientcertificate"}

const noCertificate = "Invalid Client Certificate identifier specified"

func getCertificate(tx *store.Tx, id *string) (store.Document[clientCertificate], error) {
	d, err := clientCertificates.Get(tx, aws.ToString(id))
	return d, missing(err, noCertificate)
}

// HasCertificate requires a client certificate.
func HasCertificate(tx *store.Tx, id *string) error {
	_, err := getCertificate(tx, id)
	return err
}

// GenerateClientCertificate makes a key and a certificate for it that is valid for a year.
func (s *Service) GenerateClientCertificate(ctx context.Context, in *sdk.GenerateClientCertificateInput) (*sdk.GenerateClientCertificateOutput, error) {
	if err := CheckTags(in.Tags); err != nil {
		return nil, err
	}
	key, err := newClientKey()
	if err != nil {
		return nil, err
	}
	var c types.ClientCertificate
	err = s.update(ctx, func(tx *store.Tx) error {
		d := store.Document[clientCertificate]{ID: tx.ID(6)}
		if d.Value, err = key.certify(tx.Now()); err != nil {
			return err
		}
		d.Value.Certificate.ClientCertificateId = &d.ID
		d.Value.Certificate.Description, d.Value.Certificate.Tags = in.Description, in.Tags
		c = d.Value.Certificate
		if err := clientCertificates.Insert(tx, d); err != nil {
			return err
		}
		return withinAccount(tx, s.quotas, quota.ClientCertificates, clientCertificates)
	})
	return wire.Answer[sdk.GenerateClientCertificateOutput](c, err)
}

// GetClientCertificate reads a certificate.
func (s *Service) GetClientCertificate(ctx context.Context, in *sdk.GetClientCertificateInput) (*sdk.GetClientCertificateOutput, error) {
	var c types.ClientCertificate
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getCertificate(tx, in.ClientCertificateId)
		c = d.Value.Certificate
		return err
	})
	return wire.Answer[sdk.GetClientCertificateOutput](c, err)
}

// GetClientCertificates lists certificates, oldest first.
func (s *Service) GetClientCertificates(ctx context.Context, in *sdk.GetClientCertificatesInput) (*sdk.GetClientCertificatesOutput, error) {
	out := &sdk.GetClientCertificatesOutput{Items: []types.ClientCertificate{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		page, next, err := list(tx, clientCertificates, store.Query{Order: store.ByCreated}, in.Limit, in.Position)
		for _, c := range page {
			out.Items = append(out.Items, c.Certificate)
		}
		out.Position = next
		return err
	})
	return out, err
}

// privateCertificate is the client certificate of a stage.
func privateCertificate(tx *store.Tx, stage types.Stage) (PrivateCertificate, error) {
	if aws.ToString(stage.ClientCertificateId) == "" {
		return PrivateCertificate{}, nil
	}
	d, err := clientCertificates.Get(tx, *stage.ClientCertificateId)
	return PrivateCertificate{PEM: aws.ToString(d.Value.Certificate.PemEncodedCertificate), Key: d.Value.Key}, err
}

var certificatePatches = patchTable[types.ClientCertificate]{
	rules: []rule[types.ClientCertificate]{
		{types.OpReplace, "/description", setText(func(c *types.ClientCertificate) **string { return &c.Description })},
	},
	unknown: loose,
}

// UpdateClientCertificate changes the description of a certificate.
func (s *Service) UpdateClientCertificate(ctx context.Context, in *sdk.UpdateClientCertificateInput) (*sdk.UpdateClientCertificateOutput, error) {
	var c types.ClientCertificate
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getCertificate(tx, in.ClientCertificateId)
		if err != nil {
			return err
		}
		if err := certificatePatches.apply(&d.Value.Certificate, in.PatchOperations); err != nil {
			return err
		}
		c = d.Value.Certificate
		return clientCertificates.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateClientCertificateOutput](c, err)
}

// DeleteClientCertificate removes a certificate that no stage shows.
func (s *Service) DeleteClientCertificate(ctx context.Context, in *sdk.DeleteClientCertificateInput) (*sdk.DeleteClientCertificateOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getCertificate(tx, in.ClientCertificateId)
		if err != nil {
			return err
		}
		all, err := stages.List(tx, store.Query{})
		if err != nil {
			return err
		}
		var users []string
		for _, stage := range all.Documents {
			if aws.ToString(stage.Value.ClientCertificateId) == d.ID {
				users = append(users, strings.Replace(stage.ID, "/", ":", 1))
			}
		}
		if len(users) > 0 { // worded after VPC links; what AWS says is not known
			return badRequest("Cannot delete client certificate. Client certificate '%s', is referenced in [%s] in format of [RESTApiId:Stage].",
				d.ID, strings.Join(users, ", "))
		}
		return clientCertificates.Delete(tx, d.ID)
	})
	return &sdk.DeleteClientCertificateOutput{}, err
}
