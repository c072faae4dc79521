// OTLP/JSON of logs and metrics -> the same request as protobuf, for the one decoder that
// reads it. Private to otlp/. (Traces, whose JSON is hot, have a reader of their own.)
//
//   TELLTALE_ASSIGN_OR_RETURN(std::string wire, JsonToWireUntrusted(Signal::kLogs, bytes));
//
// An item that cannot be read becomes one that no protobuf reader takes, so that the
// decoder refuses and counts it, and keeps the others. Unknown members are left out.
//
// Thread safety  Any thread.
// Failure        kInvalidInput: not JSON, or what is around the items is not OTLP.
// Cost           About four copies of the request at its peak.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "otlp/signal.h"

namespace telltale {

Result<std::string> JsonToWireUntrusted(Signal signal, std::string_view bytes);

}  // namespace telltale
