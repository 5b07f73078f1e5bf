package s3

import (
	"net"
	"net/http"
	"strings"

	"postern/emulator/wire"
)

// Matches tells requests to S3: those signed for it, presigned ones, and those to its hosts. An unsigned
// request to another host never is one, whatever its path: it may be meant for any service.
func Matches(r *http.Request) bool {
	if _, ok := bucketOf(r.Host); ok {
		return true
	}
	if _, _, service := wire.ScopeOf(r); service != "" {
		return service == signingName
	}
	return signedV2(r)
}

// signingName is what a signature's scope calls S3.
const signingName = "s3"

// HasBucketHost tells hosts of S3 with a bucket in them.
func HasBucketHost(host string) bool { bucket, _ := bucketOf(host); return bucket != "" }

// bucketOf reads a host of S3: s3.{domain}, s3.{region}.{domain}, and both with a bucket in front ("Virtual
// hosting of general purpose buckets", S3 User Guide). The older s3-{region} is one too. The label is the
// last of its kind: buckets may have dots.
func bucketOf(host string) (bucket string, ok bool) {
	if !strings.Contains(host, "s3") && !strings.Contains(host, "S3") { // most requests that are none end here
		return "", false
	}
	labels := strings.Split(strings.ToLower(withoutPort(host)), ".")
	for i := len(labels) - 2; i >= 0; i-- {
		if !isServiceLabel(labels[i]) || !isDomain(labels[i+1:]) {
			continue
		}
		for _, l := range labels[:i] {
			if l == "execute-api" || l == "lambda-url" {
				return "", false // an API at a host of the user's own
			}
		}
		return strings.Join(labels[:i], "."), true
	}
	return "", false
}

func isServiceLabel(label string) bool {
	return label == "s3" || strings.HasPrefix(label, "s3-") && isRegion(label[3:])
}

// isDomain tells what may follow the label: a domain of AWS or a local one, perhaps after a region.
func isDomain(labels []string) bool {
	if labels[0] == "dualstack" && len(labels) > 1 {
		labels = labels[1:]
	}
	if len(labels) > 1 && isRegion(labels[0]) {
		labels = labels[1:]
	}
	switch strings.Join(labels, ".") {
	case "localhost", "localhost.localstack.cloud", "amazonaws.com", "amazonaws.com.cn", "host.docker.internal":
		return true
	}
	return false
}

// isRegion tells names like eu-central-1 and us-gov-west-1.
func isRegion(label string) bool {
	n := len(label)
	return n > 4 && strings.Count(label, "-") >= 2 && label[n-1] >= '0' && label[n-1] <= '9' && label[2] == '-'
}

func withoutPort(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}

// localDomains are hosts that an endpoint may name: SDKs put a bucket before them.
var localDomains = [...]string{"localhost", "localhost.localstack.cloud", "host.docker.internal"}

// address is the bucket and the key of a request, "" for none.
func address(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	if b, ok := bucketOf(r.Host); ok && b != "" {
		return b, path
	} else if !ok {
		host := strings.ToLower(withoutPort(r.Host))
		for _, d := range localDomains {
			if b, ok := strings.CutSuffix(host, "."+d); ok && net.ParseIP(b) == nil && b != "localhost" {
				return b, path
			}
		}
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}
