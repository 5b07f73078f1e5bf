package compile_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/compile"
	"postern/apigw/gateway"
	"postern/apigw/limit"
)

func smallMock(b *testing.B) *apigw.Stage {
	stage, err := compile.BuildREST(define(methods{"GET /hello/{name}": mock(`{"statusCode": 200}`, types.IntegrationResponse{
		ResponseTemplates: templates(`{"hello": "$input.params('name')", "requestId": "$context.requestId", "stage": "$context.stage", "n": 12345678}`),
	})}), compile.Deps{AccountRate: limit.Rate{PerSecond: 1e9, Burst: 1e9}})
	if err != nil {
		b.Fatal(err)
	}
	return stage
}

// BenchmarkMockSteps is a MOCK method with a small VTL response without the HTTP around it.
func BenchmarkMockSteps(b *testing.B) {
	stage := smallMock(b)
	ctx, now := context.Background(), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		x := &apigw.Exchange{Stage: stage, Request: apigw.Request{ID: "id", Verb: "GET", Path: "/hello/ada", Time: now}}
		x.Method, x.Request.PathValues = stage.Routes.Route("GET", "/hello/ada", nil)
		for i := range x.Method.Steps {
			if err := x.Method.Steps[i].Run(ctx, x); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkMock and BenchmarkBare are the two sides of gate G1.
func BenchmarkMock(b *testing.B) {
	g := gateway.New(gateway.Options{})
	stage := smallMock(b)
	g.Publish(stage)
	benchmarkServer(b, g, "/_aws/execute-api/"+stage.APIID+"/"+stage.Name+"/hello/ada")
}

func BenchmarkBare(b *testing.B) {
	body := []byte(`{"hello": "ada", "requestId": "8b5a9c2e-0000-4000-8000-000000000000", "stage": "prod", "n": 12345678}`)
	benchmarkServer(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	}), "/hello/ada")
}

func benchmarkServer(b *testing.B, h http.Handler, path string) {
	s := httptest.NewServer(h)
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	b.SetParallelism(8)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			res, err := client.Get(s.URL + path)
			if err != nil {
				b.Error(err)
				return
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
}
