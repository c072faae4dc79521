// The answers of /api/v1 that the commands show, read into plain structs.
//
//   TELLTALE_ASSIGN_OR_RETURN(ListedTraces page, ReadListedTracesUntrusted(body));
//   TELLTALE_ASSIGN_OR_RETURN(ShownTrace trace, ReadShownTraceUntrusted(body));
//
// A member that is absent or of another type than expected reads as empty or 0, so that
// a client and a server of different versions understand each other.
//
// Ownership      The structs own all their text.
// Thread safety  Free functions; may be called from any thread.
// Failure        kCorrupt: not JSON, or not the document that was asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "trace/cost.h"
#include "trace/usage.h"

namespace telltale {

// Sums over model calls, each once.
struct ShownTotals {
  uint64_t calls = 0;
  uint64_t errors = 0;
  uint64_t input_tokens = 0;
  uint64_t output_tokens = 0;
  uint64_t cache_read_tokens = 0;
  uint64_t calls_without_usage = 0;
  std::optional<double> cost;  // US dollars; empty: no call has one
  uint64_t unpriced_calls = 0;
  uint64_t no_usage_calls = 0;

  // Adds all but the quantiles of a row of sums.
  void Add(const ShownTotals& other);
};

// One item of GET /api/v1/traces.
struct ListedTrace {
  std::string trace_id;
  std::string service;
  std::string name;
  std::string status;
  bool root_missing = false;
  uint64_t start_unix_nano = 0;
  uint64_t duration_nano = 0;
  uint64_t span_count = 0;
  uint64_t error_count = 0;
  ShownTotals totals;
  std::string json;  // the item as it came, on one line
};

struct ListedTraces {
  std::vector<ListedTrace> items;
  std::string next;  // cursor; empty on the last page
};
Result<ListedTraces> ReadListedTracesUntrusted(std::string_view body);
// The count of an event `dropped` of /api/v1/tail; 0 where it says none.
uint64_t ReadDroppedUntrusted(std::string_view data);

// An attribute as a plain JSON value: OTLP's {"intValue":"78"} is 78.
struct ShownAttribute {
  std::string key;
  std::string value;  // is_string: the text; else JSON
  bool is_string = false;
};

// What a span says about a call of a model, tool, agent ..., without its messages.
struct ShownCall {
  std::string kind;
  std::string provider;
  std::string request_model;
  std::string response_model;
  std::string service_tier;  // of the response, else of the request
  Usage usage;
  double time_to_first_token = -1;  // seconds; -1: not told
  bool failed = false;
  std::string duplicate_of;  // id of the span that tells the same call and counts instead
  std::optional<Cost> cost;  // of model calls that count
  std::string json;          // all of it, as it came, without messages and tool definitions
};

struct ShownEvent {
  uint64_t time_unix_nano = 0;
  std::string name;
  std::vector<ShownAttribute> attributes;
};

struct ShownLink {
  std::string trace_id;
  std::string span_id;
  std::vector<ShownAttribute> attributes;
};

struct ShownSpan {
  std::string span_id;
  std::string parent_span_id;  // empty for a root
  std::string name;
  std::string service;
  uint64_t start_unix_nano = 0;
  uint64_t end_unix_nano = 0;
  int kind = 0;         // OTLP's SpanKind
  int status_code = 0;  // OTLP's StatusCode: 2 is an error
  std::string status_message;
  std::vector<ShownAttribute> attributes;  // keys are unique: the last value won
  std::vector<ShownEvent> events;
  std::vector<ShownLink> links;
  std::optional<ShownCall> call;

  uint64_t duration_nanos() const {
    return end_unix_nano > start_unix_nano ? end_unix_nano - start_unix_nano : 0;
  }
  // The value of `key`, or null.
  const ShownAttribute* Find(std::string_view key) const;
};

// GET /api/v1/traces/{trace_id}
struct ShownTrace {
  struct Service {
    std::string name;
    uint64_t span_count = 0;
    uint64_t error_count = 0;
  };
  struct Completeness {
    bool complete = true;
    bool root_missing = false;
    bool truncated = false;
    std::vector<std::string> missing_parents;
    uint64_t duplicate_spans = 0;
    uint64_t dropped_attributes = 0;
    uint64_t dropped_events = 0;
    uint64_t dropped_links = 0;
    uint64_t missing_content = 0;
  };

  std::string trace_id;
  uint64_t start_unix_nano = 0;
  uint64_t duration_nano = 0;
  uint64_t span_count = 0;
  uint64_t error_count = 0;
  std::vector<Service> services;
  Completeness completeness;
  ShownTotals totals;
  std::string totals_json = "null";  // as they came
  std::vector<ShownSpan> spans;      // by start
};
Result<ShownTrace> ReadShownTraceUntrusted(std::string_view body);

// One item of GET /api/v1/logs.
struct ListedLog {
  uint64_t time_unix_nano = 0;
  std::string trace_id;  // empty: belongs to no trace
  std::string service;
  std::string severity;  // as the sender wrote it, else OpenTelemetry's name of the number
  int severity_number = 0;
  std::string event_name;
  ShownAttribute body;  // without a key
  std::string json;     // the item as it came, on one line
};

struct ListedLogs {
  std::vector<ListedLog> items;
  std::string next;  // cursor; empty on the last page
};
Result<ListedLogs> ReadListedLogsUntrusted(std::string_view body);

// One item of GET /api/v1/calls. Its cost has no parts.
struct ListedCall {
  std::string trace_id;
  std::string span_id;
  uint64_t start_unix_nano = 0;
  uint64_t duration_nano = 0;
  std::string service;
  std::string name;
  bool counts = false;
  ShownCall call;
  std::string json;  // the item as it came, on one line
};

struct ListedCalls {
  std::vector<ListedCall> items;
  std::string next;  // cursor; empty on the last page
};
Result<ListedCalls> ReadListedCallsUntrusted(std::string_view body);

// One item of GET /api/v1/conversations.
struct ListedConversation {
  std::string id;
  std::string title;  // empty: not known
  uint64_t start_unix_nano = 0;
  uint64_t end_unix_nano = 0;
  uint64_t turns = 0;
  uint64_t call_count = 0;
  uint64_t trace_count = 0;
  std::vector<std::string> models;
  std::vector<std::string> users;
  std::vector<std::string> services;
  ShownTotals totals;
  std::string json;
};

struct ListedConversations {
  std::vector<ListedConversation> items;
  std::string next;
};
Result<ListedConversations> ReadListedConversationsUntrusted(std::string_view body);

// What somebody said: one part of a message.
struct SaidPart {
  std::string role;
  std::string text;         // of a long one only its beginning:
  uint64_t size_bytes = 0;  // what it has in all; 0: this is all
};

// One call of GET /api/v1/conversations/{id}, with what it added.
struct ConversationItem {
  ListedCall call;
  uint64_t resent_messages = 0;
  std::vector<SaidPart> said;      // new in the request
  std::vector<SaidPart> answered;  // by the model
};

struct ConversationPage {
  ListedConversation conversation;
  std::vector<ConversationItem> items;
  std::string next;
};
Result<ConversationPage> ReadConversationPageUntrusted(std::string_view body);

// The names of a list's items, as completion offers them: the member `key` of each.
Result<std::vector<std::string>> ReadNamesUntrusted(std::string_view body, const char* key);

// One item of GET /api/v1/aggregate.
struct CallSumsRow {
  std::vector<std::pair<std::string, std::string>> key;  // in the order of `by`
  uint64_t start_unix_nano = 0;                          // of the step
  ShownTotals totals;
  uint64_t duration_p50_nano = 0;
  uint64_t duration_p95_nano = 0;
  double time_to_first_token_p50 = -1;  // seconds; -1: no call tells it
  std::string json;                     // the item as it came, on one line
};

struct CallSumsPage {
  std::vector<CallSumsRow> items;
  std::string next;  // cursor; empty on the last page
};
Result<CallSumsPage> ReadCallSumsUntrusted(std::string_view body);

// The answer of POST /api/v1/reprice.
struct Repriced {
  struct Change {
    std::string provider;
    std::string model;
    std::string from_rule;  // empty: had no price
    std::string to_rule;    // empty: has none any more
    uint64_t calls = 0;
    double from = 0;  // US dollars
    double to = 0;
  };
  bool applied = false;
  std::string table_version;
  uint64_t calls = 0;
  uint64_t changed = 0;
  double from = 0;
  double to = 0;
  std::vector<Change> changes;
};
Result<Repriced> ReadRepricedUntrusted(std::string_view body);

struct CounterReading {
  std::string name;
  std::string severity;  // info, odd or loss
  std::string meaning;
  uint64_t value = 0;
};
Result<std::vector<CounterReading>> ReadCountersUntrusted(std::string_view body);

// GET /api/v1/stats, as far as it is used.
struct ServerStats {
  std::string version;
  uint64_t uptime_seconds = 0;
  uint64_t spans_stored = 0;
  uint64_t log_lag_bytes = 0;
  uint64_t newest_unix_nano = 0;  // 0: nothing stored
  std::string otlp_grpc;          // host:port; empty: off or unknown
  std::string otlp_http;
};
Result<ServerStats> ReadServerStatsUntrusted(std::string_view body);

// The names in {"items":[{"key": ...}]}.
Result<std::vector<std::string>> ReadKeysUntrusted(std::string_view body);

}  // namespace telltale
