package emulator

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"postern/apigw/service"
	"postern/emulator/wire"
)

// ownServices are the services that Postern itself has for integrations to call.
var ownServices = []string{"acm", "apigateway", "execute-api", "iam", "lambda", "logs", "s3", "sts"}

// TakeEndpoints adds what the variables AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_SFN and so on of an
// environment say to ServiceEndpoints, which wins where it names the same service.
func (c *Config) TakeEndpoints(environ []string) {
	if slices.Contains(environ, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true") {
		return
	}
	named := map[string]bool{}
	for name := range c.ServiceEndpoints {
		named[service.Find(name).Name] = true
	}
	for _, variable := range environ {
		name, at, _ := strings.Cut(variable, "=")
		name, ok := strings.CutPrefix(name, "AWS_ENDPOINT_URL_")
		if s := service.Find(name); ok && at != "" && !named[s.Name] {
			if c.ServiceEndpoints == nil {
				c.ServiceEndpoints = map[string]string{}
			}
			c.ServiceEndpoints[s.Name] = at
		}
	}
}

// openClient makes what calls AWS services, and reads where VPC links lead.
func (e *Emulator) openClient() error {
	endpoints, err := service.NewEndpoints(e.config.ServiceEndpoints, e.ownURL("127.0.0.1"), ownServices...)
	if err != nil {
		return err
	}
	e.links = map[string]*url.URL{}
	for name, raw := range e.config.VPCLinks {
		if e.links[name], err = service.ParseURL(raw); err != nil {
			return fmt.Errorf("VPC link %s: %w", name, err)
		}
	}
	e.services = service.NewClient(endpoints, keys{e}, e.config.Now)
	return nil
}

// keys are the credentials that integrations call services with.
type keys struct{ e *Emulator }

// backplane is the session name that AWS shows for calls of API Gateway.
const backplane = "BackplaneAssumeRoleSession"

// Assume gives out credentials of a role as AssumeRole does.
func (k keys) Assume(ctx context.Context, roleARN string) (aws.Credentials, error) {
	ctx = wire.WithCaller(ctx, wire.Caller{AccountID: wire.DefaultAccountID, Region: k.e.config.DefaultRegion})
	out, err := k.e.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &roleARN, RoleSessionName: aws.String(backplane)})
	if err != nil {
		return aws.Credentials{}, err
	}
	c := out.Credentials
	return aws.Credentials{
		AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken,
		CanExpire: true, Expires: *c.Expiration,
	}, nil
}

// Caller finds the secret of a key that a caller signed with.
func (k keys) Caller(ctx context.Context, accessKeyID string) (aws.Credentials, error) {
	secret, ok := k.e.secret(ctx, accessKeyID)
	if !ok {
		return aws.Credentials{}, fmt.Errorf("the secret of the caller's access key %q is not known", accessKeyID)
	}
	return aws.Credentials{AccessKeyID: accessKeyID, SecretAccessKey: secret, SessionToken: k.e.token(ctx, accessKeyID)}, nil
}
