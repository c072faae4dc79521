// One connection to a receiver of OTLP traces; a call sends one request and waits for
// its answer.
//
//   TELLTALE_ASSIGN_OR_RETURN(auto transport, ConnectGrpc("127.0.0.1:4317"));
//   Answer answer = transport->Send(request.bytes());
//
// Ownership      The bytes must stay as they are until Send returns.
// Thread safety  One thread at a time; several transports never share a connection.
// Failure        Whatever goes wrong is an Answer; nothing throws.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale::bench {

enum class Outcome : uint8_t {
  kAcknowledged,
  kTryLater,  // RESOURCE_EXHAUSTED, UNAVAILABLE, 429, 502, 503, 504
  kFailed,
};

struct Answer {
  Outcome outcome = Outcome::kFailed;
  uint64_t refused_spans = 0;  // Of a partial success.
  std::string message;         // Why not, when not acknowledged.
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Answer Send(std::string_view request) = 0;
};

// `endpoint` is HOST:PORT.
Result<std::unique_ptr<Transport>> ConnectGrpc(const std::string& endpoint);
Result<std::unique_ptr<Transport>> ConnectHttp(const std::string& endpoint);
// Acknowledges without sending: what the generator itself costs.
std::unique_ptr<Transport> ConnectNowhere();

// The refused spans in an encoded ExportTraceServiceResponse; 0 where it has none.
uint64_t RefusedSpans(std::string_view response);

}  // namespace telltale::bench
