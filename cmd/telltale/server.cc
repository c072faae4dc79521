#include "server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/clickhouse.h"
#include "api/tempo_streams.h"
#include "base/clock.h"
#include "base/log.h"
#include "ingest/pipeline.h"
#include "ingest/receivers/otlp_grpc.h"
#include "ingest/receivers/otlp_http.h"
#include "net/http_server.h"
#include "pricing/pricer.h"
#include "process.h"
#include "query/sql_views.h"
#include "settle/roll_up_keeper.h"
#include "settle/settler.h"
#include "store/embedded_engine.h"
#include "store/http_engine.h"
#include "store/inserter.h"
#include "store/retention.h"
#include "store/row_reader.h"
#include "store/schema/migrations.h"
#include "ui_files.h"
#include "wal/arrivals.h"
#include "wal/cursor.h"
#include "wal/log.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

// How `--memory` is shared out. The rest is code, stacks and what queries write out.
constexpr double kEngineShare = 0.4;
constexpr double kHttpShare = 0.125;
constexpr double kGrpcShare = 0.125;
constexpr double kLogShare = 0.02;
constexpr double kInsertShare = 0.03;

// Of a request to port 16686: a text to count, a request to explain.
constexpr size_t kApiBodyBytesMax = 16u << 20;
// Of one to port 3200, which is asked by GET alone.
constexpr size_t kTempoBodyBytesMax = 64u << 10;
// Of a request to port 8123: a statement.
constexpr size_t kClickHouseBodyBytesMax = 2u << 20;

// How long a stopping server waits for requests, then for the store.
constexpr int kRequestGraceMs = 2000;
constexpr int kDrainMs = 5000;

uint64_t ShareOf(uint64_t bytes, double share) {
  return static_cast<uint64_t>(static_cast<double>(bytes) * share);
}

// What the inserter tells the others: calls are settled first, then everybody may read.
class StoreWatch final : public InsertObserver {
 public:
  StoreWatch(Settler& settler, Arrivals& arrivals) : settler_(settler), arrivals_(arrivals) {}

  void WillStore(const WalRecord& record) override { settler_.WillStore(record); }
  void Stored(LogRange range) override {
    settler_.Stored(range);
    arrivals_.Stored(range.end);
    if (Api* const api = api_) api->Stored();
  }

  // Null: nobody follows. The inserter may be running.
  void Tell(Api* api) { api_ = api; }

 private:
  Settler& settler_;
  Arrivals& arrivals_;
  std::atomic<Api*> api_ = nullptr;
};

class Telltale final : public Server {
 public:
  explicit Telltale(const ServeOptions& options) : options_(options) {}
  ~Telltale() override { Stop(); }

  Status Start();
  void Stop() override;

  const ListenAddress& http() const override { return options_.http; }
  const ListenAddress& tempo() const override { return options_.tempo; }
  const ListenAddress& otlp_grpc() const override { return options_.otlp_grpc; }
  const ListenAddress& otlp_http() const override { return options_.otlp_http; }
  const ListenAddress& clickhouse() const override { return options_.clickhouse; }

 private:
  Status OpenStore();
  Status OpenLog();
  Status Listen();
  Status ListenForQuestions();
  Status WriteReadyFile() const;
  ServerState State() const;
  Result<RepriceReport> Reprice(const TimeRange& range, bool apply);

  ServeOptions options_;
  const uint64_t started_ns_ = Clock::System()->MonotonicNanos();

  // In the order of the data's way; destroyed in the opposite one.
  std::unique_ptr<Engine> engine_;
  std::shared_ptr<Pricer> pricer_;
  std::unique_ptr<Settler> settler_;
  std::unique_ptr<Arrivals> arrivals_;
  std::unique_ptr<StoreWatch> watch_;
  std::unique_ptr<WriteAheadLog> log_;
  std::unique_ptr<InsertCursor> cursor_;
  std::unique_ptr<Inserter> inserter_;
  std::unique_ptr<Retention> retention_;
  std::unique_ptr<RollUpKeeper> roll_ups_;
  std::unique_ptr<IngestPipeline> pipeline_;
  std::unique_ptr<OtlpHttpReceiver> otlp_http_receiver_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<ClickHouseFace> clickhouse_;
  std::unique_ptr<HttpServer> http_server_;
  std::unique_ptr<TempoStreams> tempo_streams_;
  std::unique_ptr<HttpServer> tempo_server_;
  std::unique_ptr<HttpServer> clickhouse_server_;
  std::unique_ptr<HttpServer> otlp_http_server_;
  std::unique_ptr<OtlpGrpcReceiver> otlp_grpc_server_;
};

Status Telltale::Start() {
  TELLTALE_RETURN_IF_ERROR(OpenStore());
  TELLTALE_RETURN_IF_ERROR(OpenLog());
  // Beyond this point spans may arrive.
  TELLTALE_RETURN_IF_ERROR(Listen());
  return WriteReadyFile();
}

Status Telltale::OpenStore() {
  std::error_code ec;
  fs::create_directories(options_.data, ec);
  if (ec) {
    return Fail(ErrorCode::kUnavailable,
                "make the data folder: " + options_.data.string() + ": " + ec.message(),
                "give a folder that you may write with --data");
  }
  if (options_.store) {
    TELLTALE_ASSIGN_OR_RETURN(engine_, HttpEngine::Open({.address = *options_.store}));
  } else {
    TELLTALE_ASSIGN_OR_RETURN(
        engine_, EmbeddedEngine::Open({.folder = options_.data / "store",
                                       .memory_bytes = ShareOf(options_.memory_bytes, kEngineShare)}));
  }
  TELLTALE_RETURN_IF_ERROR(Migrate(*engine_));
  return CreateSqlViews(*engine_, {.lasting = options_.store.has_value()});
}

Status Telltale::OpenLog() {
  const fs::path folder = options_.data / "log";
  TELLTALE_ASSIGN_OR_RETURN(
      log_, WriteAheadLog::Open({.folder = folder,
                                 .size_bytes_max = options_.log_bytes,
                                 .pending_bytes_max = ShareOf(options_.memory_bytes, kLogShare)}));
  TELLTALE_ASSIGN_OR_RETURN(cursor_, InsertCursor::Open(folder));
  pricer_ = std::make_shared<Pricer>(options_.prices);
  TELLTALE_ASSIGN_OR_RETURN(
      const QueryResult stored,
      engine_->Query(
          {.sql = "SELECT assumeNotNull((SELECT count() FROM spans) + (SELECT count() FROM logs))"}));
  settler_ = std::make_unique<Settler>(
      SettlerOptions{.store_is_empty = RowReader(stored.bytes).Number<uint64_t>() == 0}, *engine_, *pricer_,
      *Clock::System(), *options_.rules);
  arrivals_ = std::make_unique<Arrivals>(log_->end_position(),
                                         static_cast<int64_t>(Clock::System()->UnixNanos() / 1'000'000));
  arrivals_->Stored(cursor_->current().begin);
  watch_ = std::make_unique<StoreWatch>(*settler_, *arrivals_);
  inserter_ =
      std::make_unique<Inserter>(InserterOptions{.bytes_max = ShareOf(options_.memory_bytes, kInsertShare)},
                                 *log_, *cursor_, *engine_, watch_.get());
  retention_ = std::make_unique<Retention>(
      RetentionOptions{.days = options_.retention_days, .size_bytes_max = options_.retention_bytes}, *engine_,
      *Clock::System());
  roll_ups_ = std::make_unique<RollUpKeeper>(*engine_, *Clock::System());
  pipeline_ = std::make_unique<IngestPipeline>(
      *log_, *Clock::System(), *pricer_, *options_.rules,
      PipelineOptions{.inline_content = options_.inline_content, .arrivals = arrivals_.get()});
  return {};
}

Status Telltale::Listen() {
  const uint64_t http_bytes = ShareOf(options_.memory_bytes, kHttpShare);
  if (options_.otlp_grpc.on) {
    TELLTALE_ASSIGN_OR_RETURN(
        otlp_grpc_server_,
        OtlpGrpcReceiver::Listen({.address = options_.otlp_grpc.address,
                                  .port = options_.otlp_grpc.port,
                                  .message_bytes_max = options_.request_bytes,
                                  .memory_bytes_max = ShareOf(options_.memory_bytes, kGrpcShare)},
                                 *pipeline_));
    options_.otlp_grpc.port = otlp_grpc_server_->port();
  }
  if (options_.otlp_http.on) {
    otlp_http_receiver_ = std::make_unique<OtlpHttpReceiver>(
        OtlpHttpOptions{.body_bytes_max = options_.request_bytes, .cors_origins = options_.cors_origins},
        *pipeline_);
    TELLTALE_ASSIGN_OR_RETURN(otlp_http_server_,
                              HttpServer::Listen({.address = options_.otlp_http.address,
                                                  .port = options_.otlp_http.port,
                                                  .threads = 2,
                                                  .body_bytes_max = options_.request_bytes,
                                                  .inflight_bytes_max = http_bytes,
                                                  .check_host = options_.otlp_http.IsLoopback()},
                                                 *otlp_http_receiver_));
    options_.otlp_http.port = otlp_http_server_->port();
  }
  return ListenForQuestions();
}

Status Telltale::ListenForQuestions() {
  const uint64_t http_bytes = ShareOf(options_.memory_bytes, kHttpShare);
  api_ = std::make_unique<Api>(
      ApiOptions{.version = TELLTALE_VERSION,
                 .state = [this] { return State(); },
                 .files = UiFiles(),
                 .pricer = pricer_,
                 .rules = options_.rules,
                 .reprice = [this](const TimeRange& range, bool apply) { return Reprice(range, apply); },
                 .stored_until_unix_ms = [this] { return arrivals_->stored_until_unix_ms(); }},
      *engine_);
  watch_->Tell(api_.get());
  if (options_.http.on) {
    TELLTALE_ASSIGN_OR_RETURN(http_server_, HttpServer::Listen({.address = options_.http.address,
                                                                .port = options_.http.port,
                                                                .body_bytes_max = kApiBodyBytesMax,
                                                                .inflight_bytes_max = http_bytes,
                                                                .check_host = options_.http.IsLoopback(),
                                                                .watch_clients = true},
                                                               *api_));
    options_.http.port = http_server_->port();
  }
  if (options_.tempo.on) {
    TELLTALE_ASSIGN_OR_RETURN(tempo_streams_, TempoStreams::Start(api_->tempo()));
    TELLTALE_ASSIGN_OR_RETURN(tempo_server_,
                              HttpServer::Listen({.address = options_.tempo.address,
                                                  .port = options_.tempo.port,
                                                  .body_bytes_max = kTempoBodyBytesMax,
                                                  .inflight_bytes_max = kTempoBodyBytesMax,
                                                  .check_host = options_.tempo.IsLoopback(),
                                                  .take_http2 = [this](int fd) { tempo_streams_->Take(fd); }},
                                                 api_->tempo()));
    options_.tempo.port = tempo_server_->port();
  }
  if (options_.clickhouse.on) {
    clickhouse_ = std::make_unique<ClickHouseFace>(
        ClickHouseOptions{.check_origin = options_.clickhouse.IsLoopback()}, *engine_);
    TELLTALE_ASSIGN_OR_RETURN(clickhouse_server_,
                              HttpServer::Listen({.address = options_.clickhouse.address,
                                                  .port = options_.clickhouse.port,
                                                  .body_bytes_max = kClickHouseBodyBytesMax,
                                                  .inflight_bytes_max = http_bytes,
                                                  .check_host = options_.clickhouse.IsLoopback(),
                                                  .watch_clients = true},
                                                 *clickhouse_));
    options_.clickhouse.port = clickhouse_server_->port();
  }
  return {};
}

Status Telltale::WriteReadyFile() const {
  if (options_.ready_file.empty()) return {};
  return WriteReady(options_.ready_file,
                    {{"http", options_.http.on ? options_.http.Text() : ""},
                     {"tempo", options_.tempo.on ? options_.tempo.Text() : ""},
                     {"otlp_grpc", options_.otlp_grpc.on ? options_.otlp_grpc.Text() : ""},
                     {"otlp_http", options_.otlp_http.on ? options_.otlp_http.Text() : ""},
                     {"clickhouse", options_.clickhouse.on ? options_.clickhouse.Text() : ""}});
}

// With the file of --prices as it is now: from here on for new calls too, once applied.
Result<RepriceReport> Telltale::Reprice(const TimeRange& range, bool apply) {
  TELLTALE_ASSIGN_OR_RETURN(std::shared_ptr<const PriceTable> table,
                            PriceTable::WithUserFile(options_.prices_file.string()));
  const Pricer changed(table);
  if (apply) pricer_->Use(std::move(table));
  return settler_->Reprice(range, changed, apply);
}

ServerState Telltale::State() const {
  ServerState state;
  state.uptime_seconds = static_cast<double>(Clock::System()->MonotonicNanos() - started_ns_) / 1e9;
  state.log_bytes = log_->size_bytes();
  state.log_bytes_max = options_.log_bytes;
  state.log_lag_bytes = inserter_->lag_bytes();
  state.log_pending_bytes = log_->pending_bytes();
  state.log_failed = log_->failed();
  state.memory_bytes = ResidentBytes();
  state.memory_bytes_max = options_.memory_bytes;
  if (options_.otlp_grpc.on) state.otlp_grpc = options_.otlp_grpc.Text();
  if (options_.otlp_http.on) state.otlp_http = options_.otlp_http.Text();
  return state;
}

void Telltale::Stop() {
  if (otlp_grpc_server_ != nullptr) otlp_grpc_server_->Stop(kRequestGraceMs);
  if (otlp_http_server_ != nullptr) otlp_http_server_->Stop(kRequestGraceMs);
  if (api_ != nullptr) {
    watch_->Tell(nullptr);
    api_->EndTails();
  }
  if (http_server_ != nullptr) http_server_->Stop(kRequestGraceMs);
  if (tempo_server_ != nullptr) tempo_server_->Stop(kRequestGraceMs);
  if (tempo_streams_ != nullptr) tempo_streams_->Stop(kRequestGraceMs);
  if (clickhouse_server_ != nullptr) clickhouse_server_->Stop(kRequestGraceMs);
  // Beyond this point nothing more arrives.
  if (log_ != nullptr) log_->Close();
  if (inserter_ != nullptr) {
    if (!inserter_->Drain(kDrainMs))
      Log(LogLevel::kInfo, "stopping with spans still in the log: the next start stores them");
    inserter_->Stop();
  }
  roll_ups_.reset();
  retention_.reset();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ServeOptions& options) {
  auto server = std::make_unique<Telltale>(options);
  TELLTALE_RETURN_IF_ERROR(server->Start());
  return server;
}

}  // namespace telltale
