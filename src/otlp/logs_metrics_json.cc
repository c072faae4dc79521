#include <memory>
#include <string>
#include <utility>

#include "otlp/json_to_wire.h"
#include "otlp/log_decoder.h"
#include "otlp/metric_decoder.h"

namespace telltale {
namespace {

template <typename Decode>
Result<RefusedItems> DecodeAsWire(Signal signal, std::string_view bytes, Batch& out, Decode decode) {
  TELLTALE_ASSIGN_OR_RETURN(std::string text, JsonToWireUntrusted(signal, bytes));
  const auto wire = std::make_shared<const std::string>(std::move(text));
  out.Retain(wire);
  return decode(*wire, out);
}

}  // namespace

Result<RefusedItems> DecodeLogsJsonUntrusted(std::string_view bytes, Batch& out) {
  return DecodeAsWire(Signal::kLogs, bytes, out, DecodeLogsProtobufUntrusted);
}

Result<RefusedItems> DecodeMetricsJsonUntrusted(std::string_view bytes, Batch& out) {
  return DecodeAsWire(Signal::kMetrics, bytes, out, DecodeMetricsProtobufUntrusted);
}

}  // namespace telltale
