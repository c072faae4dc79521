// What a receiver answers, as protobuf and as JSON, for the body's own encoding.
//
//   body = EncodeExportResponseProtobuf(refused);                 // 200, also when some were refused
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

#include "otlp/refused_items.h"
#include "otlp/signal.h"

namespace telltale {

// The codes of google.rpc.Code that receivers use.
inline constexpr int kGrpcInvalidArgument = 3;
inline constexpr int kGrpcResourceExhausted = 8;
inline constexpr int kGrpcUnimplemented = 12;
inline constexpr int kGrpcInternal = 13;
inline constexpr int kGrpcUnavailable = 14;

// Export*ServiceResponse; partial_success is there only if items were refused. On the
// wire the three signals' responses are one.
std::string EncodeExportResponseProtobuf(const RefusedItems& refused);
std::string EncodeExportResponseJson(Signal signal, const RefusedItems& refused);

// google.rpc.Status. A delay becomes a google.rpc.RetryInfo, which tells OTLP clients
// that, and when, to send the same request again.
std::string EncodeStatusProtobuf(int grpc_code, std::string_view message,
                                 std::optional<int> retry_delay_ms = std::nullopt);
std::string EncodeStatusJson(int grpc_code, std::string_view message,
                             std::optional<int> retry_delay_ms = std::nullopt);

}  // namespace telltale
