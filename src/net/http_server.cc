#include "net/http_server.h"

#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <functional>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "base/log.h"
#include "base/mutex.h"
#include "net/http_wire.h"
#include "net/loopback.h"
#include "net/stream_pipe.h"

namespace telltale {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

// Errors come back as values: a lost connection is not exceptional here.
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr size_t kHeaderBytesMax = 64u << 10;
// Enough for the head of nearly every request in one system call.
constexpr size_t kReadBytes = 16u << 10;
constexpr size_t kChunkReadBytes = 64u << 10;
// A buffer that one large head grew is given back once it is empty again.
constexpr size_t kIdleBufferBytesMax = 32u << 10;
// The deadlines of connections are looked at this often, which is also how late a
// deadline may be noticed. One timer per thread instead of one per operation.
constexpr auto kSweepEvery = std::chrono::milliseconds(500);
// How long a refused client may go on sending before we hang up: closing a socket
// with unread bytes would make the kernel throw away the refusal as well.
constexpr auto kLingerFor = std::chrono::seconds(2);

// Another program may have one of the two loopback addresses of a port.
constexpr int kFreePortTries = 20;

// The bytes of all request bodies that are being read or handled.
class BodyBudget {
 public:
  explicit BodyBudget(size_t bytes_max) : bytes_max_(bytes_max) {}

  bool TryTake(size_t bytes) {
    if (bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return true;
    Return(bytes);
    return false;
  }
  void Return(size_t bytes) { bytes_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  const size_t bytes_max_;
  std::atomic<size_t> bytes_ = 0;
};

// A share of the budget; given back when it goes out of scope.
class BodyShare {
 public:
  explicit BodyShare(std::shared_ptr<BodyBudget> budget) : budget_(std::move(budget)) {}
  BodyShare(BodyShare&& other) noexcept
      : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  ~BodyShare() { Clear(); }

  bool TryGrowTo(size_t bytes) {
    if (bytes <= bytes_) return true;
    if (!budget_->TryTake(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }
  void Clear() {
    if (bytes_ > 0) budget_->Return(std::exchange(bytes_, 0));
  }

 private:
  std::shared_ptr<BodyBudget> budget_;
  size_t bytes_ = 0;
};

// Where a handler leaves its response. It may outlive connection and server: a
// handler that answers too late finds it abandoned and nothing happens.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  // `wake` belongs to the connection and is touched on its thread only.
  Exchange(asio::io_context& io, asio::steady_timer& wake, BodyShare share)
      : io_(io), share_(std::move(share)), wake_(&wake) {}

  void Answer(HttpResponse response) { End({.response = std::move(response)}); }
  void LetGo() { End({.response = std::nullopt}); }

  struct Outcome {
    std::optional<HttpResponse> response;  // none: the handler let the request go
  };
  std::optional<Outcome> Take() {
    MutexLock lock(mu_);
    if (outcome_) wake_ = nullptr;
    return std::exchange(outcome_, std::nullopt);
  }

  void Abandon() {
    MutexLock lock(mu_);
    wake_ = nullptr;
  }

 private:
  void End(Outcome outcome) {
    MutexLock lock(mu_);
    if (std::exchange(answered_, true)) return;
    share_.Clear();
    if (wake_ == nullptr) return;
    outcome_ = std::move(outcome);
    // While wake_ is set its connection lives, and so does io_.
    if (io_.get_executor().running_in_this_thread()) {
      wake_->cancel();
    } else {
      asio::post(io_, [self = shared_from_this()] { self->Wake(); });
    }
  }

  void Wake() {
    MutexLock lock(mu_);
    if (wake_ != nullptr) wake_->cancel();
  }

  asio::io_context& io_;
  Mutex mu_;
  BodyShare share_ TELLTALE_GUARDED_BY(mu_);
  asio::steady_timer* wake_ TELLTALE_GUARDED_BY(mu_);
  std::optional<Outcome> outcome_ TELLTALE_GUARDED_BY(mu_);
  bool answered_ TELLTALE_GUARDED_BY(mu_) = false;
};

// Held by every copy of a `done`: when the last goes without an answer, the client
// must not wait for one for ever.
struct Ticket {
  explicit Ticket(std::shared_ptr<Exchange> of) : exchange(std::move(of)) {}
  ~Ticket() { exchange->LetGo(); }
  std::shared_ptr<Exchange> exchange;
};

// What all threads of a server share.
struct Shared {
  Shared(const HttpServerOptions& given, HttpHandler& given_handler)
      : options(given),
        handler(given_handler),
        budget(std::make_shared<BodyBudget>(given.inflight_bytes_max)) {}

  void ConnectionEnded() {
    MutexLock lock(mu);
    if (--connections == 0) none_left.NotifyAll();
  }

  const HttpServerOptions options;
  HttpHandler& handler;
  const std::shared_ptr<BodyBudget> budget;
  bool check_host = false;

  Mutex mu;
  CondVar none_left;
  int connections TELLTALE_GUARDED_BY(mu) = 0;
};

class Connection;

// One thread, its io_context and the connections that live on it.
struct IoThread {
  explicit IoThread(Shared& of) : shared(of), guard(io.get_executor()), sweep(io) {}

  void Run() {
    pthread_setname_np(pthread_self(), "http");
    io.run();
  }
  void ArmSweep();
  void CloseIdle();
  void AbortAll();

  Shared& shared;
  // One thread runs it, so its own locks are mostly for nothing.
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  asio::steady_timer sweep;
  std::thread thread;

  // Touched on `thread` only.
  std::unordered_set<Connection*> connections;
  bool sweeping = false;  // only while there are connections: an idle server sleeps
  bool stopping = false;  // answer what has begun, begin nothing
  bool aborting = false;  // end now
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(IoThread& thread, tcp::socket socket)
      : thread_(thread), options_(thread.shared.options), socket_(std::move(socket)), wake_(thread.io) {
    wake_.expires_at(SteadyClock::time_point::max());
  }

  static asio::awaitable<void> Run(std::shared_ptr<Connection> self) {
    if (self->options_.take_http2 && co_await self->GaveAwayHttp2()) co_return;
    while (co_await self->ServeOne()) {
    }
    error_code ignored;
    self->socket_.close(ignored);
  }

  void CheckDeadline(SteadyClock::time_point now) {
    if (now < deadline_) return;
    timed_out_ = true;
    CancelIo();
  }
  void CloseIfIdle() {
    if (idle_) CancelIo();
  }
  void Abort() {
    error_code ignored;
    socket_.close(ignored);
    if (pipe_ != nullptr) pipe_->Close();
    wake_.cancel();
  }

 private:
  using HeadParser = beast::http::request_parser<beast::http::string_body>;

  void SetDeadline(std::chrono::seconds from_now) {
    timed_out_ = false;
    deadline_ = SteadyClock::now() + from_now;
  }
  void NoDeadline() {
    timed_out_ = false;
    deadline_ = SteadyClock::time_point::max();
  }
  void CancelIo() {
    error_code ignored;
    socket_.cancel(ignored);
  }

  asio::awaitable<error_code> ReadMore(size_t bytes) {
    auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(bytes), kAwait);
    buffer_.commit(size);
    co_return error;
  }

  // True: the connection is another's now, or nobody's.
  asio::awaitable<bool> GaveAwayHttp2();

  // Each returns false when the connection must end.
  asio::awaitable<bool> ServeOne();
  asio::awaitable<bool> AwaitFirstByte();
  asio::awaitable<bool> ReadHead(HeadParser& parser);
  asio::awaitable<bool> ReadBody(HeadParser& parser, HttpRequest& request, BodyShare& share);
  asio::awaitable<bool> ReadSizedBody(size_t size, std::string& body);
  asio::awaitable<bool> ReadChunkedBody(HeadParser& parser, BodyShare& share);
  asio::awaitable<bool> Handle(HttpRequest request, BodyShare share);
  asio::awaitable<bool> Send(HttpResponse response);
  asio::awaitable<bool> SendStream(HttpResponse response, bool head_only);
  asio::awaitable<bool> WriteAll(std::string_view first, std::string_view second = {});

  // What the server says itself, as the handler words it.
  struct Refusal {
    int status;
    ErrorCode code;
    std::string message;
    std::string hint = {};
  };
  HttpResponse Word(Refusal refusal) const;
  asio::awaitable<void> Refuse(Refusal refusal);
  asio::awaitable<void> RefuseUnreadable(error_code error);
  std::optional<Refusal> WhyNot(const HeadParser& parser) const;
  Refusal PushBack() const;
  void WatchForHangUp(std::function<bool()> watching, std::function<void()> gone);

  IoThread& thread_;
  const HttpServerOptions& options_;
  tcp::socket socket_;
  beast::flat_buffer buffer_;
  asio::steady_timer wake_;  // never expires; cancelled to wake the coroutine
  std::shared_ptr<StreamPipe> pipe_;
  std::shared_ptr<std::atomic<bool>> gone_;  // of the request that is handled

  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  bool timed_out_ = false;
  bool idle_ = true;

  // Of the request in progress.
  const HeadParser* head_ = nullptr;
  int version_ = 11;
  bool keep_alive_ = true;
  bool head_only_ = false;
};

void IoThread::ArmSweep() {
  sweeping = !connections.empty();
  if (!sweeping) return;
  sweep.expires_after(kSweepEvery);
  sweep.async_wait([this](error_code error) {
    if (error) return;
    const auto now = SteadyClock::now();
    for (Connection* connection : connections) connection->CheckDeadline(now);
    ArmSweep();
  });
}

void IoThread::CloseIdle() {
  stopping = true;
  for (Connection* connection : connections) connection->CloseIfIdle();
}

void IoThread::AbortAll() {
  stopping = true;
  aborting = true;
  for (Connection* connection : connections) connection->Abort();
}

template <typename Fields>
void CopyHeaders(const Fields& from, HttpHeaders& to) {
  for (const auto& field : from) to.Add(std::string(field.name_string()), std::string(field.value()));
}

asio::awaitable<bool> Connection::ServeOne() {
  if (!co_await AwaitFirstByte()) co_return false;

  HeadParser parser;
  head_ = &parser;
  parser.header_limit(kHeaderBytesMax);
  parser.body_limit(options_.body_bytes_max);
  version_ = 11;
  head_only_ = false;
  if (!co_await ReadHead(parser)) co_return false;

  const auto& head = parser.get();
  version_ = static_cast<int>(head.version());
  keep_alive_ = head.keep_alive() && !thread_.stopping;
  head_only_ = head.method() == beast::http::verb::head;
  if (std::optional<Refusal> refusal = WhyNot(parser)) {
    co_await Refuse(std::move(*refusal));
    co_return false;
  }

  HttpRequest request;
  request.method = std::string(head.method_string());
  SplitTargetUntrusted(head.target(), request);
  CopyHeaders(head, request.headers);

  BodyShare share(thread_.shared.budget);
  if (!co_await ReadBody(parser, request, share)) co_return false;
  co_return co_await Handle(std::move(request), std::move(share));
}

asio::awaitable<bool> Connection::AwaitFirstByte() {
  if (thread_.stopping) co_return false;
  if (buffer_.size() == 0) {
    if (buffer_.capacity() > kIdleBufferBytesMax) buffer_.shrink_to_fit();
    idle_ = true;
    SetDeadline(std::chrono::seconds(options_.idle_seconds));
    const error_code error = co_await ReadMore(kReadBytes);
    idle_ = false;
    if (error) co_return false;
  }
  idle_ = false;
  SetDeadline(std::chrono::seconds(options_.request_seconds));
  co_return true;
}

asio::awaitable<bool> Connection::ReadHead(HeadParser& parser) {
  while (!parser.is_header_done()) {
    error_code error;
    buffer_.consume(parser.put(buffer_.data(), error));
    if (parser.is_header_done() && !error) break;
    if (!error || error == beast::http::error::need_more) error = co_await ReadMore(kReadBytes);
    if (error) {
      co_await RefuseUnreadable(error);
      co_return false;
    }
  }
  co_return true;
}

// What is wrong with a request as far as its head tells.
std::optional<Connection::Refusal> Connection::WhyNot(const HeadParser& parser) const {
  const auto& head = parser.get();
  const std::string_view host = head[beast::http::field::host];
  if (version_ == 11 && head.count(beast::http::field::host) != 1) {
    Count(Counter::kHttpRequestsUnreadable);
    return Refusal{400, ErrorCode::kInvalidInput, "read a request: it needs exactly one Host header"};
  }
  if (thread_.shared.check_host && !host.empty() && !IsLoopbackHostUntrusted(host)) {
    Count(Counter::kHttpRequestsRefusedHost);
    return Refusal{
        403, ErrorCode::kInvalidInput,
        "check the Host header: this server listens on loopback and answers to loopback names only",
        "use http://localhost or http://127.0.0.1 with the port, or listen on another address"};
  }
  if (head.count(beast::http::field::transfer_encoding) > 0 && !parser.chunked()) {
    return Refusal{501, ErrorCode::kInvalidInput, "read a request: its Transfer-Encoding is not chunked"};
  }
  const std::string_view expect = head[beast::http::field::expect];
  if (!expect.empty() && !beast::iequals(expect, "100-continue")) {
    return Refusal{417, ErrorCode::kInvalidInput, "meet the Expect header: only 100-continue is known"};
  }
  return std::nullopt;
}

Connection::Refusal Connection::PushBack() const {
  Count(Counter::kRequestsPushedBack);
  return {503, ErrorCode::kUnavailable,
          "take a request body: the bodies in progress have reached the limit of " +
              std::to_string(options_.inflight_bytes_max) + " bytes",
          "try again in a second"};
}

asio::awaitable<bool> Connection::ReadBody(HeadParser& parser, HttpRequest& request, BodyShare& share) {
  const size_t size = parser.content_length().value_or(0);
  if (!parser.chunked() && size == 0) co_return true;
  if (!share.TryGrowTo(size)) {
    co_await Refuse(PushBack());
    co_return false;
  }
  const bool wants_continue = !parser.get()[beast::http::field::expect].empty();
  if (wants_continue && version_ == 11 && buffer_.size() == 0) {
    if (!co_await WriteAll("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
    SetDeadline(std::chrono::seconds(options_.request_seconds));
  }
  if (!parser.chunked()) co_return co_await ReadSizedBody(size, request.body);
  if (!co_await ReadChunkedBody(parser, share)) co_return false;
  request.body = std::move(parser.get().body());
  co_return true;
}

// Past the first bytes, which came with the head, the kernel copies straight into the body.
asio::awaitable<bool> Connection::ReadSizedBody(size_t size, std::string& body) {
  const size_t early = std::min(size, buffer_.size());
  // The size that libstdc++ 12 passes on may be more than was asked for.
  body.resize_and_overwrite(size, [&](char* data, size_t) {
    std::memcpy(data, buffer_.data().data(), early);
    return size;
  });
  buffer_.consume(early);
  if (early == size) co_return true;
  auto [error, read] =
      co_await asio::async_read(socket_, asio::buffer(body.data() + early, size - early), kAwait);
  if (error) {
    co_await RefuseUnreadable(error);
    co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Connection::ReadChunkedBody(HeadParser& parser, BodyShare& share) {
  parser.eager(true);
  while (!parser.is_done()) {
    error_code error;
    const size_t used = parser.put(buffer_.data(), error);
    buffer_.consume(used);
    if (!share.TryGrowTo(parser.get().body().size())) {
      co_await Refuse(PushBack());
      co_return false;
    }
    if (parser.is_done() && !error) break;
    // Only a chunk's own header can stay unread here.
    if (buffer_.size() > kHeaderBytesMax) error = beast::http::error::header_limit;
    const bool hungry =
        error == beast::http::error::need_more || (!error && (used == 0 || buffer_.size() == 0));
    if (hungry) error = co_await ReadMore(kChunkReadBytes);
    if (error) {
      co_await RefuseUnreadable(error);
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<bool> Connection::Handle(HttpRequest request, BodyShare share) {
  NoDeadline();
  auto exchange = std::make_shared<Exchange>(thread_.io, wake_, std::move(share));
  if (options_.watch_clients) {
    gone_ = std::make_shared<std::atomic<bool>>(false);
    request.client_gone = gone_;
    WatchForHangUp([this, gone = gone_] { return gone_ == gone; }, [gone = gone_] { *gone = true; });
  }
  {
    const auto ticket = std::make_shared<Ticket>(exchange);
    const std::string what = request.method + " " + request.path;
    try {
      thread_.shared.handler.Handle(std::move(request), [ticket](HttpResponse response) {
        ticket->exchange->Answer(std::move(response));
      });
    } catch (const std::exception& e) {
      Log(LogLevel::kError, "request handler failed", {{"request", what}, {"reason", e.what()}});
      exchange->LetGo();
    }
  }
  while (true) {
    if (std::optional<Exchange::Outcome> outcome = exchange->Take()) {
      if (std::exchange(gone_, nullptr) != nullptr) CancelIo();  // The watch.
      if (thread_.aborting) co_return false;
      if (outcome->response) co_return co_await Send(std::move(*outcome->response));
      co_return co_await Send(Word(
          {500, ErrorCode::kInternal, "answer the request: our mistake", "the server's log may say more"}));
    }
    if (thread_.aborting) {
      if (gone_ != nullptr) *gone_ = true;
      exchange->Abandon();
      co_return false;
    }
    co_await wake_.async_wait(kAwait);
  }
}

asio::awaitable<bool> Connection::Send(HttpResponse response) {
  if (response.drop_connection) co_return false;
  if (thread_.stopping || beast::iequals(response.headers.Get("Connection"), "close")) keep_alive_ = false;
  std::erase_if(response.headers.fields,
                [](const auto& field) { return beast::iequals(field.first, "Connection"); });
  if (response.stream) co_return co_await SendStream(std::move(response), head_only_);

  const std::string_view body =
      response.static_body.data() != nullptr ? response.static_body : std::string_view(response.body);
  const bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  const std::string head =
      FormatResponseHead(response, {.version = version_,
                                    .keep_alive = keep_alive_,
                                    .framing = bodiless ? BodyFraming::kNone : BodyFraming::kLength,
                                    .content_length = body.size()});
  const bool sent = co_await WriteAll(head, bodiless || head_only_ ? std::string_view() : body);
  co_return sent&& keep_alive_;
}

asio::awaitable<bool> Connection::SendStream(HttpResponse response, bool head_only) {
  const bool chunked = version_ == 11;
  if (!chunked) keep_alive_ = false;
  const std::string head =
      FormatResponseHead(response, {.version = version_,
                                    .keep_alive = keep_alive_,
                                    .framing = chunked ? BodyFraming::kChunked : BodyFraming::kUntilClose});
  if (!co_await WriteAll(head)) co_return false;
  if (head_only) co_return keep_alive_;

  // The coroutine does not end before the thread has, so `this` outlives it.
  const auto pipe = std::make_shared<StreamPipe>(
      chunked, [this] { asio::post(thread_.io, [self = shared_from_this()] { self->wake_.cancel(); }); });
  pipe_ = pipe;
  WatchForHangUp([this, pipe] { return pipe_ == pipe; },
                 [this, pipe] {
                   pipe->Close();
                   wake_.cancel();
                 });
  std::thread producer([pipe, produce = std::exchange(response.stream, nullptr)]() mutable {
    try {
      produce(*pipe);
    } catch (const std::exception& e) {
      Log(LogLevel::kError, "streamed response failed", {{"reason", e.what()}});
    }
    produce = nullptr;
    pipe->Finish();
  });

  bool alive = true;
  while (true) {
    const bool finished = pipe->finished();
    const std::string bytes = pipe->Take();
    if (alive && !bytes.empty()) alive = co_await WriteAll(bytes);
    if (!alive || thread_.aborting) pipe->Close();
    if (finished) break;
    if (bytes.empty()) co_await wake_.async_wait(kAwait);
  }
  producer.join();
  alive = alive && !pipe->closed() && !pipe->broken_off();
  pipe_ = nullptr;
  CancelIo();  // The watch.
  co_return alive&& keep_alive_;
}

// HTTP/2 begins with "PRI * HTTP/2.0", which is one packet of any client of it; no method of
// HTTP/1.1 begins so.
asio::awaitable<bool> Connection::GaveAwayHttp2() {
  constexpr std::string_view kBeginning = "PRI ";
  SetDeadline(std::chrono::seconds(options_.idle_seconds));
  idle_ = true;
  auto [error] = co_await socket_.async_wait(tcp::socket::wait_read, kAwait);
  idle_ = false;
  if (error) {
    // Nothing came in time.
    error_code ignored;
    socket_.close(ignored);
    co_return true;
  }
  char bytes[kBeginning.size()];
  if (::recv(socket_.native_handle(), bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT) !=
      static_cast<ssize_t>(sizeof bytes)) {
    co_return false;
  }
  if (std::string_view(bytes, sizeof bytes) != kBeginning || thread_.stopping) co_return false;
  error_code failed;
  const int fd = socket_.release(failed);
  if (!failed) options_.take_http2(fd);
  co_return true;
}

// A client that hangs up while it is answered is noticed at once, not at the next write. A
// client that shuts down only its sending side counts as gone too: the two cannot be
// told apart from here. `watching`: is this still about the same answer?
void Connection::WatchForHangUp(std::function<bool()> watching, std::function<void()> gone) {
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this(), watching = std::move(watching),
                                              gone = std::move(gone)](error_code error) {
    if (error || !watching()) return;
    char byte = 0;
    const ssize_t size = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    // Bytes are the next, pipelined request. They stay where they are, and with them
    // in the way an end behind them cannot be seen.
    if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR))) return;
    gone();
  });
}

// The deadline counts from the last progress: a slow client may take its time, one
// that reads nothing may not.
asio::awaitable<bool> Connection::WriteAll(std::string_view first, std::string_view second) {
  std::array<asio::const_buffer, 2> left = {asio::buffer(first), asio::buffer(second)};
  while (asio::buffer_size(left) > 0) {
    SetDeadline(std::chrono::seconds(options_.request_seconds));
    auto [error, size] = co_await socket_.async_write_some(left, kAwait);
    if (error) co_return false;
    const size_t of_first = std::min(size, left[0].size());
    left[0] += of_first;
    left[1] += size - of_first;
  }
  NoDeadline();
  co_return true;
}

HttpResponse Connection::Word(Refusal refusal) const {
  HttpRefusal worded{.status = refusal.status,
                     .code = refusal.code,
                     .message = std::move(refusal.message),
                     .hint = std::move(refusal.hint),
                     .headers = {}};
  CopyHeaders(head_->get(), worded.headers);
  HttpResponse response = thread_.shared.handler.Refuse(worded);
  if (refusal.status == 503) response.headers.Add("Retry-After", "1");
  return response;
}

// Answers a request whose rest stays unread; the connection ends with it.
asio::awaitable<void> Connection::Refuse(Refusal refusal) {
  keep_alive_ = false;
  const HttpResponse response = Word(std::move(refusal));
  const std::string head = FormatResponseHead(
      response, {.version = version_, .keep_alive = false, .content_length = response.body.size()});
  const std::string_view body = head_only_ ? std::string_view() : std::string_view(response.body);
  if (!co_await WriteAll(head, body)) co_return;

  error_code error;
  socket_.shutdown(tcp::socket::shutdown_send, error);
  const auto until = SteadyClock::now() + kLingerFor;
  SetDeadline(kLingerFor);
  while (!error && SteadyClock::now() < until) {
    buffer_.clear();
    error = co_await ReadMore(kReadBytes);
  }
}

asio::awaitable<void> Connection::RefuseUnreadable(error_code error) {
  using beast::http::error;
  if (timed_out_ && !thread_.aborting) {
    Count(Counter::kHttpRequestsUnreadable);
    co_await Refuse(
        {408, ErrorCode::kOverLimit,
         "read a request: it took longer than " + std::to_string(options_.request_seconds) + " s"});
  } else if (error == error::body_limit) {
    Count(Counter::kRequestsRefusedTooLarge);
    co_await Refuse({413, ErrorCode::kOverLimit,
                     "read a request: its body is above the limit of " +
                         std::to_string(options_.body_bytes_max) + " bytes",
                     "send smaller batches"});
  } else if (error == error::header_limit) {
    Count(Counter::kHttpRequestsUnreadable);
    co_await Refuse(
        {431, ErrorCode::kOverLimit,
         "read a request: its headers are above the limit of " + std::to_string(kHeaderBytesMax) + " bytes"});
  } else if (error.category() == beast::http::make_error_code(error::bad_version).category()) {
    Count(Counter::kHttpRequestsUnreadable);
    co_await Refuse({400, ErrorCode::kInvalidInput,
                     "read a request: this is not HTTP/1.1: " + error.message(),
                     "an https:// or gRPC client on this port? It speaks plain HTTP/1.1"});
  }
  // Anything else: the client has gone.
}

void StartConnection(IoThread& thread, tcp::socket socket) {
  Shared& shared = thread.shared;
  if (thread.stopping) return shared.ConnectionEnded();
  const auto connection = std::make_shared<Connection>(thread, std::move(socket));
  thread.connections.insert(connection.get());
  if (!thread.sweeping) thread.ArmSweep();
  // The handler keeps the connection alive until the bookkeeping below is done.
  asio::co_spawn(thread.io, Connection::Run(connection), [&thread, connection](std::exception_ptr failure) {
    thread.connections.erase(connection.get());
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& e) {
        Log(LogLevel::kError, "connection failed", {{"reason", e.what()}});
      }
    }
    thread.shared.ConnectionEnded();
  });
}

class BeastServer final : public HttpServer {
 public:
  BeastServer(const HttpServerOptions& options, HttpHandler& handler) : shared_(options, handler) {
    for (int i = 0; i < std::max(1, options.threads); ++i) {
      threads_.push_back(std::make_unique<IoThread>(shared_));
    }
  }

  ~BeastServer() override { Stop(0); }

  Status Bind() {
    const HttpServerOptions& options = shared_.options;
    const bool both = options.address == "localhost";
    error_code error;
    const auto address = asio::ip::make_address(both ? "127.0.0.1" : options.address, error);
    if (error) {
      return Fail(ErrorCode::kInvalidInput,
                  "listen on " + options.address + ":" + std::to_string(options.port) + ": not an IP address",
                  "write localhost for this machine only, 0.0.0.0 for every network");
    }
    shared_.check_host = options.check_host && address.is_loopback();
    Status bound = BindAll(address, both);
    // Any port that is free for both families will do.
    for (int again = 0; !bound && both && options.port == 0 && again < kFreePortTries; ++again) {
      bound = BindAll(address, both);
    }
    return bound;
  }

  void Start() {
    for (auto& thread : threads_) {
      thread->thread = std::thread([t = thread.get()] { t->Run(); });
    }
    for (tcp::acceptor& acceptor : acceptors_) {
      asio::co_spawn(threads_[0]->io, Accept(acceptor), asio::detached);
    }
  }

  uint16_t port() const override { return port_; }

  void Stop(int grace_ms) override {
    MutexLock stop_lock(stop_mu_);
    if (std::exchange(stopped_, true)) return;
    asio::post(threads_[0]->io, [this] {
      error_code ignored;
      for (tcp::acceptor& acceptor : acceptors_) acceptor.close(ignored);
    });
    for (auto& thread : threads_) {
      asio::post(thread->io, [t = thread.get()] { t->CloseIdle(); });
    }
    {
      const auto until = SteadyClock::now() + std::chrono::milliseconds(grace_ms);
      MutexLock lock(shared_.mu);
      while (shared_.connections > 0 && SteadyClock::now() < until) {
        shared_.none_left.WaitFor(lock, until - SteadyClock::now());
      }
    }
    for (auto& thread : threads_) {
      asio::post(thread->io, [t = thread.get()] { t->AbortAll(); });
    }
    {
      MutexLock lock(shared_.mu);
      while (shared_.connections > 0) shared_.none_left.Wait(lock);
    }
    for (auto& thread : threads_) thread->io.stop();
    for (auto& thread : threads_) {
      if (thread->thread.joinable()) thread->thread.join();
    }
  }

 private:
  Status BindAll(const asio::ip::address& address, bool both) {
    acceptors_.clear();
    acceptors_.reserve(2);
    TELLTALE_RETURN_IF_ERROR(BindOne({address, shared_.options.port}));
    port_ = acceptors_[0].local_endpoint().port();
    if (!both || !HasIpv6Loopback()) return {};
    return BindOne({asio::ip::address_v6::loopback(), port_});
  }

  Status BindOne(const tcp::endpoint& endpoint) {
    error_code error;
    tcp::acceptor& acceptor = acceptors_.emplace_back(threads_[0]->io);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return {};
    const std::string name = endpoint.address().is_v6() ? "[" + endpoint.address().to_string() + "]"
                                                        : endpoint.address().to_string();
    return Fail(ErrorCode::kUnavailable,
                "listen on " + name + ":" + std::to_string(endpoint.port()) + ": " + error.message(),
                error == asio::error::address_in_use
                    ? "another program has this port: stop it or choose another"
                    : "");
  }

  // One acceptor an address hands sockets to the threads in turn. SO_REUSEPORT would spare the
  // hand-over, but would also let a second Telltale bind the same port in silence, and
  // with few long-lived connections its hash leaves threads idle.
  asio::awaitable<void> Accept(tcp::acceptor& acceptor) {
    while (acceptor.is_open()) {
      IoThread& thread = *threads_[next_thread_++ % threads_.size()];
      tcp::socket socket(thread.io);
      auto [error] = co_await acceptor.async_accept(socket, kAwait);
      if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
      if (error) {
        // Mostly EMFILE: waiting lets connections end and descriptors come back.
        Log(LogLevel::kWarn, "cannot accept a connection", {{"reason", error.message()}});
        asio::steady_timer pause(threads_[0]->io, std::chrono::milliseconds(100));
        co_await pause.async_wait(kAwait);
        continue;
      }
      if (!Admit()) continue;
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      asio::post(thread.io, [&thread, moved = std::move(socket)]() mutable {
        StartConnection(thread, std::move(moved));
      });
    }
  }

  bool Admit() {
    MutexLock lock(shared_.mu);
    if (shared_.connections >= shared_.options.connections_max) {
      Count(Counter::kHttpConnectionsRefused);
      return false;
    }
    ++shared_.connections;
    return true;
  }

  Shared shared_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::vector<tcp::acceptor> acceptors_;
  size_t next_thread_ = 0;  // touched on the first thread only
  uint16_t port_ = 0;

  Mutex stop_mu_;
  bool stopped_ TELLTALE_GUARDED_BY(stop_mu_) = false;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(const HttpServerOptions& options,
                                                       HttpHandler& handler) {
  auto server = std::make_unique<BeastServer>(options, handler);
  TELLTALE_RETURN_IF_ERROR(server->Bind());
  server->Start();
  return server;
}

}  // namespace telltale
