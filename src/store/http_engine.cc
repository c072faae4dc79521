#include "store/http_engine.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>

#include "base/log.h"
#include "net/http.h"
#include "net/http_client.h"
#include "store/chdb_result.h"
#include "store/http_call.h"
#include "store/http_reader.h"
#include "store/tables.h"

namespace telltale {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A name that can stand in DDL as it is.
bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= 200 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool CanBreakALine(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

// The server's own errors, in the words of the embedded engine.
Error Worded(std::string_view what, const Error& error) {
  if (error.code != ErrorCode::kInternal || !error.message.contains("Code: ")) return error;
  return EngineError(what, error.message);
}

class Http final : public Engine {
 public:
  explicit Http(const HttpEngineOptions& options) : options_(options), caller_(options.address) {}

  Status Start();
  Status Insert(BlockKind kind, std::span<const std::string_view> block, std::string_view token) override;
  Result<QueryResult> Query(const QueryRequest& request) override;
  Status Execute(const std::string& sql) override;
  Result<std::unique_ptr<SqlReader>> OpenReader(const SqlReaderLimits& limits) override {
    return OpenHttpReader(options_.address, limits);
  }

 private:
  // For what may be done twice.
  Result<HttpAnswer> CallUntilAnswered(const HttpStatement& statement) const;

  const HttpEngineOptions options_;
  const HttpCaller caller_;
};

Result<HttpAnswer> Http::CallUntilAnswered(const HttpStatement& statement) const {
  int pause_ms = options_.pause_ms;
  for (int tries = 1;; ++tries, pause_ms *= 4) {
    auto answer = caller_.Call(statement);
    if (answer || answer.error().code != ErrorCode::kUnavailable || tries >= options_.tries) return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
  }
}

Status Http::Start() {
  const auto there =
      CallUntilAnswered({.what = "open the store", .sql = "SELECT version()", .database = "default"});
  if (!there) {
    Error error = Worded("open the store", there.error());
    if (error.code == ErrorCode::kInternal) error.code = ErrorCode::kUnavailable;
    if (error.hint.empty()) error.hint = "is that a ClickHouse server, and may this user ask it?";
    return std::unexpected(std::move(error));
  }
  std::string version = there->body;
  while (version.ends_with('\n')) version.pop_back();
  Log(LogLevel::kInfo, "store: a ClickHouse server",
      {{"address", options_.address.Text()}, {"version", version}});
  const auto made = caller_.Call({.what = "make the database",
                                  .sql = "CREATE DATABASE IF NOT EXISTS `" + options_.address.database + "`",
                                  .database = "default"});
  if (!made) return std::unexpected(Worded("make the database", made.error()));
  return {};
}

Status Http::Insert(BlockKind kind, std::span<const std::string_view> block, std::string_view token) {
  const auto inserted = CallUntilAnswered(
      {.what = "insert",
       .sql = "INSERT INTO " + std::string(TableOf(kind)) + " FORMAT Native",
       .settings = {{"insert_deduplication_token", std::string(token)},
                    {"insert_deduplicate", "1"},
                    {"deduplicate_blocks_in_dependent_materialized_views", "1"},
                    {"async_insert", "0"},
                    {"optimize_on_insert", "0"},
                    {"exclude_materialize_skip_indexes_on_insert", std::string(kIndexesLater)},
                    {"wait_end_of_query", "1"}},
       .data = block,
       .seconds_max = 300});
  if (!inserted) return std::unexpected(Worded("insert", inserted.error()));
  return {};
}

Result<QueryResult> Http::Query(const QueryRequest& request) {
  HttpStatement statement{.what = "query", .sql = request.sql, .seconds_max = request.seconds_max};
  statement.sql += " SETTINGS max_execution_time = " + std::to_string(request.seconds_max) +
                   ", max_memory_usage = " + std::to_string(request.memory_bytes_max);
  if (!request.settings.empty()) statement.sql.append(", ").append(request.settings);
  for (const QueryParameter& parameter : request.parameters)
    statement.parameters.push_back({.name = parameter.name, .value = EscapeParameter(parameter.value)});
  // The server knows how a query ends before it answers: no error comes after the first rows.
  statement.settings = {{"default_format", "RowBinary"}, {"wait_end_of_query", "1"}};
  const auto started = SteadyClock::now();
  auto answer = CallUntilAnswered(statement);
  if (!answer) return std::unexpected(Worded("query", answer.error()));
  return QueryResult{.bytes = std::move(answer->body),
                     .rows_read = answer->rows_read,
                     .seconds = std::chrono::duration<double>(SteadyClock::now() - started).count()};
}

Status Http::Execute(const std::string& sql) {
  const auto done = caller_.Call(
      {.what = "statement", .sql = sql, .settings = {{"wait_end_of_query", "1"}}, .seconds_max = 300});
  if (!done) return std::unexpected(Worded("statement", done.error()));
  return {};
}

}  // namespace

Result<StoreAddress> StoreAddress::FromUrl(std::string_view url) {
  // The text itself is not repeated: it may hold a password.
  const auto refuse = [](std::string_view why) {
    return Fail(ErrorCode::kInvalidInput, "read the address of the store: " + std::string(why),
                "write http://USER:PASSWORD@HOST:8123/DATABASE");
  };
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return refuse("it does not begin with http://");
  url.remove_prefix(kScheme.size());
  StoreAddress address;
  const size_t slash = std::min(url.find('/'), url.size());
  std::string_view authority = url.substr(0, slash);
  std::string_view database = url.substr(std::min(slash + 1, url.size()));
  while (database.ends_with('/')) database.remove_suffix(1);
  if (!database.empty()) address.database = PercentDecode(database, false);
  if (!IsPlainName(address.database)) return refuse("its database is not a plain name");

  if (const size_t at = authority.rfind('@'); at != authority.npos) {
    const std::string_view who = authority.substr(0, at);
    const size_t colon = std::min(who.find(':'), who.size());
    address.user = PercentDecode(who.substr(0, colon), false);
    address.password = PercentDecode(who.substr(std::min(colon + 1, who.size())), false);
    authority.remove_prefix(at + 1);
  }
  if (CanBreakALine(address.user) || CanBreakALine(address.password))
    return refuse("user or password has a control character");
  const auto host = ParseHttpUrl("http://" + std::string(authority));
  if (!host) return refuse("it has no host, or its port is not a number");
  address.host = host->host;
  if (host->port != "80" || authority.ends_with(":80")) address.port = host->port;
  return address;
}

std::string StoreAddress::Text() const {
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + port + "/" + database;
}

Result<std::unique_ptr<Engine>> HttpEngine::Open(const HttpEngineOptions& options) {
  auto engine = std::make_unique<Http>(options);
  TELLTALE_RETURN_IF_ERROR(engine->Start());
  return engine;
}

}  // namespace telltale
