package lambda

import (
	"context"
	"io"

	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// InvokeAsync is Invoke with the type Event, as it was before there was Invoke. Older clients still have it.
func (s *Service) InvokeAsync(ctx context.Context, in *sdk.InvokeAsyncInput) (*sdk.InvokeAsyncOutput, error) {
	var event []byte
	if in.InvokeArgs != nil {
		// One byte more than Invoke takes tells that it is too large.
		read, err := io.ReadAll(io.LimitReader(in.InvokeArgs, maxAsyncPayload+1))
		if err != nil {
			return nil, err
		}
		event = read
	}
	_, err := s.InvokeFunction(ctx, &sdk.InvokeInput{FunctionName: in.FunctionName, Payload: event, InvocationType: types.InvocationTypeEvent})
	if err != nil {
		return nil, err
	}
	return &sdk.InvokeAsyncOutput{Status: 202}, nil
}
