package compile

import (
	"errors"

	"postern/apigw"
)

// BuildWebSocket compiles a stage of a WebSocket API. Errors and warnings are as for BuildREST.
func BuildWebSocket(def V2, d Deps) (*apigw.Stage, error) {
	return nil, errors.New("WebSocket APIs are not served yet")
}
