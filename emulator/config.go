package emulator

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"postern/apigw/limit"
	"postern/lambdarunner/debugger"
	"postern/lambdarunner/live"
)

// DefaultPort is the port that users' tools already point at.
const DefaultPort = 4566

// How functions run.
const (
	LambdaAuto    = "auto"    // docker where an engine answers, else process
	LambdaDocker  = "docker"  // containers
	LambdaProcess = "process" // processes of this machine's interpreters
)

// A Config says how to run Postern. The zero value is usable: ephemeral state,
// functions as processes or containers, whatever is here.
type Config struct {
	DataDir string // where state is kept; "" keeps everything in memory
	Version string // of the program, for health and doctor
	Port    int    // that Serve will listen on; functions find Postern there, 0 if they need not

	DefaultRegion      string            // of requests whose signature names none; "" is us-east-1
	VerifySignatures   bool              // refuse management requests that are not signed by a known key
	AccessKeys         map[string]string // known ones, besides those of AssumeRole: id → secret
	RelaxedPermissions bool              // let API Gateway call functions without AddPermission

	// Issuers says where the issuers of tokens are reached: URL, or its beginning → URL, or
	// LocalIssuer. One that is not there: user pools are LocalIssuer, others what they say.
	Issuers map[string]string

	Truststores       map[string]string // files that S3 URLs of truststores stand for, with #version for a version of one
	VPCEndpoints      map[string]string // VPC endpoints and the VPCs they are in
	ClientVPCEndpoint string            // that requests to private APIs come through whose URL names none

	// How many requests a second the APIs of an account may get in a region, and at once; 0 is
	// AWS's 10000 and 5000.
	AccountRate  float64
	AccountBurst int

	// Quotas are how many things an API or an account may have, by the names of emulator/quota; 0 is as
	// many as it likes, what is not there is AWS's.
	Quotas map[string]int

	// How long a WebSocket may be idle, and open; 0 is AWS's 10 minutes and 2 hours.
	SocketIdle, SocketDuration time.Duration

	Lambda LambdaConfig

	ServiceEndpoints map[string]string // where AWS services answer that integrations call: "sqs" → URL

	// VPCLinks say where VPC links lead: id, name, or ARN of a load balancer, listener or Cloud Map service → URL.
	VPCLinks map[string]string

	CertFile, KeyFile string   // served instead of certificates of the local CA
	AllowedOrigins    []string // web origins besides local ones that may use the management API

	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now
	Rand   io.Reader        // nil is crypto/rand
}

// A LambdaConfig says how functions run.
type LambdaConfig struct {
	Mode              string            // LambdaAuto (also ""), LambdaDocker or LambdaProcess
	MaxSandboxes      int               // of all functions together; 0 is 100
	IdleTTL           time.Duration     // a sandbox idle for longer is ended; 0 is 10 minutes
	NoReserve         bool              // start nothing ahead of the events: no interpreter, no container
	InitTimeout       time.Duration     // for the init phase; 0 is AWS's 10 s
	Images            map[string]string // runtime → image, instead of AWS's
	Network           string            // Docker network that containers join; "" is one of Postern's own
	DNS               []string          // servers for containers; none is the engine's
	DockerBind        string            // address that containers reach Postern at, "" finds it
	DockerAdvertise   string            // what containers call that address, "" is the same
	HotReloadBucket   string            // S3Bucket that means "this directory"; "" is hot-reload
	WatchIgnore       []string          // patterns of names or paths in live directories that are not code
	SynchronousCreate bool              // CreateFunction returns when the function is Active
	NoEndpointURL     bool              // do not set AWS_ENDPOINT_URL inside functions
	AsyncRetryDelays  []time.Duration   // between attempts of an Event invocation; nil is AWS's 1 and 2 minutes
	Debug             []debugger.Target // functions that are stepped through
}

// accountRate is the limit on all requests of an account in a region.
func (c *Config) accountRate() limit.Rate {
	return limit.Rate{PerSecond: cmp.Or(c.AccountRate, limit.Account.PerSecond), Burst: cmp.Or(c.AccountBurst, limit.Account.Burst)}
}

func (c *Config) fill() error {
	if c.DefaultRegion == "" {
		c.DefaultRegion = "us-east-1"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	switch c.Lambda.Mode {
	case "":
		c.Lambda.Mode = LambdaAuto
	case LambdaAuto, LambdaDocker, LambdaProcess:
	default:
		return fmt.Errorf("lambda mode %q is none of auto, docker, process", c.Lambda.Mode)
	}
	if err := live.CheckGlobs(c.Lambda.WatchIgnore); err != nil {
		return err
	}
	if err := checkIssuers(c.Issuers); err != nil {
		return err
	}
	if c.AccountRate < 0 || c.AccountBurst < 0 {
		return fmt.Errorf("the account's rate and burst cannot be negative")
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		return fmt.Errorf("a certificate needs both its file and its key file")
	}
	return nil
}

// DefaultDataDir is the directory for an application's data in the user's home,
// by the custom of the operating system.
func DefaultDataDir() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" && runtime.GOOS != "windows" {
		return filepath.Join(dir, "postern"), nil
	}
	if runtime.GOOS == "linux" || runtime.GOOS == "freebsd" {
		home, err := os.UserHomeDir()
		return filepath.Join(home, ".local", "share", "postern"), err
	}
	dir, err := os.UserConfigDir() // ~/Library/Application Support, %AppData%
	return filepath.Join(dir, "postern"), err
}
