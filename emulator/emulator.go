package emulator

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"postern/apigw"
	"postern/apigw/cache"
	"postern/apigw/domain"
	"postern/apigw/gateway"
	"postern/apigw/integration"
	"postern/apigw/jwt"
	"postern/apigw/limit"
	"postern/apigw/service"
	"postern/emulator/acm"
	"postern/emulator/apigateway"
	"postern/emulator/apigatewayv2"
	"postern/emulator/domainname"
	"postern/emulator/iam"
	"postern/emulator/issuer"
	"postern/emulator/lambda"
	"postern/emulator/logs"
	"postern/emulator/portal"
	"postern/emulator/quota"
	"postern/emulator/s3"
	"postern/emulator/store"
	"postern/emulator/sts"
	"postern/emulator/wire"
	"postern/lambdarunner"
	"postern/lambdarunner/code"
	"postern/lambdarunner/debugger"
)

// An Emulator is a running Postern: its state is open, its functions can run,
// and its Handler answers. It does not listen until Serve is called.
type Emulator struct {
	config Config
	ca     *localCA
	cert   *tls.Certificate // the user's own, nil for the CA's
	tmp    []string         // directories that are removed at Close

	store        *store.Store
	acm          *acm.Service
	domainNames  *domainname.Keeper
	apigateway   *apigateway.Service
	apigatewayv2 *apigatewayv2.Service
	portals      *portal.Site
	lambda       *lambda.Service
	iam          *iam.Service
	sts          *sts.Service
	logs         *logs.Service
	s3           *s3.Service

	issuer *issuer.Issuer // of local tokens
	tokens *jwt.Verifier  // of all authorizers' tokens

	code       *code.Cache    // functions and layers, unpacked
	doors      debugger.Doors // to functions that are stepped through
	launcher   lambdarunner.Launcher
	runner     string       // which kind of sandbox was taken, and why
	containers net.Listener // where containers reach Postern, nil for none
	pool       *lambdarunner.Pool
	gateway    *gateway.Gateway
	domains    domain.Registry
	transport  *integration.Transport // to HTTP backends, of all stages
	firehose   *deliveries            // of access logs
	caches     cache.Caches           // of all stages
	services   *service.Client        // what calls AWS services
	buckets    limit.Buckets          // of all stages and accounts
	links      map[string]*url.URL    // where VPC links lead
	handler    http.Handler

	servers   serverSet
	serving   sync.WaitGroup // on containers
	closeOnce sync.Once
	closeErr  error
}

// Open opens the state and starts the parts. What it opened is closed again when
// it fails.
func Open(ctx context.Context, c Config) (_ *Emulator, err error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	e := &Emulator{config: c}
	defer func() {
		if err != nil {
			e.Close()
		}
	}()
	if err := e.openState(ctx); err != nil {
		return nil, err
	}
	if err := e.openRunner(ctx); err != nil {
		return nil, err
	}
	if err := e.openS3(ctx); err != nil {
		return nil, err
	}
	if err := e.openServices(); err != nil {
		return nil, err
	}
	if err := e.announceDomains(ctx); err != nil {
		return nil, err
	}
	e.handler = e.front()
	if e.containers != nil {
		e.serving.Go(func() { e.Serve(e.containers) })
	}
	return e, nil
}

// openState opens what is kept on disk: the store and the certificates.
func (e *Emulator) openState(ctx context.Context) (err error) {
	dir, caDir, file := e.config.DataDir, "", ""
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
		caDir, file = filepath.Join(dir, "ca"), filepath.Join(dir, "postern.db")
	}
	if e.store, err = store.Open(ctx, store.Options{Path: file, Now: e.config.Now, Rand: e.config.Rand, Logger: e.config.Logger}); err != nil {
		return err
	}
	if e.ca, err = openCA(caDir, e.config.Now()); err != nil || e.config.CertFile == "" {
		return err
	}
	pair, err := tls.LoadX509KeyPair(e.config.CertFile, e.config.KeyFile)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	e.cert = &pair
	return nil
}

// openRunner picks how functions run and makes the pool of their sandboxes.
func (e *Emulator) openRunner(ctx context.Context) (err error) {
	e.logs = logs.New(logs.Options{Store: e.store, Logger: e.config.Logger})
	if e.code, err = e.openCode(); err != nil {
		return err
	}
	if e.doors, err = debugger.OpenAll(e.config.Lambda.Debug); err != nil {
		return err
	}
	if e.launcher, e.runner, err = e.newLauncher(ctx); err != nil {
		return err
	}
	e.pool = lambdarunner.NewPool(e.launcher, lambdarunner.PoolOptions{
		MaxSandboxes: e.config.Lambda.MaxSandboxes,
		IdleTTL:      e.config.Lambda.IdleTTL,
		NoReserve:    e.config.Lambda.NoReserve,
		Logs:         functionLogs{e.logs},
		Logger:       e.config.Logger,
		Now:          e.config.Now,
		Debugger:     e.doors,
		WatchIgnore:  e.config.Lambda.WatchIgnore,
	})
	return nil
}

// openServices makes the control planes and the gateway.
func (e *Emulator) openServices() error {
	log, l := e.config.Logger, e.config.Lambda
	// What calls services comes first: functions go on at once with what an earlier run has left.
	e.iam = iam.New(iam.Options{Store: e.store, Logger: log})
	e.sts = sts.New(sts.Options{Store: e.store, Now: e.config.Now, User: e.userOf})
	if err := e.openClient(); err != nil {
		return err
	}
	images, _ := e.launcher.(lambda.Images) // processes run none
	e.lambda = lambda.New(lambda.Options{
		Images: images,
		Store:  e.store, Pool: e.pool, Code: e.code, Logger: log, Now: e.config.Now,
		RelaxedPermissions: e.config.RelaxedPermissions, Credentials: e.mayInvoke, Principals: e.principals, HotReloadBucket: l.HotReloadBucket, Object: e.object,
		SynchronousCreate: l.SynchronousCreate, Deliver: e.deliver, Source: e.callSource,
		URLChanged: func(id string) { e.gateway.Unpublish(id, apigw.DefaultStage) }, RetryDelays: l.AsyncRetryDelays,
	})
	e.firehose = &deliveries{post: e.postFirehose, logger: log}
	e.gateway = gateway.New(gateway.Options{
		Load: e.loadStage, Logger: log, Now: e.config.Now, Domains: &e.domains, Logs: apiLogs{e.logs, e.firehose},
		VPCEndpoints: e.config.VPCEndpoints, ClientVPCEndpoint: e.config.ClientVPCEndpoint,
		SocketIdle: e.config.SocketIdle, SocketDuration: e.config.SocketDuration,
	})
	e.transport = integration.NewTransport()
	e.openIssuers()
	quotas, err := quota.New(e.config.Quotas)
	if err != nil {
		return err
	}
	e.domainNames = domainname.New(domainname.Options{
		Store: e.store, Publisher: publisher{e}, Certificate: e.certificate, Truststore: e.truststore, Logger: log,
	})
	e.apigateway = apigateway.New(apigateway.Options{
		Store: e.store, Publisher: publisher{e}, Tester: publisher{e}, Domains: e.domainNames,
		Logger: log, AccountRate: e.config.accountRate(), Quotas: quotas,
	})
	e.apigatewayv2 = apigatewayv2.New(apigatewayv2.Options{
		Store: e.store, REST: e.apigateway, Domains: e.domainNames, Publisher: publisher{e}, Quotas: quotas,
		Address: e.ownURL("localhost"), Logger: log,
	})
	e.portals = portal.New(portal.Options{Load: e.apigatewayv2.Publication, Logger: log})
	e.acm = acm.New(acm.Options{
		Store: e.store, Issue: e.issue, Now: e.config.Now,
		Users: domainname.CertificateUsers, Changed: e.domainNames.CertificateChanged,
	})
	return nil
}

// openCode opens the directory that functions' code is unpacked in.
func (e *Emulator) openCode() (*code.Cache, error) {
	dir, err := e.dir("code")
	if err != nil {
		return nil, err
	}
	return code.Open(dir)
}

// dir is a directory of the data directory, or one for this run where nothing is kept.
func (e *Emulator) dir(name string) (string, error) {
	if e.config.DataDir != "" {
		return filepath.Join(e.config.DataDir, name), nil
	}
	dir, err := os.MkdirTemp("", "postern-")
	if err == nil {
		e.tmp = append(e.tmp, dir)
	}
	return dir, err
}

// openS3 opens the buckets.
func (e *Emulator) openS3(ctx context.Context) error {
	dir, err := e.dir("s3")
	if err != nil {
		return err
	}
	e.s3, err = s3.New(ctx, s3.Options{
		Store: e.store, Dir: dir, Logger: e.config.Logger, DefaultRegion: e.config.DefaultRegion, Now: e.config.Now,
		Verify: e.config.VerifySignatures, Secret: e.secret, Token: e.token, Account: e.accountOf,
	})
	return err
}

// management answers the AWS APIs.
func (e *Emulator) management() *wire.Mux {
	return wire.NewMux(wire.Options{
		Services: []wire.Service{
			e.acm.Wire(), e.apigateway.Wire(), e.apigatewayv2.Wire(), e.lambda.Wire(), e.iam.Wire(), e.sts.Wire(), e.logs.Wire(),
		},
		Logger: e.config.Logger, DefaultRegion: e.config.DefaultRegion, Now: e.config.Now,
		Verify: e.config.VerifySignatures, Secret: e.secret, Token: e.token, Account: e.accountOf,
	})
}

// accountOf is the account of an access key that IAM or AssumeRole gave out, "" for others.
func (e *Emulator) accountOf(ctx context.Context, accessKeyID string) string {
	return cmp.Or(e.iam.Account(ctx, accessKeyID), e.sts.Account(ctx, accessKeyID))
}

// secret is the secret key of an access key that is known: one of the configuration, of a user of
// IAM, or one that AssumeRole gave out.
func (e *Emulator) secret(ctx context.Context, accessKeyID string) (string, bool) {
	if secret, ok := e.config.AccessKeys[accessKeyID]; ok {
		return secret, true
	}
	if i, err := e.iam.Key(ctx, accessKeyID); err == nil && i != nil {
		return i.Secret, !i.Inactive
	}
	return e.sts.Secret(ctx, accessKeyID)
}

// token is the session token that requests of a temporary access key must bring.
func (e *Emulator) token(ctx context.Context, accessKeyID string) string {
	session, _ := e.sts.Session(ctx, accessKeyID)
	return session.Token
}

// Close stops serving, ends all functions and closes the state. Requests that run
// get a while to finish. It is safe to call twice.
func (e *Emulator) Close() error {
	e.closeOnce.Do(func() { e.closeErr = e.shutdown() })
	return e.closeErr
}

// shutdown closes in the order of use: who calls before who is called.
func (e *Emulator) shutdown() (err error) {
	e.servers.close()
	if e.gateway != nil {
		ctx, cancel := context.WithTimeout(context.Background(), socketTimeout)
		e.gateway.Close(ctx)
		cancel()
	}
	if e.containers != nil {
		e.containers.Close()
	}
	e.serving.Wait()
	if e.firehose != nil {
		e.firehose.close()
	}
	if e.transport != nil {
		e.transport.CloseIdleConnections()
	}
	err = e.doors.Close() // what stands at a breakpoint goes on
	if e.lambda != nil {
		err = errors.Join(err, e.lambda.Close())
	}
	if e.pool != nil {
		err = errors.Join(err, e.pool.Close())
	} else if e.launcher != nil {
		err = errors.Join(err, e.launcher.Close())
	}
	if e.s3 != nil {
		e.s3.Close()
	}
	if e.store != nil {
		err = errors.Join(err, e.store.Close())
	}
	for _, dir := range e.tmp {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}
