package apigateway

import (
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// gatewayResponses are stored under "restApiId/responseType", those that were put.
var gatewayResponses = store.Kind[types.GatewayResponse]{Service: service, Name: "gatewayresponse"}

func gatewayResponseDocument(api string, r types.GatewayResponse) store.Document[types.GatewayResponse] {
	return store.Document[types.GatewayResponse]{
		ID: api + "/" + string(r.ResponseType), Parent: apiRef(api), Name: string(r.ResponseType), Value: r,
	}
}
