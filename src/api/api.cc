#include "api/api.h"

#include <utility>

#include "api/answer.h"
#include "api/face.h"
#include "api/latency.h"
#include "api/tempo.h"
#include "base/clock.h"
#include "net/worker_pool.h"

namespace telltale {
namespace {

using FaceAnswer = HttpResponse (*)(const Face&, const HttpRequest&);

struct Route {
  std::string_view prefix;
  QueryLatency::Kind kind;
  FaceAnswer answer;
};

// The first match counts.
constexpr Route kRoutes[] = {
    {"/api/v1/", QueryLatency::Kind::kRest, AnswerRest},
    {"/api/v3/", QueryLatency::Kind::kJaegerV3, AnswerJaegerV3},
    {"/api/", QueryLatency::Kind::kJaeger, AnswerJaeger},
};

// Everything is asked by GET, but for questions that are too long for an address, and what
// changes the store.
bool IsPosted(std::string_view path) {
  return path == "/api/v1/explain" || path == "/api/v1/tokens" || path == "/api/v1/reprice" ||
         path == "/api/v1/sql";
}

bool MayAsk(const HttpRequest& request) {
  if (IsPosted(request.path)) return request.method == "POST";
  return request.method == "GET" || request.method == "HEAD";
}

HttpResponse MethodNotAllowed(const HttpRequest& request) {
  const bool is_posted = IsPosted(request.path);
  HttpResponse response =
      ErrorAnswer({ErrorCode::kInvalidInput,
                   "answer " + request.path + ": method " + request.method +
                       (is_posted ? ": this path only answers POST" : ": this server only answers GET"),
                   ""});
  response.status = 405;
  response.headers.Add("Allow", is_posted ? "POST" : "GET, HEAD");
  return response;
}

bool IsHealthPath(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

constexpr Route kTempo = {"/", QueryLatency::Kind::kTempo, AnswerTempo};

Error TooManyWait(const HttpRequest& request) {
  return {ErrorCode::kUnavailable, "answer " + request.path + ": too many questions are waiting",
          "try again in a second"};
}

}  // namespace

struct Api::Parts {
  Parts(ApiOptions api_options, Engine& the_engine)
      : options(std::move(api_options)),
        tail(options.stored_until_unix_ms
                 ? std::make_unique<LiveTail>(LiveTailOptions(), options.stored_until_unix_ms)
                 : nullptr),
        face{the_engine, *Clock::System(), options, {}, std::make_shared<Sql>(the_engine), {}, tail.get()},
        files(options.files),
        tempo(*this),
        pool({.threads = options.threads, .queue_max = options.queue_max}) {}

  HttpResponse Ask(const Route& route, const HttpRequest& request) {
    const uint64_t started = face.clock.MonotonicNanos();
    HttpResponse response = route.answer(face, request);
    CompressFor(request, response);
    latency.Add(route.kind, static_cast<double>(face.clock.MonotonicNanos() - started) / 1e9);
    return response;
  }

  // `refuse` words that too many wait.
  template <typename Refuse>
  void Post(const Route& route, HttpRequest request, HttpDone done, Refuse refuse) {
    // A job is kept only when TryPost says so: until then both are still needed here.
    auto shared = std::make_shared<std::pair<HttpRequest, HttpDone>>(std::move(request), std::move(done));
    const bool taken = pool.TryPost([this, &route, shared] { shared->second(Ask(route, shared->first)); });
    if (!taken) shared->second(refuse(TooManyWait(shared->first)));
  }

  // Port 3200: every path is Tempo's, and errors are worded as Tempo's.
  class Tempo final : public HttpHandler {
   public:
    explicit Tempo(Parts& parts) : parts_(parts) {}

    void Handle(HttpRequest request, HttpDone done) override {
      if (request.method != "GET" && request.method != "HEAD") {
        HttpResponse response = TempoError(405, "this server only answers GET", "");
        response.headers.Add("Allow", "GET, HEAD");
        return done(std::move(response));
      }
      parts_.Post(kTempo, std::move(request), std::move(done),
                  [](const Error& error) { return TempoError(503, error.message, error.hint); });
    }
    HttpResponse Refuse(const HttpRefusal& refusal) const override {
      return TempoError(refusal.status, refusal.message, refusal.hint);
    }

   private:
    Parts& parts_;
  };

  const ApiOptions options;
  const std::unique_ptr<LiveTail> tail;  // null: nothing can be followed
  const Face face;
  const StaticFiles files;
  QueryLatency latency;
  Tempo tempo;
  WorkerPool pool;  // Last: its jobs use everything above.
};

Api::Api(ApiOptions options, Engine& engine) : parts_(std::make_unique<Parts>(std::move(options), engine)) {}
Api::~Api() = default;

void Api::Stored() {
  if (parts_->tail != nullptr) parts_->tail->Wake();
}

void Api::EndTails() {
  if (parts_->tail != nullptr) parts_->tail->Stop();
}

HttpHandler& Api::tempo() {
  return parts_->tempo;
}

void Api::Handle(HttpRequest request, HttpDone done) {
  if (!MayAsk(request)) return done(MethodNotAllowed(request));
  if (IsHealthPath(request.path)) return done(AnswerHealth(parts_->face, parts_->latency, request));

  for (const Route& route : kRoutes) {
    if (!request.path.starts_with(route.prefix)) continue;
    return parts_->Post(route, std::move(request), std::move(done), ErrorAnswer);
  }
  done(parts_->files.Answer(request));
}

}  // namespace telltale
