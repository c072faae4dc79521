// OTLP/gRPC: Export of traces, logs and metrics as raw bytes into our decoders, without
// protobuf's object graph. Other methods are UNIMPLEMENTED.
//
// A malformed request gets INVALID_ARGUMENT, refused items a partial_success; when the
// log pushes back the answer is RESOURCE_EXHAUSTED with a RetryInfo, which tells every
// OTLP exporter to send the same request again later.
//
// Ownership      The sink must outlive it.
// Thread safety  All methods may be called from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "trace/sink.h"

namespace telltale {

struct OtlpGrpcOptions {
  // An IP address, or localhost: 127.0.0.1 and, where the machine has it, ::1.
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  size_t message_bytes_max = 64u << 20;
  // What requests in progress may hold together, inside gRPC.
  size_t memory_bytes_max = 192u << 20;
};

class OtlpGrpcReceiver {
 public:
  static Result<std::unique_ptr<OtlpGrpcReceiver>> Listen(const OtlpGrpcOptions& options, SpanSink& sink);

  virtual ~OtlpGrpcReceiver() = default;  // Stops.
  virtual uint16_t port() const = 0;
  // Refuses new requests and waits up to `grace_ms` for those in progress.
  virtual void Stop(int grace_ms) = 0;
};

}  // namespace telltale
