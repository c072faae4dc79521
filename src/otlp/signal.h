// The three signals of OTLP, whose requests differ in what their scopes hold and in a few
// names.
#pragma once

#include <cstdint>
#include <string_view>

namespace telltale {

enum class Signal : uint8_t { kTraces, kLogs, kMetrics };
inline constexpr Signal kSignals[] = {Signal::kTraces, Signal::kLogs, Signal::kMetrics};

struct SignalNames {
  std::string_view http_path;
  std::string_view grpc_method;
  std::string_view request;        // the message's name
  std::string_view json_list;      // its one member
  std::string_view json_rejected;  // of partialSuccess
  std::string_view item;           // one of what is counted, for people
};

constexpr SignalNames NamesOf(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return {"/v1/traces",
              "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
              "ExportTraceServiceRequest",
              "resourceSpans",
              "rejectedSpans",
              "span"};
    case Signal::kLogs:
      return {"/v1/logs",
              "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
              "ExportLogsServiceRequest",
              "resourceLogs",
              "rejectedLogRecords",
              "log record"};
    case Signal::kMetrics:
      return {"/v1/metrics",
              "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
              "ExportMetricsServiceRequest",
              "resourceMetrics",
              "rejectedDataPoints",
              "data point"};
  }
  return {};
}

}  // namespace telltale
