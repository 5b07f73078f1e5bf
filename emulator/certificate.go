package emulator

import (
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"postern/emulator/acm"
)

// issue is ACM's issuer: the local CA.
func (e *Emulator) issue(names []string, key acmtypes.KeyAlgorithm) (acm.Material, error) {
	return e.ca.issue(names, key, e.config.Now())
}
