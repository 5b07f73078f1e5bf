package jwt

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	userPoolID  = regexp.MustCompile(`^([a-z0-9-]+)_[0-9A-Za-z]+$`)
	userPoolARN = regexp.MustCompile(`^arn:aws[a-z-]*:cognito-idp:([a-z0-9-]+):\d{12}:userpool/([\w-]+_[0-9A-Za-z]+)$`)
	userPoolURL = regexp.MustCompile(`^https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com/([\w-]+_[0-9A-Za-z]+)$`)
)

// UserPoolIssuer is the issuer of a Cognito user pool, given by its ARN or, since that
// begins with its region, by its id.
func UserPoolIssuer(pool string) (string, error) {
	if m := userPoolARN.FindStringSubmatch(pool); m != nil {
		return "https://cognito-idp." + m[1] + ".amazonaws.com/" + m[2], nil
	}
	if m := userPoolID.FindStringSubmatch(pool); m != nil {
		return "https://cognito-idp." + m[1] + ".amazonaws.com/" + pool, nil
	}
	if strings.HasPrefix(pool, "arn:") {
		return "", fmt.Errorf("%q is no ARN of a user pool: arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID", pool)
	}
	return "", fmt.Errorf("%q is no id of a user pool: us-east-1_Abc123", pool)
}

// IsUserPool tells whether an issuer is a Cognito user pool.
func IsUserPool(issuer string) bool { return userPoolURL.MatchString(issuer) }
