// The decoder of a signal, for receivers: what trace_decoder.h, log_decoder.h and
// metric_decoder.h say holds.
#pragma once

#include <string_view>

#include "base/result.h"
#include "otlp/log_decoder.h"
#include "otlp/metric_decoder.h"
#include "otlp/signal.h"
#include "otlp/trace_decoder.h"

namespace telltale {

inline Result<RefusedItems> DecodeProtobufUntrusted(Signal signal, std::string_view bytes, Batch& out) {
  switch (signal) {
    case Signal::kLogs:
      return DecodeLogsProtobufUntrusted(bytes, out);
    case Signal::kMetrics:
      return DecodeMetricsProtobufUntrusted(bytes, out);
    case Signal::kTraces:
      break;
  }
  return DecodeTracesProtobufUntrusted(bytes, out);
}

inline Result<RefusedItems> DecodeJsonUntrusted(Signal signal, std::string_view bytes, Batch& out) {
  switch (signal) {
    case Signal::kLogs:
      return DecodeLogsJsonUntrusted(bytes, out);
    case Signal::kMetrics:
      return DecodeMetricsJsonUntrusted(bytes, out);
    case Signal::kTraces:
      break;
  }
  return DecodeTracesJsonUntrusted(bytes, out);
}

}  // namespace telltale
