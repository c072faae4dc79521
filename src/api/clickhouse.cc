#include "api/clickhouse.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "api/clickhouse_error.h"
#include "api/clickhouse_frames.h"
#include "api/clickhouse_request.h"
#include "base/log.h"
#include "base/mutex.h"
#include "net/body_encoder.h"
#include "net/http_wire.h"
#include "net/worker_pool.h"
#include "query/sql.h"

namespace telltale {
namespace {

// An answer up to this size is sent when it is known to be whole, with its length and its true status.
constexpr size_t kHeldBytesMax = 1u << 20;
constexpr size_t kHeldBytesMaxIfAsked = 16u << 20;
// Between the statement and a slow client.
constexpr size_t kAheadBytesMax = 1u << 20;

constexpr std::string_view kNoHandler =
    "There is no handle here.\n\nUse / or /ping for health checks, and ?query= or a body for statements.\n";

// Pieces of an answer on their way from the thread of the statement to the one of the response.
class Channel {
 public:
  // Blocks while the client is behind. False: nobody reads any more.
  bool Push(std::string bytes) {
    MutexLock lock(mu_);
    while (size_bytes_ > kAheadBytesMax && !closed_) changed_.Wait(lock);
    if (closed_) return false;
    size_bytes_ += bytes.size();
    pieces_.push_back(std::move(bytes));
    changed_.NotifyAll();
    return true;
  }
  void End(bool broken_off) {
    MutexLock lock(mu_);
    ended_ = true;
    broken_off_ = broken_off;
    changed_.NotifyAll();
  }

  // Sends everything until the end, or until the client has gone.
  void Pour(HttpStream& stream) {
    while (true) {
      std::string piece;
      {
        MutexLock lock(mu_);
        while (pieces_.empty() && !ended_ && !stream.closed()) changed_.WaitFor(lock, kLookEvery);
        if (stream.closed() || (pieces_.empty() && ended_)) break;
        piece = std::move(pieces_.front());
        pieces_.pop_front();
        size_bytes_ -= piece.size();
        changed_.NotifyAll();
      }
      if (!stream.Write(std::move(piece))) break;
    }
    MutexLock lock(mu_);
    if (broken_off_) stream.BreakOff();
  }

  void Close() {
    MutexLock lock(mu_);
    closed_ = true;
    changed_.NotifyAll();
  }
  bool closed() {
    MutexLock lock(mu_);
    return closed_;
  }

 private:
  static constexpr auto kLookEvery = std::chrono::milliseconds(50);

  Mutex mu_;
  CondVar changed_;
  std::deque<std::string> pieces_ TELLTALE_GUARDED_BY(mu_);
  size_t size_bytes_ TELLTALE_GUARDED_BY(mu_) = 0;
  bool ended_ TELLTALE_GUARDED_BY(mu_) = false;
  bool broken_off_ TELLTALE_GUARDED_BY(mu_) = false;
  bool closed_ TELLTALE_GUARDED_BY(mu_) = false;
};

// The response's hold on the channel: when it goes, also unused, the statement is told.
struct Reading {
  explicit Reading(std::shared_ptr<Channel> of) : channel(std::move(of)) {}
  ~Reading() { channel->Close(); }
  Reading(const Reading&) = delete;
  std::shared_ptr<Channel> channel;
};

std::string NewTag() {
  thread_local std::mt19937_64 random(std::random_device{}());
  std::string tag;
  for (int i = 0; i < 16; ++i) tag += static_cast<char>('a' + random() % 26);
  return tag;
}

// Between the marks, after which no client takes the rest for data.
std::string ErrorInTheMiddle(const SqlFault& fault, const std::string& tag) {
  const std::string text = ClickHouseErrorText(fault) + "\n";
  return "\r\n__exception__\r\n" + tag + "\r\n" + text + std::to_string(text.size()) + " " + tag +
         "\r\n__exception__\r\n";
}

// Takes the answer of one statement: whole while it is small, then as a stream.
class AnswerSink final : public SqlSink {
 public:
  AnswerSink(const ClickHouseRequest& asked, BodyCoding coding, HttpDone done)
      : asked_(asked),
        coding_(coding),
        encoder_(asked.compress ? MakeClickHouseFrames() : MakeBodyEncoder(coding)),
        done_(std::move(done)),
        started_(std::chrono::steady_clock::now()),
        tag_(NewTag()) {}

  void Begin(const SqlFormat& format) override { format_ = &format; }

  bool Write(std::string bytes) override {
    result_bytes_ += bytes.size();
    encoder_->Add(bytes, held_);
    if (channel_ == nullptr) {
      if (held_.size() <= (asked_.wait_for_end ? kHeldBytesMaxIfAsked : kHeldBytesMax)) return true;
      BeginStream();
    }
    return held_.empty() || channel_->Push(std::exchange(held_, {}));
  }

  void End(const SqlStatistics& statistics) {
    encoder_->Finish(held_);
    if (channel_ == nullptr) {
      HttpResponse response;
      AddHeaders(statistics, response);
      response.body = std::move(held_);
      return done_(std::move(response));
    }
    if (!held_.empty() && !channel_->Push(std::move(held_))) return;
    channel_->End(/*broken_off=*/false);
  }

  void Fail(const SqlFault& fault) {
    if (channel_ == nullptr) {
      HttpResponse response = ClickHouseErrorResponse(fault);
      response.headers.Add("X-ClickHouse-Query-Id", asked_.query_id);
      return done_(std::move(response));
    }
    encoder_->Add(ErrorInTheMiddle(fault, tag_), held_);
    encoder_->Finish(held_);
    channel_->Push(std::move(held_));
    channel_->End(/*broken_off=*/true);
  }

  bool closed() { return channel_made_.load() && channel_->closed(); }

 private:
  void BeginStream() {
    channel_ = std::make_shared<Channel>();
    channel_made_ = true;
    HttpResponse response;
    AddHeaders({}, response);
    response.stream = [reading = std::make_shared<Reading>(channel_)](HttpStream& stream) {
      reading->channel->Pour(stream);
    };
    done_(std::move(response));
  }

  std::string Summary(const SqlStatistics& statistics) const {
    const auto passed = std::chrono::steady_clock::now() - started_;
    return "{\"read_rows\":\"" + std::to_string(statistics.rows_read) + "\",\"read_bytes\":\"" +
           std::to_string(statistics.bytes_read) +
           "\",\"written_rows\":\"0\",\"written_bytes\":\"0\",\"total_rows_to_read\":\"0\",\"result_rows\":"
           "\"" +
           std::to_string(statistics.rows_answered) + "\",\"result_bytes\":\"" +
           std::to_string(result_bytes_) + "\",\"elapsed_ns\":\"" +
           std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count()) + "\"}";
  }

  void AddHeaders(const SqlStatistics& statistics, HttpResponse& response) const {
    HttpHeaders& headers = response.headers;
    headers.Add("Content-Type",
                asked_.compress ? "application/octet-stream" : std::string(format_->content_type));
    headers.Add("X-ClickHouse-Server-Display-Name", "telltale");
    headers.Add("X-ClickHouse-Query-Id", asked_.query_id);
    headers.Add("X-ClickHouse-Format", std::string(format_->name));
    headers.Add("X-ClickHouse-Timezone", asked_.time_zone);
    headers.Add("X-ClickHouse-Exception-Tag", tag_);
    if (asked_.tell_progress) headers.Add("X-ClickHouse-Progress", Summary(statistics));
    headers.Add("X-ClickHouse-Summary", Summary(statistics));
    if (!asked_.compress && coding_ != BodyCoding::kNone)
      headers.Add("Content-Encoding", std::string(NameOf(coding_)));
  }

  const ClickHouseRequest& asked_;
  const BodyCoding coding_;
  const std::unique_ptr<BodyEncoder> encoder_;
  const HttpDone done_;
  const std::chrono::steady_clock::time_point started_;
  const std::string tag_;
  const SqlFormat* format_ = nullptr;
  std::string held_;  // encoded
  uint64_t result_bytes_ = 0;
  std::shared_ptr<Channel> channel_;
  std::atomic<bool> channel_made_ = false;  // channel_ is asked from another thread
};

// "http://localhost:3000", "null"
bool IsLoopbackOriginUntrusted(std::string_view origin) {
  const size_t host = origin.find("://");
  return host != origin.npos && IsLoopbackHostUntrusted(origin.substr(host + 3));
}

// A page of another site can make a browser send us a question, though never read the answer.
bool IsOfAnotherSite(const HttpRequest& request) {
  const std::string_view origin = request.headers.Get("Origin");
  if (!origin.empty()) return !IsLoopbackOriginUntrusted(origin);
  return request.headers.Get("Sec-Fetch-Site") == "cross-site";
}

HttpResponse PlainAnswer(int status, std::string_view text) {
  HttpResponse response = HttpResponse::Text(status, std::string(text));
  response.headers.Add("X-ClickHouse-Server-Display-Name", "telltale");
  return response;
}

SqlFault FaultOf(int number, std::string_view name, ErrorCode code, std::string message) {
  return {.error = {code, std::move(message), {}}, .number = number, .name = std::string(name)};
}

}  // namespace

struct ClickHouseFace::Parts {
  Parts(const ClickHouseOptions& face_options, Engine& engine)
      : options(face_options),
        sql(engine, face_options.threads),
        pool({.threads = face_options.threads, .queue_max = face_options.queue_max}) {}

  void Run(HttpRequest& request, const HttpDone& done) {
    auto asked = ReadClickHouseRequestUntrusted(request);
    if (!asked) return done(ClickHouseErrorResponse(asked.error()));
    const BodyCoding coding = asked->http_compression
                                  ? ChooseBodyCoding(request.headers.Get("Accept-Encoding"))
                                  : BodyCoding::kNone;
    AnswerSink sink(*asked, coding, done);
    asked->question.cancelled = [&sink, gone = request.client_gone] {
      return (gone != nullptr && gone->load()) || sink.closed();
    };
    const auto streamed = sql.Stream(asked->question, sink);
    if (streamed) return sink.End(*streamed);
    if (streamed.error().error.code == ErrorCode::kInternal) {
      Log(LogLevel::kError, "cannot answer a ClickHouse client",
          {{"reason", streamed.error().error.message}});
    }
    sink.Fail(streamed.error());
  }

  const ClickHouseOptions options;
  Sql sql;
  WorkerPool pool;  // Last: its jobs use everything above.
};

ClickHouseFace::ClickHouseFace(const ClickHouseOptions& options, Engine& engine)
    : parts_(std::make_unique<Parts>(options, engine)) {}
ClickHouseFace::~ClickHouseFace() = default;

void ClickHouseFace::Handle(HttpRequest request, HttpDone done) {
  if (request.method != "GET" && request.method != "HEAD" && request.method != "POST") {
    HttpResponse response = PlainAnswer(405, "This server answers GET and POST.\n");
    response.headers.Add("Allow", "GET, HEAD, POST");
    return done(std::move(response));
  }
  if (parts_->options.check_origin && IsOfAnotherSite(request)) {
    return done(ClickHouseErrorResponse(
        FaultOf(497, "ACCESS_DENIED", ErrorCode::kInvalidInput, "A page of another site may not ask here")));
  }
  if (request.path == "/ping" || request.path == "/replicas_status") return done(PlainAnswer(200, "Ok.\n"));
  if (request.path != "/" && request.path != "/query") return done(PlainAnswer(404, kNoHandler));
  if (request.body.empty() && !request.Param("query")) return done(PlainAnswer(200, "Ok.\n"));

  Parts* parts = parts_.get();
  // A job is kept only when TryPost says so: until then both are still needed here.
  auto shared = std::make_shared<std::pair<HttpRequest, HttpDone>>(std::move(request), std::move(done));
  if (parts->pool.TryPost([parts, shared] { parts->Run(shared->first, shared->second); })) return;
  shared->second(
      ClickHouseErrorResponse(FaultOf(202, "TOO_MANY_SIMULTANEOUS_QUERIES", ErrorCode::kUnavailable,
                                      "Too many statements are waiting: try again in a second")));
}

HttpResponse ClickHouseFace::Refuse(const HttpRefusal& refusal) const {
  const bool is_large = refusal.code == ErrorCode::kOverLimit;
  HttpResponse response =
      ClickHouseErrorResponse({.error = {refusal.code, refusal.message, refusal.hint},
                               .number = is_large ? 229 : 1000,
                               .name = is_large ? "QUERY_IS_TOO_LARGE" : "POCO_EXCEPTION"});
  response.status = refusal.status;
  std::erase_if(response.headers.fields, [](const auto& field) { return field.first == "Retry-After"; });
  return response;
}

}  // namespace telltale
