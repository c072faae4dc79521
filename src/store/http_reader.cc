#include "store/http_reader.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "store/chdb_result.h"
#include "store/http_call.h"

namespace telltale {
namespace {

using SteadyClock = std::chrono::steady_clock;

class HttpReader final : public SqlReader {
 public:
  HttpReader(const StoreAddress& address, const SqlReaderLimits& limits) : caller_(address), limits_(limits) {
    static std::atomic<uint64_t> readers = 0;
    id_ = "telltale-reader-" + std::to_string(::getpid()) + "-" +
          std::to_string(SteadyClock::now().time_since_epoch().count()) + "-" + std::to_string(++readers);
  }

  Result<Analysis> Analyse(std::string_view sql) override;
  Result<std::string> Canonical(std::string_view sql) override;
  Result<std::string> SyntaxTree(std::string_view sql, std::span<const SqlParameter> parameters) override;
  Result<SqlStatistics> Stream(const Run& run, const std::function<bool(std::string_view)>& take) override;
  bool answers_in_one() const override { return true; }

 private:
  std::vector<SqlSetting> Settings() const;
  Result<HttpAnswer> Ask(HttpStatement statement) const;
  void Kill() const;

  const HttpCaller caller_;
  const SqlReaderLimits limits_;
  std::string id_;
};

std::vector<SqlSetting> HttpReader::Settings() const {
  std::vector<SqlSetting> settings = {
      {"readonly", "1"},
      {"max_execution_time", std::to_string(limits_.seconds_max)},
      {"max_memory_usage", std::to_string(limits_.memory_bytes_max)},
      {"max_bytes_ratio_before_external_group_by", "0"},
      {"max_bytes_ratio_before_external_sort", "0"},
      {"do_not_merge_across_partitions_select_final", "1"},
      {"output_format_json_escape_forward_slashes", "0"},
      {"output_format_json_quote_64bit_integers", "1"},
      {"output_format_json_validate_utf8", "1"},
      {"session_timezone", "UTC"},
  };
  if (limits_.rows_max > 0) settings.push_back({"limit", std::to_string(limits_.rows_max)});
  for (const SqlSetting& setting : limits_.settings) {
    std::erase_if(settings, [&](const SqlSetting& one) { return one.name == setting.name; });
    settings.push_back(setting);
  }
  return settings;
}

Result<HttpAnswer> HttpReader::Ask(HttpStatement statement) const {
  statement.database = SqlDatabaseOf(caller_.address().database);
  statement.seconds_max = limits_.seconds_max;
  statement.cancelled = limits_.cancelled;
  auto answer = caller_.Call(statement);
  if (answer) return answer;
  const int number = EngineErrorNumber(answer.error().message);
  if (number == 0) return answer;
  return Fail(StatementErrorCode(number), answer.error().message);
}

// The protocol takes one statement; whether it reads, its spelling says: the engine's begins with
// the word for what it does.
Result<SqlReader::Analysis> HttpReader::Analyse(std::string_view sql) {
  auto canonical = Canonical(sql);
  if (!canonical) {
    if (canonical.error().code == ErrorCode::kInvalidInput) return Analysis{};
    return std::unexpected(canonical.error());
  }
  std::string_view rest = *canonical;
  while (rest.starts_with('(')) rest.remove_prefix(1);
  const std::string_view word = rest.substr(0, rest.find_first_of(" \n("));
  return Analysis{.statements = 1,
                  .only_reads = word == "SELECT" || word == "WITH" || word == "SHOW" || word == "DESCRIBE" ||
                                word == "EXISTS" || word == "EXPLAIN"};
}

Result<std::string> HttpReader::Canonical(std::string_view sql) {
  TELLTALE_ASSIGN_OR_RETURN(HttpAnswer answer,
                            Ask({.what = "check the statement",
                                 .sql = "SELECT formatQuerySingleLine({text:String})",
                                 .settings = {{"readonly", "1"}, {"default_format", "TSVRaw"}},
                                 .parameters = {{"text", EscapeParameter(sql)}}}));
  return std::move(answer.body);
}

Result<std::string> HttpReader::SyntaxTree(std::string_view sql, std::span<const SqlParameter> parameters) {
  TELLTALE_ASSIGN_OR_RETURN(HttpAnswer answer,
                            Ask({.what = "check the statement",
                                 .sql = "EXPLAIN AST " + std::string(sql),
                                 .settings = {{"readonly", "1"}, {"default_format", "TSVRaw"}},
                                 .parameters = {parameters.begin(), parameters.end()}}));
  return std::move(answer.body);
}

// The server goes on with a statement whose client hangs up, but for a setting that may be off.
void HttpReader::Kill() const {
  const auto killed = caller_.Call({.what = "end a statement",
                                    .sql = "KILL QUERY WHERE query_id = '" + id_ + "' ASYNC",
                                    .seconds_max = 5});
  if (!killed) {
    Log(LogLevel::kWarn, "a statement of a user goes on in the store until its time is over",
        {{"reason", killed.error().message.substr(0, 300)}});
  }
}

Result<SqlStatistics> HttpReader::Stream(const Run& run, const std::function<bool(std::string_view)>& take) {
  const auto started = SteadyClock::now();
  HttpStatement statement{.what = "answer the statement",
                          .sql = std::string(run.sql),
                          .settings = Settings(),
                          .parameters = {run.parameters.begin(), run.parameters.end()}};
  statement.settings.push_back({"default_format", std::string(run.format)});
  statement.settings.push_back({"query_id", id_});
  bool enough = false;
  statement.take = [&](std::string_view piece) {
    enough = !take(piece);
    return !enough;
  };
  auto answer = Ask(std::move(statement));
  const bool hung_up = !answer && answer.error().code == ErrorCode::kOverLimit &&
                       EngineErrorNumber(answer.error().message) == 0;
  if (enough || hung_up) Kill();
  if (!answer) return std::unexpected(answer.error());
  return SqlStatistics{.rows_read = answer->rows_read,
                       .bytes_read = answer->bytes_read,
                       .seconds = std::chrono::duration<double>(SteadyClock::now() - started).count()};
}

}  // namespace

Result<std::unique_ptr<SqlReader>> OpenHttpReader(const StoreAddress& address,
                                                  const SqlReaderLimits& limits) {
  return std::make_unique<HttpReader>(address, limits);
}

}  // namespace telltale
