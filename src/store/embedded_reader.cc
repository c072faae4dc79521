#include "store/embedded_reader.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "store/chdb_result.h"

namespace telltale {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kWatchEvery = std::chrono::milliseconds(50);
constexpr auto kKillEvery = std::chrono::milliseconds(500);
// The engine looks at its own clock between blocks; where it does not, it is killed this much later.
constexpr auto kOvertime = std::chrono::seconds(2);

Status StatusOf(const ResultHolder& result) {
  const std::string_view text = result.error();
  if (text.empty()) return {};
  return Fail(StatementErrorCode(EngineErrorNumber(text)), std::string(text.substr(0, 4000)));
}

// Ends one statement from another connection, when nobody waits for it or it is overdue.
class Watch {
 public:
  Watch(const Chdb& chdb, const ConnectFunction& connect, const SqlReaderLimits& limits, std::string mark)
      : chdb_(chdb),
        connect_(connect),
        cancelled_(limits.cancelled),
        until_(SteadyClock::now() +
               std::chrono::milliseconds(static_cast<int64_t>(limits.seconds_max * 1000)) + kOvertime),
        mark_(std::move(mark)),
        thread_([this] { Run(); }) {}
  ~Watch() {
    {
      MutexLock lock(mu_);
      done_ = true;
      changed_.NotifyAll();
    }
    thread_.join();
  }
  Watch(const Watch&) = delete;

 private:
  void Run() {
    MutexLock lock(mu_);
    while (!done_) {
      const bool is_over = SteadyClock::now() >= until_ || (cancelled_ && cancelled_());
      // Again and again: the statement may not have begun yet.
      if (is_over) Kill();
      changed_.WaitFor(lock, is_over ? kKillEvery : kWatchEvery);
    }
  }

  void Kill() {
    auto connection = connect_({});
    if (!connection) return;
    const std::string sql = "KILL QUERY WHERE Settings['log_comment'] = '" + mark_ + "' ASYNC";
    const ResultHolder result(chdb_, chdb_.query(**connection, sql.data(), sql.size(), "Null", 4));
    if (const Status status = result.status("end a statement"); !status)
      Log(LogLevel::kError, "a statement of a user goes on", {{"reason", status.error().message}});
    chdb_.close(*connection);
  }

  const Chdb& chdb_;
  const ConnectFunction& connect_;
  const std::function<bool()>& cancelled_;
  const SteadyClock::time_point until_;
  const std::string mark_;
  Mutex mu_;
  CondVar changed_;
  bool done_ TELLTALE_GUARDED_BY(mu_) = false;
  std::thread thread_;  // Last: it uses everything above.
};

// As the engine's C API takes them. `parameters` must outlive it.
struct ParameterArrays {
  explicit ParameterArrays(std::span<const SqlParameter> parameters) {
    for (const SqlParameter& parameter : parameters) {
      names.push_back(parameter.name.data());
      name_sizes.push_back(parameter.name.size());
      values.push_back(parameter.value.data());
      value_sizes.push_back(parameter.value.size());
    }
  }
  std::vector<const char*> names, values;
  std::vector<size_t> name_sizes, value_sizes;
};

class EmbeddedReader final : public SqlReader {
 public:
  EmbeddedReader(const Chdb& chdb, ConnectFunction connect, SqlReaderLimits limits)
      : chdb_(chdb), connect_(std::move(connect)), limits_(std::move(limits)) {
    static std::atomic<uint64_t> readers = 0;
    mark_ = "telltale-reader-" + std::to_string(++readers);
  }
  ~EmbeddedReader() override {
    if (connection_ != nullptr) chdb_.close(connection_);
  }

  Status Open();
  Result<Analysis> Analyse(std::string_view sql) override;
  Result<std::string> Canonical(std::string_view sql) override;
  Result<std::string> SyntaxTree(std::string_view sql, std::span<const SqlParameter> parameters) override;
  Result<SqlStatistics> Stream(const Run& run, const std::function<bool(std::string_view)>& take) override;

 private:
  Result<SqlStatistics> StreamPieces(const Run& run, const std::function<bool(std::string_view)>& take);
  Result<SqlStatistics> AnswerWhole(const Run& run, const std::function<bool(std::string_view)>& take);

  const Chdb& chdb_;
  const ConnectFunction connect_;
  const SqlReaderLimits limits_;
  std::string mark_;
  ChdbConnectionHandle* connection_ = nullptr;
};

Status EmbeddedReader::Open() {
  std::vector<std::string> settings = {
      "--log_comment=" + mark_,
      "--max_execution_time=" + std::to_string(limits_.seconds_max),
      "--max_memory_usage=" + std::to_string(limits_.memory_bytes_max),
      "--limit=" + std::to_string(limits_.rows_max),
      // Pieces of an answer of a size that can be looked at.
      "--max_block_size=8192",
      // What does not fit into memory is refused, not written to the disk.
      "--max_bytes_ratio_before_external_group_by=0",
      "--max_bytes_ratio_before_external_sort=0",
      "--do_not_merge_across_partitions_select_final=1",
      "--session_timezone=UTC",
      "--output_format_json_escape_forward_slashes=0",
      "--output_format_json_quote_64bit_integers=1",
      "--output_format_json_validate_utf8=1",
  };
  for (const SqlSetting& setting : limits_.settings) {
    const std::string name = "--" + setting.name + "=";
    std::erase_if(settings, [&](const std::string& one) { return one.starts_with(name); });
    settings.push_back(name + setting.value);
  }
  TELLTALE_ASSIGN_OR_RETURN(connection_, connect_(settings));
  // Beyond the second statement the connection has no rights but SELECT on the views, and
  // beyond the third it changes no setting.
  for (const std::string& sql :
       {"USE " + std::string(kSqlDatabase), std::string("SET ROLE NONE"), std::string("SET readonly = 1")}) {
    const ResultHolder result(chdb_, chdb_.query(*connection_, sql.data(), sql.size(), "Null", 4));
    TELLTALE_RETURN_IF_ERROR(result.status("open a connection for SQL"));
  }
  return {};
}

Result<SqlReader::Analysis> EmbeddedReader::Analyse(std::string_view sql) {
  ChdbAnalysis analysis;
  if (chdb_.classify(*connection_, sql.data(), sql.size(), nullptr, 0, &analysis) != 0)
    return Fail(ErrorCode::kInternal, "classify a statement: the engine refused");
  return Analysis{.statements = analysis.statements,
                  .only_reads = analysis.statement_class == ChdbAnalysis::kReadOnly};
}

Result<std::string> EmbeddedReader::Canonical(std::string_view sql) {
  constexpr std::string_view kQuestion = "SELECT formatQuerySingleLine({text:String})";
  constexpr std::string_view kName = "text";
  const std::string value = EscapeParameter(sql);
  const char* name_text = kName.data();
  const size_t name_size = kName.size();
  const char* value_text = value.data();
  const size_t value_size = value.size();
  const ResultHolder result(
      chdb_, chdb_.query_with_parameters(*connection_, kQuestion.data(), kQuestion.size(), "TSVRaw", 6,
                                         &name_text, &name_size, &value_text, &value_size, 1));
  TELLTALE_RETURN_IF_ERROR(StatusOf(result));
  return std::string(result.bytes());
}

Result<std::string> EmbeddedReader::SyntaxTree(std::string_view sql,
                                               std::span<const SqlParameter> parameters) {
  const std::string question = "EXPLAIN AST " + std::string(sql);
  const ParameterArrays given(parameters);
  const ResultHolder result(
      chdb_, chdb_.query_with_parameters(*connection_, question.data(), question.size(), "TSVRaw", 6,
                                         given.names.data(), given.name_sizes.data(), given.values.data(),
                                         given.value_sizes.data(), given.names.size()));
  TELLTALE_RETURN_IF_ERROR(StatusOf(result));
  return std::string(result.bytes());
}

Result<SqlStatistics> EmbeddedReader::StreamPieces(const Run& run,
                                                   const std::function<bool(std::string_view)>& take) {
  SqlStatistics statistics;
  const ParameterArrays given(run.parameters);
  const ResultHolder stream(
      chdb_, chdb_.stream(*connection_, run.sql.data(), run.sql.size(), run.format.data(), run.format.size(),
                          given.names.data(), given.name_sizes.data(), given.values.data(),
                          given.value_sizes.data(), given.names.size()));
  TELLTALE_RETURN_IF_ERROR(StatusOf(stream));
  while (true) {
    const ResultHolder piece(chdb_, chdb_.fetch(*connection_, stream.get()));
    TELLTALE_RETURN_IF_ERROR(StatusOf(piece));
    statistics.rows_read += piece.rows_read();
    statistics.bytes_read += piece.bytes_read();
    if (piece.bytes().empty()) break;
    if (!take(piece.bytes())) {
      chdb_.cancel(*connection_, stream.get());
      break;
    }
  }
  return statistics;
}

Result<SqlStatistics> EmbeddedReader::AnswerWhole(const Run& run,
                                                  const std::function<bool(std::string_view)>& take) {
  const ParameterArrays given(run.parameters);
  const ResultHolder result(
      chdb_, chdb_.query_with_parameters(*connection_, run.sql.data(), run.sql.size(), run.format.data(),
                                         run.format.size(), given.names.data(), given.name_sizes.data(),
                                         given.values.data(), given.value_sizes.data(), given.names.size()));
  TELLTALE_RETURN_IF_ERROR(StatusOf(result));
  if (!result.bytes().empty()) take(result.bytes());
  return SqlStatistics{.rows_read = result.rows_read(), .bytes_read = result.bytes_read()};
}

Result<SqlStatistics> EmbeddedReader::Stream(const Run& run,
                                             const std::function<bool(std::string_view)>& take) {
  const auto started = SteadyClock::now();
  const Watch watch(chdb_, connect_, limits_, mark_);
  TELLTALE_ASSIGN_OR_RETURN(SqlStatistics statistics,
                            run.whole ? AnswerWhole(run, take) : StreamPieces(run, take));
  statistics.seconds = std::chrono::duration<double>(SteadyClock::now() - started).count();
  return statistics;
}

}  // namespace

Result<std::unique_ptr<SqlReader>> OpenEmbeddedReader(const Chdb& chdb, ConnectFunction connect,
                                                      const SqlReaderLimits& limits) {
  auto reader = std::make_unique<EmbeddedReader>(chdb, std::move(connect), limits);
  TELLTALE_RETURN_IF_ERROR(reader->Open());
  return reader;
}

}  // namespace telltale
