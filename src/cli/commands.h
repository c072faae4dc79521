// The commands that ask a running server: traces, trace, calls, cost, conversations, reprice, logs,
// tail, search, sql, doctor.
//
//   Terminal terminal = ProcessTerminal();
//   return RunTraces({.filter = {.service = "llm-service"}, .limit = 5}, terminal);
//
// Data goes to terminal.out, talk to terminal.err. Each returns an ExitCode.
//
// Thread safety  One thread at a time per terminal.
// Failure        Printed as `error:` and `hint:`; the exit code says which kind.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "cli/terminal.h"

namespace telltale {

// Which traces; an empty field asks for all.
struct TraceFilter {
  std::string service;
  std::string operation;
  std::string status;        // error, ok or unset
  std::string min_duration;  // Go style: 1.5s
  std::string max_duration;
  std::vector<std::string> attributes;  // key=value, or key: it exists

  bool operator==(const TraceFilter&) const = default;
};

struct TracesOptions {
  std::string server;  // empty: http://127.0.0.1:16686
  std::string query;   // TraceQL; with a metric at its end series are answered
  TraceFilter filter;
  std::string step;           // of series: 1m; empty: about a hundred of them
  std::string since = "24h";  // a duration, or a time as RFC 3339
  uint64_t limit = 20;
  bool json = false;
  bool csv = false;
};
int RunTraces(const TracesOptions& options, Terminal& terminal);

// Which calls; an empty field asks for all.
struct CallsFilter {
  std::string query;     // TraceQL: calls whose span it leaves
  std::string trace_id;  // hex, or the address of a trace's page; whole, however old
  std::string service;
  std::string kind;  // llm, embedding, tool, agent ...
  std::string provider;
  std::string model;  // requested or answering
  std::string conversation;
  std::string user;
  std::string prompt;
  std::string agent;
  std::string status;       // error or ok
  std::string cost_status;  // computed, reported, unpriced or no_usage
};

struct CallsOptions {
  std::string server;
  CallsFilter filter;
  std::string since = "24h";  // a duration, or a time as RFC 3339
  std::string by;             // sums by these: model,provider; empty: a list, unless there are steps
  std::string step;           // sums for every step of time: 1h
  std::string sort;           // empty: newest calls, or largest costs, first
  std::optional<uint64_t> limit;
  bool json = false;
  bool csv = false;
};
int RunCalls(const CallsOptions& options, Terminal& terminal);

struct SearchOptions {
  std::string server;
  std::vector<std::string> words;  // words, "phrases", begin*, -not
  CallsFilter filter;
  std::string since;  // a duration, or a time as RFC 3339; empty: everything that is kept
  std::string order;  // newest or cost; empty: newest
  uint64_t limit = 20;
  bool json = false;
  bool csv = false;
};
int RunSearch(const SearchOptions& options, Terminal& terminal);

struct CostOptions {
  std::string server;
  CallsFilter filter;
  std::string since = "24h";  // a duration, or a time as RFC 3339
  std::string by;             // as in CallsOptions; empty: model, unless there are steps
  std::string step;
  std::string sort;
  std::optional<uint64_t> limit;
  bool json = false;
  bool csv = false;
};
int RunCost(const CostOptions& options, Terminal& terminal);

struct ConversationsOptions {
  std::string server;
  std::string id;      // one of them, with what was said; empty: a list
  CallsFilter filter;  // of a list
  std::string since = "24h";
  std::optional<uint64_t> limit;  // 20 conversations, or all calls of one, when not given
  bool json = false;
  bool csv = false;
};
int RunConversations(const ConversationsOptions& options, Terminal& terminal);

struct RepriceOptions {
  std::string server;
  std::string from;       // a day, a time as RFC 3339, or how long ago
  std::string to = "0s";  // likewise; not included
  bool apply = false;
  bool json = false;
};
int RunReprice(const RepriceOptions& options, Terminal& terminal);

struct TraceOptions {
  std::string server;
  std::string trace_id;  // hex, or the address of a trace's page
  bool all = false;      // fold nothing
  bool json = false;
};
int RunTrace(const TraceOptions& options, Terminal& terminal);

// An empty field asks for all.
struct LogsOptions {
  std::string server;
  std::string trace_id;  // hex, or the address of a trace's page; whole, however old
  std::string service;
  std::string event;                    // an event's name
  std::string severity;                 // at least: trace, debug, info, warn, error or fatal
  std::string text;                     // the body contains it
  std::vector<std::string> attributes;  // key=value, or key: it exists
  std::string since = "24h";            // a duration, or a time as RFC 3339
  uint64_t limit = 100;
  bool json = false;
};
int RunLogs(const LogsOptions& options, Terminal& terminal);

struct TailOptions {
  std::string server;
  TraceFilter filter;
  std::string window = "10m";  // how late a trace may arrive after it started
  bool json = false;
};
// Waits so long or until the person asks to stop; true: stop.
using WaitOrStop = std::function<bool(std::chrono::milliseconds)>;
int RunTail(const TailOptions& options, Terminal& terminal, const WaitOrStop& wait_or_stop);
// Until SIGINT or SIGTERM.
int RunTail(const TailOptions& options, Terminal& terminal);

struct DoctorOptions {
  std::string server;
  std::string data;       // empty: TELLTALE_DATA, or the default folder
  std::string otlp_grpc;  // host:port; empty: as the server says, or 127.0.0.1:4317
  std::string otlp_http;
  bool json = false;
};
int RunDoctor(const DoctorOptions& options, Terminal& terminal);

// Asks a server only for a trace.
struct ExplainOptions {
  std::string server;
  // OTLP requests, traces and logs; "-" is standard input. Or one trace: its id in hex, or
  // the address of its page.
  std::vector<std::string> files;
  std::string mapping;  // a mapping file of the user's own; empty: none
  bool json = false;
};
int RunExplain(const ExplainOptions& options, Terminal& terminal);

struct TokensOptions {
  std::vector<std::string> files = {"-"};  // "-": the input
  std::string model;                       // exactly one of this, `encoding` and `llama_file`
  std::string encoding;
  std::string llama_file;  // Llama 3's tokenizer.model
  bool ids = false;
  bool special = false;  // <|endoftext|> and its like are the tokens of these names
  bool json = false;     // an object a line, a line a file
};
// Asks no server.
int RunTokens(const TokensOptions& options, std::istream& in, Terminal& terminal);

struct SqlOptions {
  std::string server;
  std::string query = "-";  // "-": the input
  uint64_t limit = 1'000;
  double timeout_seconds = 10;
  bool json = false;
  bool csv = false;
  bool schema = false;  // what a statement may name, instead of a statement
};
int RunSql(const SqlOptions& options, std::istream& in, Terminal& terminal);

}  // namespace telltale
