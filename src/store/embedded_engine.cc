#include "store/embedded_engine.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "store/chdb.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

// Without a config file of ours the engine would read ./config.xml or one in the home
// folder of whoever starts us. The rule: a fresh part is LZ4, because it will be merged
// soon; what has reached 20 MB stays and is worth ZSTD.
constexpr std::string_view kConfig = R"(<clickhouse>
  <logger><level>none</level></logger>
  <memory_worker_use_cgroup>0</memory_worker_use_cgroup>
  <memory_worker_period_ms>500</memory_worker_period_ms>
  <compression>
    <case>
      <min_part_size>20000000</min_part_size>
      <min_part_size_ratio>0</min_part_size_ratio>
      <method>zstd</method>
      <level>1</level>
    </case>
  </compression>
</clickhouse>
)";

// Built when a part is merged instead of when it is inserted: a search by attribute
// reads the few fresh parts without them. The index by trace is always there.
constexpr std::string_view kIndexesLater = "by_key,by_value,by_service";

std::string_view TableOf(BlockKind kind) {
  switch (kind) {
    case BlockKind::kSpans:
      return "spans";
    case BlockKind::kLogs:
      return "logs";
    case BlockKind::kMetrics:
      return "metrics";
    case BlockKind::kCalls:
      return "calls";
    case BlockKind::kContent:
      return "content";
  }
  return "spans";
}

// Error numbers of ClickHouse: src/Common/ErrorCodes.cpp.
ErrorCode CodeOf(int number) {
  switch (number) {
    case 159:  // TIMEOUT_EXCEEDED
    case 160:  // TOO_SLOW
    case 158:  // TOO_MANY_ROWS
    case 241:  // MEMORY_LIMIT_EXCEEDED
    case 394:  // QUERY_WAS_CANCELLED
      return ErrorCode::kOverLimit;
    case 243:  // NOT_ENOUGH_SPACE
    case 252:  // TOO_MANY_PARTS
      return ErrorCode::kUnavailable;
    case 62:   // SYNTAX_ERROR
    case 427:  // CANNOT_COMPILE_REGEXP
    case 457:  // BAD_QUERY_PARAMETER
      return ErrorCode::kInvalidInput;
    default:
      return ErrorCode::kInternal;
  }
}

Error EngineError(std::string_view what, std::string_view text) {
  int number = 0;
  if (const size_t at = text.find("Code: "); at != std::string_view::npos) {
    std::from_chars(text.data() + at + 6, text.data() + text.size(), number);
  }
  return {CodeOf(number), std::string(what) + ": " + std::string(text.substr(0, 1000)), {}};
}

// Parameters are read in tab-separated form.
std::string EscapeParameter(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\0':
        out += "\\0";
        break;
      default:
        out += c;
    }
  }
  return out;
}

class ResultHolder {
 public:
  ResultHolder(const Chdb& chdb, ChdbResultHandle* result) : chdb_(chdb), result_(result) {}
  ~ResultHolder() {
    if (result_ != nullptr) chdb_.destroy_result(result_);
  }
  ResultHolder(const ResultHolder&) = delete;

  Status status(std::string_view what) const {
    if (result_ == nullptr)
      return Fail(ErrorCode::kInternal, std::string(what) + ": the engine gave no result");
    if (const char* error = chdb_.result_error(result_); error != nullptr && *error != '\0') {
      return std::unexpected(EngineError(what, error));
    }
    return {};
  }
  std::string_view bytes() const {
    const size_t size = chdb_.result_length(result_);
    return size == 0 ? std::string_view() : std::string_view(chdb_.result_buffer(result_), size);
  }
  double seconds() const { return chdb_.result_elapsed(result_); }
  uint64_t rows_read() const { return chdb_.result_rows_read(result_); }

 private:
  const Chdb& chdb_;
  ChdbResultHandle* result_;
};

class Embedded final : public Engine {
 public:
  Embedded(const EmbeddedEngineOptions& options, const Chdb& chdb, int lock_fd)
      : options_(options), chdb_(chdb), lock_fd_(lock_fd) {}
  ~Embedded() override;

  Status Start();

  Status Insert(BlockKind kind, std::span<const std::string_view> block, std::string_view token) override;
  Result<QueryResult> Query(const QueryRequest& request) override;
  Status Execute(const std::string& sql) override;

 private:
  // A connection that is given back when it goes out of scope.
  class Lease {
   public:
    Lease(Embedded& engine, ChdbConnectionHandle* connection) : engine_(engine), connection_(connection) {}
    ~Lease() { engine_.GiveBack(connection_); }
    Lease(const Lease&) = delete;
    ChdbConnectionHandle get() const { return *connection_; }

   private:
    Embedded& engine_;
    ChdbConnectionHandle* connection_;
  };

  Result<ChdbConnectionHandle*> Connect();
  ChdbConnectionHandle* Take();
  void GiveBack(ChdbConnectionHandle* connection);
  Status ExecuteOn(ChdbConnectionHandle connection, const std::string& sql);

  const EmbeddedEngineOptions options_;
  const Chdb chdb_;
  const int lock_fd_;

  Mutex insert_mu_;  // One insert at a time: a second would only split its blocks.
  ChdbConnectionHandle* insert_connection_ TELLTALE_GUARDED_BY(insert_mu_) = nullptr;

  Mutex mu_;
  CondVar free_;
  std::vector<ChdbConnectionHandle*> idle_ TELLTALE_GUARDED_BY(mu_);
};

Status Embedded::Start() {
  {
    MutexLock lock(insert_mu_);
    TELLTALE_ASSIGN_OR_RETURN(insert_connection_, Connect());
    TELLTALE_RETURN_IF_ERROR(ExecuteOn(*insert_connection_, "CREATE DATABASE IF NOT EXISTS telltale"));
    TELLTALE_RETURN_IF_ERROR(ExecuteOn(*insert_connection_, "USE telltale"));
  }
  for (int i = 0; i < options_.query_connections; ++i) {
    TELLTALE_ASSIGN_OR_RETURN(ChdbConnectionHandle * connection, Connect());
    TELLTALE_RETURN_IF_ERROR(ExecuteOn(*connection, "USE telltale"));
    MutexLock lock(mu_);
    idle_.push_back(connection);
  }
  return {};
}

Embedded::~Embedded() {
  {
    MutexLock lock(mu_);
    for (ChdbConnectionHandle* connection : idle_) chdb_.close(connection);
  }
  {
    MutexLock lock(insert_mu_);
    if (insert_connection_ != nullptr) chdb_.close(insert_connection_);
  }
  ::close(lock_fd_);
}

// Server settings count at the first connect only and are ignored later; the rest
// belongs to the connection. Figures: docs/decisions/0003-engine-settings.md.
Result<ChdbConnectionHandle*> Embedded::Connect() {
  const auto bytes = [&](double share) {
    return std::to_string(static_cast<uint64_t>(static_cast<double>(options_.memory_bytes) * share));
  };
  std::vector<std::string> arguments = {
      "telltale",
      "--path=" + options_.folder.string(),
      "--config-file=" + (options_.folder.parent_path() / "engine.xml").string(),
      "--max_server_memory_usage=" + bytes(1.0),
      "--mark_cache_size=" + bytes(0.08),
      "--index_mark_cache_size=" + bytes(0.03),
      "--primary_index_cache_size=" + bytes(0.06),
      "--query_condition_cache_size=8388608",
      "--background_pool_size=2",
      "--background_merges_mutations_concurrency_ratio=1",
      "--background_schedule_pool_size=4",
      "--background_common_pool_size=2",
      "--max_threads=2",
      "--max_insert_threads=1",
      "--async_insert=0",
      "--input_format_parallel_parsing=0",
      "--output_format_parallel_formatting=0",
      "--compile_expressions=0",
      "--compile_aggregate_expressions=0",
      "--compile_sort_description=0",
      "--deduplicate_blocks_in_dependent_materialized_views=1",
  };
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  ChdbConnectionHandle* connection = chdb_.connect(static_cast<int>(argv.size()), argv.data());
  if (connection == nullptr || *connection == nullptr) {
    return Fail(ErrorCode::kUnavailable,
                "open the store: " + options_.folder.string() + ": the engine refused, see above",
                "is another process using this data folder?");
  }
  return connection;
}

ChdbConnectionHandle* Embedded::Take() {
  MutexLock lock(mu_);
  while (idle_.empty()) free_.Wait(lock);
  ChdbConnectionHandle* connection = idle_.back();
  idle_.pop_back();
  return connection;
}

void Embedded::GiveBack(ChdbConnectionHandle* connection) {
  MutexLock lock(mu_);
  idle_.push_back(connection);
  free_.NotifyOne();
}

Status Embedded::ExecuteOn(ChdbConnectionHandle connection, const std::string& sql) {
  const ResultHolder result(chdb_, chdb_.query(connection, sql.data(), sql.size(), "Null", 4));
  return result.status("statement");
}

Status Embedded::Execute(const std::string& sql) {
  const Lease connection(*this, Take());
  return ExecuteOn(connection.get(), sql);
}

Status Embedded::Insert(BlockKind kind, std::span<const std::string_view> block, std::string_view token) {
  MutexLock lock(insert_mu_);
  // Rows of `calls` that replace each other are told apart when they are read or merged: to
  // do so at the insert too would take each row by itself.
  const std::string sql = "INSERT INTO " + std::string(TableOf(kind)) +
                          " SETTINGS optimize_on_insert = 0, insert_deduplication_token = '" +
                          std::string(token) + "', exclude_materialize_skip_indexes_on_insert = '" +
                          std::string(kIndexesLater) + "'";
  ChdbStreamHandle* stream = chdb_.insert(*insert_connection_, sql.data(), sql.size(), "Native", 6);
  const auto failed = [&](std::string_view what) -> Status {
    const char* text = chdb_.insert_error(stream);
    Error error = EngineError(what, text == nullptr ? "the engine gave no reason" : text);
    chdb_.destroy_insert(stream);
    return std::unexpected(std::move(error));
  };
  if (const char* error = chdb_.insert_error(stream); error != nullptr && *error != '\0')
    return failed("insert");
  for (const std::string_view piece : block) {
    if (chdb_.append(stream, piece.data(), piece.size()) != 0) return failed("insert");
  }
  Status status;
  {
    const ResultHolder result(chdb_, chdb_.finish(stream));
    status = result.status("insert");
  }
  chdb_.destroy_insert(stream);
  return status;
}

Result<QueryResult> Embedded::Query(const QueryRequest& request) {
  std::string sql = request.sql;
  sql += " SETTINGS max_execution_time = " + std::to_string(request.seconds_max) +
         ", max_memory_usage = " + std::to_string(request.memory_bytes_max);
  if (!request.settings.empty()) sql.append(", ").append(request.settings);
  std::vector<std::string> values;
  std::vector<const char*> names, value_texts;
  std::vector<size_t> name_sizes, value_sizes;
  values.reserve(request.parameters.size());
  for (const QueryParameter& parameter : request.parameters) {
    values.push_back(EscapeParameter(parameter.value));
    names.push_back(parameter.name.data());
    name_sizes.push_back(parameter.name.size());
    value_texts.push_back(values.back().data());
    value_sizes.push_back(values.back().size());
  }
  const Lease connection(*this, Take());
  const ResultHolder result(
      chdb_,
      chdb_.query_with_parameters(connection.get(), sql.data(), sql.size(), "RowBinary", 9, names.data(),
                                  name_sizes.data(), value_texts.data(), value_sizes.data(), names.size()));
  TELLTALE_RETURN_IF_ERROR(result.status("query"));
  return QueryResult{
      .bytes = std::string(result.bytes()), .rows_read = result.rows_read(), .seconds = result.seconds()};
}

Status WriteConfig(const fs::path& path) {
  std::ofstream file(path, std::ios::trunc);
  file << kConfig;
  file.close();
  if (file) return {};
  return Fail(ErrorCode::kUnavailable,
              "write the engine's configuration: " + path.string() + ": " + std::strerror(errno),
              "is there space left on the device, and may we write there?");
}

// Two engines over one folder would destroy it, and the engine itself only guards
// against a second one in some states.
Result<int> LockFolder(const fs::path& folder) {
  const fs::path path = folder / "lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return Fail(ErrorCode::kUnavailable,
                "lock the data folder: " + path.string() + ": " + std::strerror(errno));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return Fail(ErrorCode::kUnavailable,
                "lock the data folder: " + path.string() + ": another telltale is using it",
                "stop the other one, or give this one its own folder with --data");
  }
  return fd;
}

}  // namespace

Result<std::unique_ptr<Engine>> EmbeddedEngine::Open(const EmbeddedEngineOptions& options) {
  fs::path library = options.library;
  if (library.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(library, FindChdb());
  }
  EmbeddedEngineOptions absolute = options;
  absolute.folder = fs::absolute(options.folder);
  const fs::path parent = absolute.folder.parent_path();
  std::error_code ec;
  fs::create_directories(absolute.folder, ec);
  if (ec)
    return Fail(ErrorCode::kUnavailable,
                "make the store's folder: " + absolute.folder.string() + ": " + ec.message());
  TELLTALE_ASSIGN_OR_RETURN(const int lock_fd, LockFolder(parent));
  TELLTALE_RETURN_IF_ERROR(WriteConfig(parent / "engine.xml"));

  TELLTALE_ASSIGN_OR_RETURN(const Chdb chdb, LoadChdb(library));
  chdb.set_signal_handlers_enabled(0);
  auto engine = std::make_unique<Embedded>(absolute, chdb, lock_fd);
  TELLTALE_RETURN_IF_ERROR(engine->Start());
  return engine;
}

}  // namespace telltale
