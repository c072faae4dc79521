#include "ingest/receivers/otlp_http.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/counters.h"
#include "net/gzip.h"
#include "otlp/decoder.h"
#include "otlp/response.h"

namespace telltale {
namespace {

constexpr std::string_view kProtobuf = "application/x-protobuf";
constexpr std::string_view kJson = "application/json";

// google.rpc.Code, as OTLP wants them in its Status bodies.
constexpr int kGrpcDeadlineExceeded = 4;
constexpr int kGrpcNotFound = 5;
constexpr int kGrpcPermissionDenied = 7;

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

// Errors go back in protobuf unless the request speaks JSON.
Encoding EncodingOf(const HttpHeaders& headers) {
  return MediaType(headers.Get("Content-Type")) == kJson ? Encoding::kJson : Encoding::kProtobuf;
}

int GrpcCodeOf(int http_status) {
  switch (http_status) {
    case 403:
      return kGrpcPermissionDenied;
    case 408:
      return kGrpcDeadlineExceeded;
    case 413:
    case 431:
      return kGrpcResourceExhausted;
    case 501:
      return kGrpcUnimplemented;
    case 503:
      return kGrpcUnavailable;
    default:
      return http_status < 500 ? kGrpcInvalidArgument : kGrpcInternal;
  }
}

bool OriginMatches(std::string_view pattern, std::string_view origin) {
  const size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == origin;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  return origin.size() >= before.size() + after.size() && origin.starts_with(before) &&
         origin.ends_with(after);
}

void AllowOrigin(const std::string& origin, HttpResponse& response) {
  if (origin.empty()) return;
  response.headers.Add("Access-Control-Allow-Origin", origin);
  response.headers.Add("Access-Control-Expose-Headers", "Retry-After");
  response.headers.Add("Vary", "Origin");
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

std::string OtlpHttpReceiver::AllowedOrigin(const HttpHeaders& request) const {
  const std::string_view origin = request.Get("Origin");
  if (origin.empty()) return {};
  const bool listed = std::ranges::any_of(
      options_.cors_origins, [&](const std::string& pattern) { return OriginMatches(pattern, origin); });
  return listed ? std::string(origin) : std::string();
}

// A browser asks before a page may send what a form could not.
HttpResponse OtlpHttpReceiver::Preflight(const HttpRequest& request) const {
  HttpResponse response;
  response.status = 204;
  AllowOrigin(AllowedOrigin(request.headers), response);
  response.headers.Add("Access-Control-Allow-Methods", "POST");
  // Exporters add headers of their own; a page may only send them to us as it may send spans.
  const std::string_view wanted = request.headers.Get("Access-Control-Request-Headers");
  response.headers.Add("Access-Control-Allow-Headers",
                       wanted.empty() ? "content-type, content-encoding" : std::string(wanted));
  if (!request.headers.Get("Access-Control-Request-Private-Network").empty()) {
    response.headers.Add("Access-Control-Allow-Private-Network", "true");
  }
  response.headers.Add("Access-Control-Max-Age", "7200");
  return response;
}

HttpResponse OtlpHttpReceiver::Refuse(const HttpRefusal& refusal) const {
  std::string message = refusal.message;
  if (!refusal.hint.empty()) message += " (" + refusal.hint + ")";
  const Encoding encoding = EncodingOf(refusal.headers);
  const std::optional<int> retry_ms =
      refusal.status == 503 ? std::optional<int>(kRetryDelayMs) : std::nullopt;
  const int code = GrpcCodeOf(refusal.status);
  HttpResponse response = Answer(refusal.status, encoding,
                                 encoding == Encoding::kJson ? EncodeStatusJson(code, message, retry_ms)
                                                             : EncodeStatusProtobuf(code, message, retry_ms));
  AllowOrigin(AllowedOrigin(refusal.headers), response);
  return response;
}

void OtlpHttpReceiver::Handle(HttpRequest request, HttpDone done) {
  const bool may_read = !AllowedOrigin(request.headers).empty();
  if (may_read && request.method == "OPTIONS") return done(Preflight(request));
  if (may_read) {
    done = [origin = AllowedOrigin(request.headers), done = std::move(done)](HttpResponse response) {
      AllowOrigin(origin, response);
      done(std::move(response));
    };
  }
  // Some clients join an endpoint that ends in / with another one.
  if (request.path.ends_with('/')) request.path.pop_back();
  const Encoding encoding = EncodingOf(request.headers);
  const auto* signal =
      std::ranges::find(kSignals, request.path, [](Signal each) { return NamesOf(each).http_path; });
  if (signal == std::end(kSignals)) {
    return done(Refusal(
        404, encoding, kGrpcNotFound,
        "no such path: " + request.path + ": OTLP goes to POST /v1/traces, /v1/logs and /v1/metrics"));
  }
  if (request.method == "POST") return HandleExport(*signal, std::move(request), std::move(done));
  std::string message = request.method + " " + request.path + ": OTLP takes POST here";
  if (request.method == "OPTIONS") message += " (telltale serve --cors-origins lets pages of a browser send)";
  HttpResponse response = Refusal(405, encoding, kGrpcUnimplemented, message);
  response.headers.Add("Allow", "POST");
  done(std::move(response));
}

void OtlpHttpReceiver::HandleExport(Signal signal, HttpRequest request, HttpDone done) {
  const std::string type = MediaType(request.headers.Get("Content-Type"));
  const Encoding encoding = EncodingOf(request.headers);
  if (type != kProtobuf && type != kJson) {
    Count(Counter::kRequestsRefusedMediaType);
    return done(Refusal(415, encoding, kGrpcInvalidArgument,
                        "Content-Type: " + (type.empty() ? "(none)" : type) +
                            ": OTLP/HTTP knows application/x-protobuf and application/json"));
  }
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
    HttpResponse response =
        Refusal(415, encoding, kGrpcInvalidArgument,
                "Content-Encoding: " + compression + ": telltale takes gzip, deflate and identity");
    response.headers.Add("Accept-Encoding", "gzip, deflate, identity");
    return done(std::move(response));
  }
  if (body->size() > options_.body_bytes_max) {
    Count(Counter::kRequestsRefusedTooLarge);
    return done(Refusal(413, encoding, kGrpcResourceExhausted,
                        "body of " + std::to_string(body->size()) + " bytes: limit is " +
                            std::to_string(options_.body_bytes_max)));
  }

  Batch batch;
  batch.Retain(body);
  auto refused = encoding == Encoding::kJson ? DecodeJsonUntrusted(signal, *body, batch)
                                             : DecodeProtobufUntrusted(signal, *body, batch);
  if (!refused) {
    Count(Counter::kRequestsRefusedMalformed);
    return done(Refusal(400, encoding, kGrpcInvalidArgument, refused.error().message));
  }
  sink_.Submit(std::move(batch),
               [signal, encoding, refused = std::move(*refused), done = std::move(done)](Status durable) {
                 if (!durable) return done(TryLater(encoding, durable.error().message));
                 done(Answer(200, encoding,
                             encoding == Encoding::kJson ? EncodeExportResponseJson(signal, refused)
                                                         : EncodeExportResponseProtobuf(refused)));
               });
}

}  // namespace telltale
