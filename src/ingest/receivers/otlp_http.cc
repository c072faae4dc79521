#include "ingest/receivers/otlp_http.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <utility>

#include "base/counters.h"
#include "net/gzip.h"
#include "otlp/response.h"
#include "otlp/trace_decoder.h"

namespace telltale {
namespace {

constexpr std::string_view kProtobuf = "application/x-protobuf";
constexpr std::string_view kJson = "application/json";

// google.rpc.Code, as OTLP wants them in its Status bodies.
constexpr int kGrpcNotFound = 5;

constexpr int kRetryDelayMs = 1000;

enum class Encoding { kProtobuf, kJson };

// "application/json; charset=utf-8" -> "application/json"
std::string MediaType(std::string_view header) {
  std::string type(header.substr(0, header.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  std::ranges::transform(type, type.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type;
}

HttpResponse Answer(int status, Encoding encoding, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.Add("Content-Type", std::string(encoding == Encoding::kJson ? kJson : kProtobuf));
  response.body = std::move(body);
  return response;
}

HttpResponse Refusal(int status, Encoding encoding, int grpc_code, std::string_view message) {
  return Answer(status, encoding,
                encoding == Encoding::kJson ? EncodeStatusJson(grpc_code, message, std::nullopt)
                                            : EncodeStatusProtobuf(grpc_code, message, std::nullopt));
}

HttpResponse TryLater(Encoding encoding, std::string_view message) {
  HttpResponse response =
      Answer(503, encoding,
             encoding == Encoding::kJson ? EncodeStatusJson(kGrpcUnavailable, message, kRetryDelayMs)
                                         : EncodeStatusProtobuf(kGrpcUnavailable, message, kRetryDelayMs));
  response.headers.Add("Retry-After", std::to_string((kRetryDelayMs + 999) / 1000));
  return response;
}

}  // namespace

void OtlpHttpReceiver::Handle(HttpRequest request, HttpDone done) {
  if (request.path == "/v1/traces") {
    if (request.method == "POST") return HandleTraces(std::move(request), std::move(done));
    HttpResponse response = HttpResponse::Text(405, "OTLP takes POST here\n");
    response.headers.Add("Allow", "POST");
    return done(std::move(response));
  }
  const Encoding encoding =
      MediaType(request.headers.Get("Content-Type")) == kJson ? Encoding::kJson : Encoding::kProtobuf;
  if (request.path == "/v1/logs" || request.path == "/v1/metrics") {
    return done(Refusal(404, encoding, kGrpcUnimplemented, "telltale takes traces: POST /v1/traces"));
  }
  done(Refusal(404, encoding, kGrpcNotFound,
               "no such path: " + request.path + ": OTLP traces go to POST /v1/traces"));
}

void OtlpHttpReceiver::HandleTraces(HttpRequest request, HttpDone done) {
  const std::string type = MediaType(request.headers.Get("Content-Type"));
  if (type != kProtobuf && type != kJson) {
    Count(Counter::kRequestsRefusedMediaType);
    return done(Refusal(415, Encoding::kJson, kGrpcInvalidArgument,
                        "Content-Type: " + (type.empty() ? "(none)" : type) +
                            ": OTLP/HTTP knows application/x-protobuf and application/json"));
  }
  const Encoding encoding = type == kJson ? Encoding::kJson : Encoding::kProtobuf;

  auto body = std::make_shared<std::string>(std::move(request.body));
  const std::string compression = MediaType(request.headers.Get("Content-Encoding"));
  if (compression == "gzip" || compression == "deflate") {
    auto plain = GunzipUntrusted(*body, options_.body_bytes_max);
    if (!plain) {
      const bool too_large = plain.error().code == ErrorCode::kOverLimit;
      Count(too_large ? Counter::kRequestsRefusedTooLarge : Counter::kRequestsRefusedMalformed);
      return done(Refusal(too_large ? 413 : 400, encoding,
                          too_large ? kGrpcResourceExhausted : kGrpcInvalidArgument, plain.error().message));
    }
    *body = std::move(*plain);
  } else if (!compression.empty() && compression != "identity") {
    Count(Counter::kRequestsRefusedMediaType);
    return done(Refusal(415, encoding, kGrpcInvalidArgument,
                        "Content-Encoding: " + compression + ": OTLP/HTTP knows gzip and identity"));
  }
  if (body->size() > options_.body_bytes_max) {
    Count(Counter::kRequestsRefusedTooLarge);
    return done(Refusal(413, encoding, kGrpcResourceExhausted,
                        "body of " + std::to_string(body->size()) + " bytes: limit is " +
                            std::to_string(options_.body_bytes_max)));
  }

  Batch batch;
  batch.Retain(body);
  auto refused = encoding == Encoding::kJson ? DecodeTracesJsonUntrusted(*body, batch)
                                             : DecodeTracesProtobufUntrusted(*body, batch);
  if (!refused) {
    Count(Counter::kRequestsRefusedMalformed);
    return done(Refusal(400, encoding, kGrpcInvalidArgument, refused.error().message));
  }
  sink_.Submit(std::move(batch),
               [encoding, refused = std::move(*refused), done = std::move(done)](Status durable) {
                 if (!durable) return done(TryLater(encoding, durable.error().message));
                 done(Answer(200, encoding,
                             encoding == Encoding::kJson ? EncodeTraceResponseJson(refused)
                                                         : EncodeTraceResponseProtobuf(refused)));
               });
}

}  // namespace telltale
