package emulator

import "context"

// Secret lets tests verify what was signed with credentials that Postern gave out.
func (e *Emulator) Secret(ctx context.Context, accessKeyID string) (string, bool) {
	return e.secret(ctx, accessKeyID)
}
