// Everything that port 16686 answers: the REST API, Jaeger's query API in both
// versions, health, metrics and the files of the web UI. And Tempo's query API, whose
// paths are others' here, for a port of its own.
//
//   Api api({.version = "0.1.0", .state = [&] { return State(); }, .files = UiFiles()}, *engine);
//   auto server = HttpServer::Listen({.port = 16686}, api);
//   auto tempo = HttpServer::Listen({.port = 3200}, api.tempo());
//
// One file for each face (rest, jaeger, jaeger_v3, health, static_files): it parses the
// request, asks the query layer, and writes the answer. /api/v1: spec/openapi.yaml.
//
// Ownership      The engine must outlive the Api. The destructor waits for queries that
//                run, so the servers in front must have stopped.
// Thread safety  Handle may be called from any thread; questions to the store run on
//                threads of the Api's own.
// Limits         `queue_max` questions wait; the next is answered 503 with Retry-After.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/static_files.h"
#include "base/result.h"
#include "net/http.h"
#include "store/engine.h"

namespace telltale {

class Pricer;
class RuleTable;
struct RepriceReport;
struct TimeRange;

// What the parts of the server that the Api does not know are doing right now.
struct ServerState {
  double uptime_seconds = 0;
  uint64_t log_bytes = 0;  // of the write-ahead log on disk
  uint64_t log_bytes_max = 0;
  uint64_t log_lag_bytes = 0;      // acknowledged, not yet in the store
  uint64_t log_pending_bytes = 0;  // received, not yet on disk
  bool log_failed = false;         // the log cannot be written: nothing is accepted
  uint64_t memory_bytes = 0;       // resident
  uint64_t memory_bytes_max = 0;
  std::string otlp_grpc;  // address, empty when off
  std::string otlp_http;
};

struct ApiOptions {
  std::string version;
  std::function<ServerState()> state;                // called from any thread; must not block
  std::vector<StaticFile> files;                     // the web UI; empty when it was not built
  std::shared_ptr<const Pricer> pricer = nullptr;    // null: the prices that are built in
  std::shared_ptr<const RuleTable> rules = nullptr;  // null: the mapping rules that are built in
  // Applies the price table as it is now to stored calls; null: not here. Runs on a thread of
  // the Api and may block.
  std::function<Result<RepriceReport>(const TimeRange& range, bool apply)> reprice = nullptr;
  // Until when all that arrived is stored (wal/arrivals.h); null: nothing can be followed. Called
  // from any thread.
  std::function<std::optional<int64_t>()> stored_until_unix_ms = nullptr;
  int threads = 4;  // as many as the engine has connections for queries
  size_t queue_max = 64;
};

class Api final : public HttpHandler {
 public:
  Api(ApiOptions options, Engine& engine);
  ~Api() override;

  void Handle(HttpRequest request, HttpDone done) override;

  // Something was stored: those who follow are told. Any thread.
  void Stored();
  // Ends the answers that follow what is stored, which never end by themselves. Any thread.
  void EndTails();

  // Answers port 3200, on the same threads.
  HttpHandler& tempo();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace telltale
