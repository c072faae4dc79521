// OTLP/HTTP: POST /v1/traces, /v1/logs and /v1/metrics, protobuf or JSON, plain or gzip.
// Answers as the specification says (https://opentelemetry.io/docs/specs/otlp/#otlphttp): 200
// with partial_success for refused items, and where a request cannot be taken 400, 413, 415,
// 503 with Retry-After and so on, always with a google.rpc.Status in the request's
// encoding: protobuf where it names none that OTLP knows.
//
// Pages of a browser may send only from the origins that `cors_origins` lists.
//
// Ownership      The sink must outlive it.
// Thread safety  Handle may be called from any thread.
#pragma once

#include <string>
#include <vector>

#include "net/http.h"
#include "otlp/signal.h"
#include "trace/sink.h"

namespace telltale {

struct OtlpHttpOptions {
  // A body after decompression.
  size_t body_bytes_max = 64u << 20;
  // As in http://localhost:5173; one * in each stands for any text, "*" for any origin.
  std::vector<std::string> cors_origins;
};

class OtlpHttpReceiver final : public HttpHandler {
 public:
  OtlpHttpReceiver(const OtlpHttpOptions& options, SpanSink& sink) : options_(options), sink_(sink) {}

  void Handle(HttpRequest request, HttpDone done) override;
  HttpResponse Refuse(const HttpRefusal& refusal) const override;

 private:
  HttpResponse Preflight(const HttpRequest& request) const;
  // The origin of a page that may read our answers; empty when there is none.
  std::string AllowedOrigin(const HttpHeaders& request) const;
  void HandleExport(Signal signal, HttpRequest request, HttpDone done);

  const OtlpHttpOptions options_;
  SpanSink& sink_;
};

}  // namespace telltale
