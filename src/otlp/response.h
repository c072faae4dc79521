// What a receiver answers, as protobuf and as JSON, for the body's own encoding.
//
//   body = EncodeTraceResponseProtobuf(refused);                  // 200, also when some were refused
//   body = EncodeStatusJson(kGrpcInvalidArgument, error.message); // 400
//   body = EncodeStatusProtobuf(kGrpcUnavailable, "log full", 1500);  // 503, try again in 1.5 s
//
// Thread safety  Stateless.
// Failure        None.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "otlp/trace_decoder.h"

namespace telltale {

// The codes of google.rpc.Code that receivers use.
inline constexpr int kGrpcInvalidArgument = 3;
inline constexpr int kGrpcResourceExhausted = 8;
inline constexpr int kGrpcUnimplemented = 12;
inline constexpr int kGrpcInternal = 13;
inline constexpr int kGrpcUnavailable = 14;

// ExportTraceServiceResponse; partial_success is there only if spans were refused.
std::string EncodeTraceResponseProtobuf(const RefusedSpans& refused);
std::string EncodeTraceResponseJson(const RefusedSpans& refused);

// google.rpc.Status. A delay becomes a google.rpc.RetryInfo, which tells OTLP clients
// that, and when, to send the same request again.
std::string EncodeStatusProtobuf(int grpc_code, std::string_view message,
                                 std::optional<int> retry_delay_ms = std::nullopt);
std::string EncodeStatusJson(int grpc_code, std::string_view message,
                             std::optional<int> retry_delay_ms = std::nullopt);

}  // namespace telltale
