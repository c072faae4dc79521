#include "store/embedded_engine.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "store/chdb.h"
#include "store/chdb_result.h"
#include "store/embedded_reader.h"
#include "store/tables.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

// Without a config file of ours the engine would read ./config.xml or one in the home
// folder of whoever starts us. The rule: a fresh part is LZ4, because it will be merged
// soon; what has reached 20 MB stays and is worth ZSTD. All connections are of one user, who may
// do everything by a role: a reader (sql_reader.h) gives the role away and keeps the rest.
// $users: the path of kUsersConfig's file.
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
  <users_config>$users</users_config>
</clickhouse>
)";

constexpr std::string_view kUsersConfig = R"(<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <roles>
    <owner><grants><query>GRANT ALL ON *.* WITH GRANT OPTION</query></grants></owner>
  </roles>
  <users>
    <default>
      <password></password>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SELECT ON telltale_sql.*</query>
        <query>GRANT owner</query>
      </grants>
    </default>
  </users>
</clickhouse>
)";

class Embedded final : public Engine {
 public:
  Embedded(const EmbeddedEngineOptions& options, const Chdb& chdb, int lock_fd)
      : options_(options), chdb_(chdb), lock_fd_(lock_fd) {}
  ~Embedded() override;

  Status Start();

  Status Insert(BlockKind kind, std::span<const std::string_view> block, std::string_view token) override;
  Result<QueryResult> Query(const QueryRequest& request) override;
  Status Execute(const std::string& sql) override;
  Result<std::unique_ptr<SqlReader>> OpenReader(const SqlReaderLimits& limits) override {
    return OpenEmbeddedReader(
        chdb_, [this](const std::vector<std::string>& settings) { return Connect(settings); }, limits);
  }

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

  Result<ChdbConnectionHandle*> Connect(const std::vector<std::string>& settings = {});
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
Result<ChdbConnectionHandle*> Embedded::Connect(const std::vector<std::string>& settings) {
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
  arguments.insert(arguments.end(), settings.begin(), settings.end());
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

Status WriteFile(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (file) return {};
  return Fail(ErrorCode::kUnavailable,
              "write the engine's configuration: " + path.string() + ": " + std::strerror(errno),
              "is there space left on the device, and may we write there?");
}

std::string EscapeXml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

// The engine takes the path of the second file from the first, and not relative to it.
Status WriteConfig(const fs::path& folder) {
  constexpr std::string_view kPlace = "$users";
  const fs::path users = folder / "engine_users.xml";
  TELLTALE_RETURN_IF_ERROR(WriteFile(users, kUsersConfig));
  std::string config(kConfig);
  config.replace(config.find(kPlace), kPlace.size(), EscapeXml(users.string()));
  return WriteFile(folder / "engine.xml", config);
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
  TELLTALE_RETURN_IF_ERROR(WriteConfig(parent));

  TELLTALE_ASSIGN_OR_RETURN(const Chdb chdb, LoadChdb(library));
  chdb.set_signal_handlers_enabled(0);
  auto engine = std::make_unique<Embedded>(absolute, chdb, lock_fd);
  TELLTALE_RETURN_IF_ERROR(engine->Start());
  return engine;
}

}  // namespace telltale
