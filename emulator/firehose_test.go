package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"postern/emulator"
)

func TestAccessLogGoesToFirehose(t *testing.T) {
	type batch struct {
		DeliveryStreamName string
		Records            []struct{ Data []byte }
		target, scope      string
	}
	got := make(chan batch, 8)
	var first atomic.Bool
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := batch{target: r.Header.Get("X-Amz-Target"), scope: r.Header.Get("Authorization")}
		if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
			t.Error(err)
		}
		got <- b
		if first.CompareAndSwap(false, true) { // it is asked for once more
			w.Write([]byte(`{"FailedPutCount":1,"RequestResponses":[{"ErrorCode":"ServiceUnavailableException"}]}`))
			return
		}
		w.Write([]byte(`{"FailedPutCount":0,"RequestResponses":[]}`))
	}))
	defer peer.Close()
	s := start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{"firehose": peer.URL}})
	m := s.createMock(t, `hello`)
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	m.patch(t, "replace", "/accessLogSettings/destinationArn", "arn:aws:firehose:eu-west-1:000000000000:deliverystream/amazon-apigateway-x",
		"replace", "/accessLogSettings/format", "$context.requestId $context.status\n")
	res, _ := fetch(t, m.invokeURL("/"))
	for range 2 {
		select {
		case b := <-got:
			if b.DeliveryStreamName != "amazon-apigateway-x" || b.target != "Firehose_20150804.PutRecordBatch" || !strings.Contains(b.scope, "/eu-west-1/firehose/aws4_request") {
				t.Errorf("%+v", b)
			}
			if want := res.Header.Get("X-Amzn-Requestid") + " 200\n"; len(b.Records) != 1 || string(b.Records[0].Data) != want {
				t.Errorf("%q, want %q", b.Records, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("no record came")
		}
	}
}
