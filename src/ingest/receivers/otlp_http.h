// OTLP/HTTP: POST /v1/traces with protobuf or JSON, plain or gzip. Answers as the
// specification says (https://opentelemetry.io/docs/specs/otlp/#otlphttp): 200 with
// partial_success for refused spans, 400 with google.rpc.Status in the request's
// encoding, 413, 415, 503 with Retry-After when the log pushes back. Logs and metrics
// are answered 404.
//
// Ownership      The sink must outlive it.
// Thread safety  Handle may be called from any thread.
#pragma once

#include "net/http.h"
#include "trace/sink.h"

namespace telltale {

struct OtlpHttpOptions {
  // A body after decompression.
  size_t body_bytes_max = 64u << 20;
};

class OtlpHttpReceiver final : public HttpHandler {
 public:
  OtlpHttpReceiver(const OtlpHttpOptions& options, SpanSink& sink) : options_(options), sink_(sink) {}

  void Handle(HttpRequest request, HttpDone done) override;

 private:
  void HandleTraces(HttpRequest request, HttpDone done);

  const OtlpHttpOptions options_;
  SpanSink& sink_;
};

}  // namespace telltale
