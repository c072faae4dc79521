// A whole telltale: receivers, log, store, query and API, joined. Nothing else sees
// all of them.
//
//   TELLTALE_ASSIGN_OR_RETURN(ServeOptions options, ServeOptions::From(settings));
//   TELLTALE_ASSIGN_OR_RETURN(auto server, Server::Start(options));
//   ... until told to stop ...
//   server->Stop();
//
// Thread safety  Start and Stop from one thread.
// Failure        Start says which part could not start and why; what had started is
//                stopped again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "calls/rules.h"
#include "pricing/price_table.h"
#include "settings.h"
#include "store/http_engine.h"

namespace telltale {

struct ServeOptions {
  std::filesystem::path data;
  ListenAddress http;
  ListenAddress tempo;
  ListenAddress otlp_grpc;
  ListenAddress otlp_http;
  ListenAddress clickhouse;
  std::optional<StoreAddress> store;  // none: the engine in this process
  std::vector<std::string> cors_origins;
  std::filesystem::path ready_file;  // empty: none
  uint64_t memory_bytes = 0;
  uint64_t log_bytes = 0;
  uint64_t request_bytes = 0;
  int retention_days = 0;
  uint64_t retention_bytes = 0;
  bool inline_content = false;               // large values stay in their rows
  std::filesystem::path prices_file;         // empty: none
  std::shared_ptr<const PriceTable> prices;  // ours, and that file's
  std::shared_ptr<const RuleTable> rules;    // ours, and the user's where --mapping names a file

  static Result<ServeOptions> From(const Settings& settings);
};

class Server {
 public:
  static Result<std::unique_ptr<Server>> Start(const ServeOptions& options);

  virtual ~Server() = default;  // Stops.
  // Refuses new requests, answers those in progress, and carries what the log holds
  // into the store for up to a few seconds; the rest is carried at the next start.
  virtual void Stop() = 0;

  // As bound: with the port that the system chose where 0 was asked for.
  virtual const ListenAddress& http() const = 0;
  virtual const ListenAddress& tempo() const = 0;
  virtual const ListenAddress& otlp_grpc() const = 0;
  virtual const ListenAddress& otlp_http() const = 0;
  virtual const ListenAddress& clickhouse() const = 0;
};

}  // namespace telltale
