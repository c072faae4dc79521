// Sends one trace of three spans with the OpenTelemetry SDK for Go and prints its id.
//
//	client grpc|http HOST:PORT SERVICE
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

func exporter(ctx context.Context, kind, address string) (*otlptrace.Exporter, error) {
	if kind == "grpc" {
		return otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(address), otlptracegrpc.WithInsecure(),
			otlptracegrpc.WithCompressor("gzip"))
	}
	return otlptracehttp.New(ctx, otlptracehttp.WithEndpoint(address), otlptracehttp.WithInsecure(),
		otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
}

func main() {
	ctx := context.Background()
	export, err := exporter(ctx, os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(export),
		trace.WithResource(resource.NewSchemaless(attribute.String("service.name", os.Args[3]))))
	tracer := provider.Tracer("go-client", api.WithInstrumentationVersion("1.0"))

	inRoot, root := tracer.Start(ctx, "request", api.WithSpanKind(api.SpanKindServer),
		api.WithAttributes(attribute.Int64("big.int", 4503599627370495), attribute.Float64("ratio", 0.5)))
	_, call := tracer.Start(inRoot, "chat gpt-4", api.WithSpanKind(api.SpanKindClient),
		api.WithAttributes(attribute.StringSlice("models", []string{"a", "b"}), attribute.Bool("stream", true)))
	call.AddEvent("first token", api.WithAttributes(attribute.Int("n", 1)))
	call.End()
	_, failed := tracer.Start(inRoot, "post_processing", api.WithLinks(api.Link{SpanContext: call.SpanContext()}))
	failed.RecordError(errors.New("bad answer: 日本語"), api.WithStackTrace(true))
	failed.SetStatus(codes.Error, "bad answer")
	failed.End()
	root.End()
	if err := provider.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(root.SpanContext().TraceID())
}
