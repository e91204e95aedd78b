// The official gRPC and OpenTelemetry packages of Go as an OTLP client. Reads cases as JSON, prints counts of codes by case.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

type spec struct {
	Name        string `json:"name"`
	Target      string `json:"target"`
	Compression string `json:"compression"`
	Method      string `json:"method"`
	Size        int    `json:"size"`
	Calls       int    `json:"calls"`
	GapMs       int    `json:"gap_ms"`
	TimeoutMs   int    `json:"timeout_ms"`
	KeepaliveMs int    `json:"keepalive_ms"`
	TLS         *struct {
		CA   string `json:"ca"`
		Cert string `json:"cert"`
		Key  string `json:"key"`
	} `json:"tls"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (s spec) credentials() credentials.TransportCredentials {
	if s.TLS == nil {
		return insecure.NewCredentials()
	}
	authority, err := os.ReadFile(s.TLS.CA)
	must(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	config := &tls.Config{RootCAs: pool, ServerName: "localhost"}
	if s.TLS.Cert != "" {
		pair, err := tls.LoadX509KeyPair(s.TLS.Cert, s.TLS.Key)
		must(err)
		config.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(config)
}

func (s spec) options() []grpc.DialOption {
	options := []grpc.DialOption{grpc.WithTransportCredentials(s.credentials())}
	if s.Compression != "" {
		options = append(options, grpc.WithDefaultCallOptions(grpc.UseCompressor(s.Compression)))
	}
	if s.KeepaliveMs > 0 {
		every := time.Duration(s.KeepaliveMs) * time.Millisecond
		options = append(options, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: every, PermitWithoutStream: true}))
	}
	return options
}

func (s spec) once(connection *grpc.ClientConn) string {
	span := &trace.Span{TraceId: bytes.Repeat([]byte{1}, 16), SpanId: bytes.Repeat([]byte{2}, 8), Name: strings.Repeat("x", max(1, s.Size))}
	request := &collector.ExportTraceServiceRequest{ResourceSpans: []*trace.ResourceSpans{
		{ScopeSpans: []*trace.ScopeSpans{{Spans: []*trace.Span{span}}}},
	}}
	timeout := 10 * time.Second
	if s.TimeoutMs > 0 {
		timeout = time.Duration(s.TimeoutMs) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var err error
	if s.Method != "" {
		err = connection.Invoke(ctx, s.Method, request, &collector.ExportTraceServiceResponse{})
	} else {
		_, err = collector.NewTraceServiceClient(connection).Export(ctx, request)
	}
	return status.Code(err).String()
}

func (s spec) run() map[string]int {
	connection, err := grpc.NewClient(s.Target, s.options()...)
	must(err)
	defer connection.Close()
	counts := map[string]int{}
	for i := 0; i < max(1, s.Calls); i++ {
		counts[s.once(connection)]++
		time.Sleep(time.Duration(s.GapMs) * time.Millisecond)
	}
	return counts
}

func main() {
	var specs []spec
	must(json.NewDecoder(os.Stdin).Decode(&specs))
	results := map[string]map[string]int{}
	for _, s := range specs {
		results[s.Name] = s.run()
	}
	must(json.NewEncoder(os.Stdout).Encode(results))
}
