package emulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/domain"
	"postern/apigw/policy"
	"postern/emulator/acm"
	"postern/emulator/domainname"
	"postern/emulator/store"
)

// PublishDomain serves a custom domain name.
func (p publisher) PublishDomain(ctx context.Context, s domainname.Snapshot) error {
	d, err := p.e.compileDomain(ctx, s)
	if err == nil {
		p.e.domains.Set(d)
	}
	return err
}

// UnpublishDomain ends a custom domain name.
func (p publisher) UnpublishDomain(_ context.Context, name string) { p.e.domains.Remove(name) }

// announceDomains makes the names known that were there before this start. A name's
// certificate is read when it is first called.
func (e *Emulator) announceDomains(ctx context.Context) error {
	names, err := e.domainNames.Names(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		e.domains.Announce(name, func() *domain.Domain { return e.loadDomain(name) })
	}
	return nil
}

// loadDomain is the domain of a name, nil where there is none any more. One that cannot be
// served has no mappings: it answers 403.
func (e *Emulator) loadDomain(name string) *domain.Domain {
	ctx := context.Background()
	s, err := e.domainNames.Snapshot(ctx, name)
	if errors.Is(err, domainname.ErrNone) {
		return nil
	}
	var d *domain.Domain
	if err == nil {
		d, err = e.compileDomain(ctx, s)
	}
	if err != nil {
		e.config.Logger.Warn("domain name is not served", "domain", name, "error", err)
		return domain.New(domain.Domain{Name: name}, nil)
	}
	return d
}

// compileDomain makes what serves a custom domain name.
func (e *Emulator) compileDomain(ctx context.Context, s domainname.Snapshot) (*domain.Domain, error) {
	d := domain.Domain{Name: *s.Domain.DomainName}
	for _, t := range s.Domain.EndpointConfiguration.Types {
		d.Edge = d.Edge || t == types.EndpointTypeEdge
		if t == types.EndpointTypePrivate {
			d.Private = &domain.Private{Endpoints: map[string]bool{}}
		}
	}
	if d.Private != nil {
		if err := e.compilePrivate(d.Private, s); err != nil {
			return nil, err
		}
	}
	if s.Portal != "" {
		d.Handler = e.portals.At(s.Portal)
	}
	if s.Truststore != "" {
		d.Clients = x509.NewCertPool()
		d.Clients.AppendCertsFromPEM([]byte(s.Truststore))
	}
	pair, err := e.domainCertificate(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", d.Name, err)
	}
	d.TLS = domainTLS(pair, s.Domain.SecurityPolicy, d.Clients != nil)
	return domain.New(d, domainMappings(s), domainRules(s)...), nil
}

// compilePrivate says who may call a private name: through which endpoints, and by its policy,
// which is about the name's own ARN.
func (e *Emulator) compilePrivate(p *domain.Private, s domainname.Snapshot) error {
	for _, id := range s.Endpoints {
		p.Endpoints[id] = true
	}
	if s.Domain.Policy == nil {
		return nil
	}
	arn := strings.Replace(*s.Domain.DomainNameArn, ":apigateway:", ":execute-api:", 1)
	document, err := policy.ParseAPI([]byte(*s.Domain.Policy), arn)
	if err != nil {
		return fmt.Errorf("policy of %s: %w", *s.Domain.DomainName, err)
	}
	p.Allows = func(x *apigw.Exchange) bool {
		r := auth.RequestOf(x, auth.Invoke)
		r.Resource, r.Plain = arn+x.Request.StagePath, arn+auth.PlainPath(x.Request.StagePath)
		return document.Evaluate(r) == policy.Allow
	}
	return nil
}

// domainMappings are those that the routing mode lets count.
func domainMappings(s domainname.Snapshot) (all []domain.Mapping) {
	if s.Domain.RoutingMode == types.RoutingModeRoutingRuleOnly {
		return nil
	}
	for _, m := range s.Mappings {
		out := domain.Mapping{Key: *m.BasePath, API: *m.RestApiId}
		if out.Key == domainname.Root {
			out.Key = ""
		}
		if m.Stage != nil {
			out.Stage = *m.Stage
		}
		all = append(all, out)
	}
	return all
}

// domainRules are the routing rules, where the routing mode lets any count.
func domainRules(s domainname.Snapshot) (all []domain.Rule) {
	if m := s.Domain.RoutingMode; m != types.RoutingModeRoutingRuleOnly && m != types.RoutingModeRoutingRuleThenBasePathMapping {
		return nil
	}
	for _, r := range s.Rules {
		invoke := r.Actions[0].InvokeApi
		out := domain.Rule{
			ID: *r.RoutingRuleId, Priority: *r.Priority, API: *invoke.ApiId, Stage: *invoke.Stage, Strip: aws.ToBool(invoke.StripBasePath),
		}
		for _, c := range r.Conditions {
			if c.MatchBasePaths != nil {
				out.BasePath = c.MatchBasePaths.AnyOf[0]
			}
			if c.MatchHeaders != nil {
				h := c.MatchHeaders.AnyOf[0]
				out.Headers = append(out.Headers, domain.Header{Name: *h.Header, Glob: *h.ValueGlob})
			}
		}
		all = append(all, out)
	}
	return all
}

// domainCertificate is the certificate of a name: ACM's, or its own.
func (e *Emulator) domainCertificate(ctx context.Context, s domainname.Snapshot) (pair tls.Certificate, err error) {
	arn := s.CertificateARN()
	if arn == "" {
		return tls.X509KeyPair([]byte(s.Body+"\n"+s.Chain), []byte(s.Key))
	}
	err = e.store.View(ctx, store.Scope{}, func(tx *store.Tx) error {
		_, m, err := acm.Find(tx, arn)
		if err != nil {
			return err
		}
		pair, err = tls.X509KeyPair([]byte(string(m.Certificate)+"\n"+string(m.Chain)), m.Key)
		return err
	})
	return pair, err
}

// domainTLS is how connections to a name are made. Go chooses among the cipher suites that are
// still safe; of a security policy only the lowest version counts.
func domainTLS(pair tls.Certificate, policy types.SecurityPolicy, mutual bool) *tls.Config {
	c := &tls.Config{NextProtos: protocols, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	switch {
	case policy == types.SecurityPolicyTls10:
		c.MinVersion = tls.VersionTLS10
	case strings.HasPrefix(string(policy), "SecurityPolicy_TLS13_1_3"), policy == types.SecurityPolicySecurityPolicyTls132025Edge:
		c.MinVersion = tls.VersionTLS13
	}
	if mutual {
		// Whom to trust is for the gateway, which answers 403 as AWS does.
		c.ClientAuth = tls.RequireAnyClientCert
	}
	return c
}

// certificate is what domain names ask of ACM.
func (e *Emulator) certificate(tx *store.Tx, arn string) (domainname.Certificate, error) {
	d, _, err := acm.Find(tx, arn)
	c := domainname.Certificate{Names: d.SubjectAlternativeNames, Imported: d.Type == acmtypes.CertificateTypeImported}
	if err == nil && d.DomainName != nil {
		c.Names = append(c.Names, *d.DomainName)
	}
	return c, err
}

// issue is ACM's issuer: the local CA.
func (e *Emulator) issue(names []string, key acmtypes.KeyAlgorithm) (acm.Material, error) {
	return e.ca.issue(names, key, e.config.Now())
}

// truststore reads the object that an S3 URL names, or the file that the configuration says it stands for.
func (e *Emulator) truststore(ctx context.Context, uri, version string) ([]byte, error) {
	name := uri
	if version != "" {
		name += "#" + version
	}
	if file, ok := e.config.Truststores[name]; ok {
		return os.ReadFile(file)
	}
	at, _ := strings.CutPrefix(uri, "s3://")
	bucket, key, _ := strings.Cut(at, "/")
	ctx, cancel := context.WithTimeout(ctx, otherS3Timeout)
	defer cancel()
	body, _, err := e.object(ctx, bucket, key, version)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, maxTruststore+1))
	if err == nil && len(text) > maxTruststore {
		err = fmt.Errorf("%s has more than %d bytes", name, maxTruststore)
	}
	return text, err
}

// otherS3Timeout is how long S3 elsewhere may take for a truststore.
const otherS3Timeout = 10 * time.Second

// maxTruststore bounds what is read of a truststore: a thousand certificates are less.
const maxTruststore = 8 << 20
