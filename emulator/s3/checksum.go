package s3

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"
)

// Types of checksums: of the whole object, or of the checksums of its parts.
const (
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

// A checksum is one of an object or a part ("Checking object integrity", S3 User Guide).
type checksum struct {
	Algorithm string `json:",omitempty"` // CRC32, CRC32C, CRC64NVME, SHA1, SHA256
	Value     string `json:",omitempty"` // base64, with the number of parts where it is composite
	Type      string `json:",omitempty"`
}

// algorithms in the order in which they are looked for.
var algorithms = [...]string{"CRC64NVME", "CRC32", "CRC32C", "SHA1", "SHA256"}

// defaultAlgorithm is what S3 computes where a client asks for none.
const defaultAlgorithm = "CRC64NVME"

// nvme is the polynomial of CRC-64/NVME, reversed (NVM Express NVM Command Set Specification, 5.2.1.3.4).
const nvme = 0x9a6c9329ac4bc9b5

func newHash(algorithm string) (hash.Hash, error) {
	switch algorithm {
	case "CRC32":
		return crc32.NewIEEE(), nil
	case "CRC32C":
		return crc32.New(crc32.MakeTable(crc32.Castagnoli)), nil
	case "CRC64NVME":
		return crc64.New(crc64.MakeTable(nvme)), nil
	case "SHA1":
		return sha1.New(), nil
	case "SHA256":
		return sha256.New(), nil
	}
	return nil, invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
}

func checksumHeader(algorithm string) string { return "x-amz-checksum-" + strings.ToLower(algorithm) }

// asked is the checksum that a request brings or asks for; its Value is "" where it trails the body, or is
// not sent.
func asked(h http.Header) (sum checksum, trails bool, err error) {
	for _, a := range algorithms {
		if v := h.Get(checksumHeader(a)); v != "" {
			if sum.Algorithm != "" {
				return sum, false, invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
			}
			sum = checksum{Algorithm: a, Value: v}
		}
	}
	if trailer := strings.ToUpper(strings.TrimSpace(h.Get("x-amz-trailer"))); trailer != "" && sum.Algorithm == "" {
		a, ok := strings.CutPrefix(trailer, "X-AMZ-CHECKSUM-")
		if !ok {
			return sum, false, invalidRequest("The value specified in the x-amz-trailer header is not supported")
		}
		return checksum{Algorithm: a}, true, nil
	}
	if a := h.Get("x-amz-sdk-checksum-algorithm"); a != "" && sum.Algorithm == "" {
		sum.Algorithm = strings.ToUpper(a)
	}
	if a := h.Get("x-amz-checksum-algorithm"); a != "" && sum.Algorithm == "" { // of copies and uploads in parts
		sum.Algorithm = strings.ToUpper(a)
	}
	return sum, false, nil
}

func encodeSum(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }

// badDigest is for bytes that are not what their checksum says.
func badDigest(algorithm string) *Error {
	return &Error{Status: 400, Code: "BadDigest", Message: fmt.Sprintf("The %s you specified did not match the calculated checksum.", algorithm)}
}

// setChecksum says the checksum in headers.
func (c *call) setChecksum(sum checksum) {
	if sum.Value == "" {
		return
	}
	c.w.Header().Set(checksumHeader(sum.Algorithm), sum.Value)
	c.w.Header().Set("x-amz-checksum-type", sum.Type)
}

// elements are a checksum as documents have it.
func (s checksum) elements() []element {
	if s.Value == "" {
		return nil
	}
	return []element{{xml.Name{Local: "Checksum" + s.Algorithm}, s.Value}}
}
