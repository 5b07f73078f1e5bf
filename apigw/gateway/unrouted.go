package gateway

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"postern/apigw"
)

// known tells the verbs that methods can have, in the one case they have: ANY stands for these and no
// others. A policy about GET would not see a "get".
func known(verb string) bool {
	switch verb {
	case http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPatch, http.MethodPost, http.MethodPut:
		return true
	}
	return false
}

// unrouted is the answer for a path or verb that no method has: 403, as AWS takes it
// for a request it cannot authenticate. With an Authorization header that is no
// signature AWS's parser of signatures speaks first (captured texts).
func unrouted(x *apigw.Exchange) error {
	header, ok := x.Request.HeaderValue("Authorization")
	if !ok || header == "" || strings.HasPrefix(header, "AWS4-") {
		return &apigw.Rejection{Type: apigw.MissingAuthenticationToken}
	}
	return &apigw.Rejection{Type: apigw.MissingAuthenticationToken, ErrorType: "IncompleteSignatureException", Message: incomplete(header)}
}

func incomplete(header string) string {
	scheme, rest, more := strings.Cut(header, " ")
	if !more {
		return "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
			"Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " +
			"Authorization=" + scheme
	}
	for piece := range strings.SplitSeq(rest, ",") {
		if piece = strings.TrimSpace(piece); !strings.Contains(piece, "=") {
			sum := sha256.Sum256([]byte(piece))
			return fmt.Sprintf("Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'.",
				base64.StdEncoding.EncodeToString(sum[:]))
		}
	}
	return "Missing Authentication Token"
}
