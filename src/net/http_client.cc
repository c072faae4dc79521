#include "net/http_client.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

namespace telltale {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// One call: what it is to, for messages, and until when it may take.
struct Call {
  std::string what;
  SteadyClock::time_point until;
  const std::function<bool()>& cancelled;

  std::unexpected<Error> Refused(int error) const {
    return Fail(ErrorCode::kUnavailable, what + ": " + std::strerror(error),
                error == ECONNREFUSED ? "nothing listens there: is the server running?" : "");
  }

  // Success when `fd` is ready for `events`.
  Status Wait(int fd, short events) const {
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now()).count();
      if (left <= 0) return Fail(ErrorCode::kOverLimit, what + ": no answer within the time allowed");
      if (cancelled && cancelled()) return Fail(ErrorCode::kOverLimit, what + ": nobody waits for it");
      constexpr int64_t kLookEveryMs = 50;
      pollfd entry{.fd = fd, .events = events, .revents = 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(cancelled ? std::min(left, kLookEveryMs) : left));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return Refused(errno);
    }
  }
};

Result<Socket> ConnectTo(const addrinfo& address, const Call& call) {
  Socket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return call.Refused(errno);
  const int on = 1;
  ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.fd(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return call.Refused(errno);
  TELLTALE_RETURN_IF_ERROR(call.Wait(socket.fd(), POLLOUT));
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return call.Refused(error);
  return socket;
}

// Tries every address of the name: localhost is often ::1 first, where nothing listens.
Result<Socket> Connect(const HttpUrl& url, const Call& call) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(url.host.c_str(), url.port.c_str(), &wanted, &found);
  if (error != 0) return Fail(ErrorCode::kUnavailable, call.what + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);

  Result<Socket> socket = Fail(ErrorCode::kUnavailable, call.what + ": the name has no address");
  for (const addrinfo* address = found; address != nullptr && !socket; address = address->ai_next) {
    socket = ConnectTo(*address, call);
  }
  return socket;
}

// A server may answer and hang up before it has read all (413): then the answer counts,
// so a failed write is no failure yet.
Status SendAll(int fd, std::string_view bytes, const Call& call) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (sent < 0 && errno == EAGAIN) {
      TELLTALE_RETURN_IF_ERROR(call.Wait(fd, POLLOUT));
    } else if (sent < 0 && errno != EINTR) {
      return {};
    }
  }
  return {};
}

Result<HttpClientResponse> Receive(int fd, const HttpClientRequest& request, const Call& call) {
  constexpr size_t kHeadBytesMax = 1u << 20;
  std::string bytes;
  bool at_end = false;
  while (true) {
    char piece[64 << 10];
    const ssize_t size = ::recv(fd, piece, sizeof piece, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) return call.Refused(errno);
    if (size > 0) {
      bytes.append(piece, static_cast<size_t>(size));
      if (bytes.size() <= request.body_bytes_max + kHeadBytesMax) continue;
      return Fail(ErrorCode::kOverLimit, call.what + ": the answer passes the limit of " +
                                             std::to_string(request.body_bytes_max) + " bytes");
    }
    at_end = size == 0;
    TELLTALE_ASSIGN_OR_RETURN(
        std::optional<HttpClientResponse> response,
        ParseResponseUntrusted({.bytes = bytes, .at_end = at_end, .head_only = request.method == "HEAD"}));
    if (response) return std::move(*response);
    if (at_end) return Fail(ErrorCode::kUnavailable, call.what + ": the connection ended without an answer");
    TELLTALE_RETURN_IF_ERROR(call.Wait(fd, POLLIN));
  }
}

std::string FormatRequest(const HttpClientRequest& request, const HttpUrl& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  std::string out =
      request.method + " " + url.target + " HTTP/1.1\r\nHost: " + (v6 ? "[" + url.host + "]" : url.host);
  if (url.port != "80") out += ":" + url.port;
  out += "\r\nConnection: close\r\n";
  if (!request.body.empty() || !request.body_pieces.empty() || request.method == "POST" ||
      request.method == "PUT") {
    size_t size = request.body.size();
    for (const std::string_view piece : request.body_pieces) size += piece.size();
    out += "Content-Length: " + std::to_string(size) + "\r\n";
  }
  for (const auto& [name, value] : request.headers.fields) out += name + ": " + value + "\r\n";
  return out + "\r\n" + request.body;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::unexpected<Error> NotHttp(std::string why) {
  return Fail(ErrorCode::kCorrupt, "read an HTTP answer: " + std::move(why));
}

// The line up to the next CRLF, taken off `rest`; nullopt when it is not complete.
std::optional<std::string_view> TakeLine(std::string_view& rest) {
  const size_t end = rest.find("\r\n");
  if (end == rest.npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

template <typename T>
bool ParseNumber(std::string_view text, int base, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc() && end == text.data() + text.size();
}

// False: more must come.
Result<bool> ReadChunks(std::string_view rest, std::string& body) {
  while (true) {
    const std::optional<std::string_view> line = TakeLine(rest);
    if (!line) return false;
    size_t size = 0;
    if (!ParseNumber(Trim(line->substr(0, line->find(';'))), 16, size)) return NotHttp("a chunk has no size");
    if (size == 0) {
      while (const std::optional<std::string_view> trailer = TakeLine(rest)) {
        if (trailer->empty()) return true;
      }
      return false;
    }
    if (rest.size() < 2 || size > rest.size() - 2) return false;
    body += rest.substr(0, size);
    if (rest.substr(size, 2) != "\r\n") return NotHttp("a chunk is longer than its size");
    rest.remove_prefix(size + 2);
  }
}

Result<int> ParseStatusLine(std::string_view line) {
  int status = 0;
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ' ||
      !ParseNumber(line.substr(9, 3), 10, status) || status < 100) {
    return NotHttp("its first line is not a status line");
  }
  return status;
}

// The head and, in `rest`, what follows it; nullopt when it is not complete.
Result<std::optional<HttpClientResponse>> ReadHead(std::string_view& rest) {
  const size_t end = rest.find("\r\n\r\n");
  if (end == rest.npos) return std::nullopt;
  std::string_view head = rest.substr(0, end + 2);
  rest.remove_prefix(end + 4);

  HttpClientResponse response;
  TELLTALE_ASSIGN_OR_RETURN(response.status, ParseStatusLine(*TakeLine(head)));
  while (const std::optional<std::string_view> line = TakeLine(head)) {
    const size_t colon = line->find(':');
    if (colon == line->npos) return NotHttp("a header has no colon");
    response.headers.Add(std::string(line->substr(0, colon)), std::string(Trim(line->substr(colon + 1))));
  }
  return response;
}

// Reads on until the body ends, `take` has enough, or the silence is too long.
Status FollowBody(int fd, std::string_view first, BodyUnframer body, const Call& call, int silence_ms,
                  const std::function<bool(std::string_view)>& take) {
  std::string piece(first);
  char buffer[64 << 10];
  auto heard = SteadyClock::now();
  while (true) {
    TELLTALE_ASSIGN_OR_RETURN(const std::string_view some, body.AddUntrusted(piece));
    if (!take(some) || body.done()) return {};
    piece.clear();
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&entry, 1, kFollowTickMs) > 0) {
      const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
      if (size < 0 && errno != EAGAIN && errno != EINTR) return call.Refused(errno);
      if (size == 0) return Fail(ErrorCode::kUnavailable, call.what + ": the connection ended");
      if (size > 0) piece.assign(buffer, static_cast<size_t>(size));
      heard = SteadyClock::now();
    } else if (SteadyClock::now() - heard > std::chrono::milliseconds(silence_ms)) {
      return Fail(ErrorCode::kUnavailable, call.what + ": nothing came for too long");
    }
  }
}

}  // namespace

Result<HttpClientResponse> HttpFollow(const HttpClientRequest& request,
                                      const std::function<bool(std::string_view)>& take) {
  TELLTALE_ASSIGN_OR_RETURN(const HttpUrl url, ParseHttpUrl(request.url));
  const Call call{.what = request.method + " " + request.url,
                  .until = SteadyClock::now() + std::chrono::milliseconds(request.timeout_ms),
                  .cancelled = request.cancelled};
  TELLTALE_ASSIGN_OR_RETURN(const Socket socket, Connect(url, call));
  TELLTALE_RETURN_IF_ERROR(SendAll(socket.fd(), FormatRequest(request, url), call));
  constexpr size_t kHeadBytesMax = 1u << 20;
  std::string bytes;
  while (bytes.size() < kHeadBytesMax) {
    TELLTALE_RETURN_IF_ERROR(call.Wait(socket.fd(), POLLIN));
    char piece[16 << 10];
    const ssize_t size = ::recv(socket.fd(), piece, sizeof piece, 0);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) return call.Refused(errno);
    if (size == 0)
      return Fail(ErrorCode::kUnavailable, call.what + ": the connection ended without an answer");
    bytes.append(piece, static_cast<size_t>(size));
    std::string_view rest = bytes;
    TELLTALE_ASSIGN_OR_RETURN(std::optional<HttpClientResponse> head, ReadHead(rest));
    if (!head) continue;
    if (head->status != 200) return HttpFetch(request);
    TELLTALE_RETURN_IF_ERROR(
        FollowBody(socket.fd(), rest, BodyUnframer(*head), call, request.timeout_ms, take));
    return *std::move(head);
  }
  return NotHttp("its head is too large");
}

Result<HttpUrl> ParseHttpUrl(std::string_view url) {
  const std::string what = "read the URL \"" + std::string(url) + "\": ";
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return Fail(ErrorCode::kInvalidInput, what + "it does not start with http://");
  }
  url.remove_prefix(kScheme.size());
  const size_t host_end = std::min(url.find_first_of("/?#"), url.size());
  std::string_view authority = url.substr(0, host_end);
  std::string_view target = url.substr(host_end);
  target = target.substr(0, target.find('#'));

  HttpUrl parsed;
  if (!target.empty())
    parsed.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == authority.npos)
      return Fail(ErrorCode::kInvalidInput, what + "the host has no closing bracket");
    parsed.host = std::string(authority.substr(1, close - 1));
    authority.remove_prefix(close + 1);
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    parsed.host = std::string(authority.substr(0, colon));
    authority.remove_prefix(colon);
  }
  if (authority.starts_with(':')) parsed.port = std::string(authority.substr(1));
  uint16_t port = 0;
  if (parsed.host.empty() || (!authority.empty() && !authority.starts_with(':')) ||
      !ParseNumber(parsed.port, 10, port)) {
    return Fail(ErrorCode::kInvalidInput, what + "it has no host, or its port is not a number");
  }
  const bool breaks_the_line = std::ranges::any_of(
      parsed.target + parsed.host, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
  if (breaks_the_line) return Fail(ErrorCode::kInvalidInput, what + "it holds spaces or control characters");
  return parsed;
}

Result<std::optional<HttpClientResponse>> ParseResponseUntrusted(const ResponseBytes& from) {
  std::string_view rest = from.bytes;
  std::optional<HttpClientResponse> response;
  do {
    TELLTALE_ASSIGN_OR_RETURN(response, ReadHead(rest));
    if (!response) {
      if (from.at_end && !from.bytes.empty()) return NotHttp("it is cut off in its head");
      return std::nullopt;
    }
    // 1xx answers come before the one that counts.
  } while (response->status < 200);

  if (from.head_only || response->status == 204 || response->status == 304) return response;
  bool complete = false;
  if (response->headers.Get("Transfer-Encoding").find("chunked") != std::string_view::npos) {
    // Every chunked body ends so; looking first keeps long answers linear.
    if (!from.at_end && !rest.ends_with("\r\n\r\n")) return std::nullopt;
    TELLTALE_ASSIGN_OR_RETURN(complete, ReadChunks(rest, response->body));
  } else if (const std::string_view length = response->headers.Get("Content-Length"); !length.empty()) {
    size_t size = 0;
    if (!ParseNumber(length, 10, size)) return NotHttp("its Content-Length is not a number");
    complete = rest.size() >= size;
    if (complete) response->body = std::string(rest.substr(0, size));
  } else if (from.at_end) {
    response->body = std::string(rest);
    complete = true;
  }
  if (complete) return response;
  if (from.at_end) return NotHttp("it is cut off in its body");
  return std::nullopt;
}

BodyUnframer::BodyUnframer(const HttpClientResponse& response) {
  if (response.headers.Get("Transfer-Encoding").contains("chunked")) {
    state_ = State::kChunkHead;
  } else if (const std::string_view length = response.headers.Get("Content-Length");
             !length.empty() && ParseNumber(length, 10, left_)) {
    state_ = left_ == 0 ? State::kDone : State::kLength;
  }
}

Result<bool> BodyUnframer::TakeLine() {
  constexpr size_t kLineBytesMax = 8192;
  const size_t end = in_.find('\n');
  line_ += in_.substr(0, std::min(end, in_.size()));
  in_.remove_prefix(end == in_.npos ? in_.size() : end + 1);
  if (line_.size() > kLineBytesMax) return NotHttp("a line of its framing is too long");
  if (end == in_.npos) return false;
  if (line_.ends_with('\r')) line_.pop_back();
  return true;
}

Status BodyUnframer::ReadLine() {
  const std::string line = std::exchange(line_, {});
  switch (state_) {
    case State::kChunkHead:
      if (!ParseNumber(Trim(std::string_view(line).substr(0, line.find(';'))), 16, left_))
        return NotHttp("a chunk has no size");
      state_ = left_ == 0 ? State::kTrailer : State::kChunk;
      return {};
    case State::kChunkEnd:
      if (!line.empty()) return NotHttp("a chunk is longer than its size");
      state_ = State::kChunkHead;
      return {};
    default:
      if (line.empty()) state_ = State::kDone;
      return {};
  }
}

Result<std::string_view> BodyUnframer::AddUntrusted(std::string_view bytes) {
  if (state_ == State::kUntilClose) return bytes;
  in_ = bytes;
  out_.clear();
  while (!in_.empty() && state_ != State::kDone) {
    if (state_ == State::kLength || state_ == State::kChunk) {
      const std::string_view part = in_.substr(0, left_);
      out_ += part;
      in_.remove_prefix(part.size());
      left_ -= part.size();
      if (left_ == 0) state_ = state_ == State::kLength ? State::kDone : State::kChunkEnd;
      continue;
    }
    TELLTALE_ASSIGN_OR_RETURN(const bool complete, TakeLine());
    if (!complete) break;
    TELLTALE_RETURN_IF_ERROR(ReadLine());
  }
  return std::string_view(out_);
}

namespace {

// The body of an answer with status 200, to whoever takes it. `bytes`: what came behind the head.
Result<HttpClientResponse> HandOver(int fd, HttpClientResponse response, std::string bytes,
                                    const HttpClientRequest& request, const Call& call) {
  BodyUnframer body(response);
  bytes.reserve(64 << 10);
  while (true) {
    TELLTALE_ASSIGN_OR_RETURN(const std::string_view piece, body.AddUntrusted(bytes));
    if (!piece.empty() && !request.take(piece)) return response;
    if (body.done()) return response;
    bytes.resize(64 << 10);
    const ssize_t size = ::recv(fd, bytes.data(), bytes.size(), 0);
    bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
    if (size > 0) continue;
    if (size == 0) {
      if (body.until_close()) return response;
      return Fail(ErrorCode::kUnavailable, call.what + ": the answer broke off");
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return call.Refused(errno);
    TELLTALE_RETURN_IF_ERROR(call.Wait(fd, POLLIN));
  }
}

// As Receive, but for a body with status 200, which is handed over.
Result<HttpClientResponse> ReceiveAndHandOver(int fd, const HttpClientRequest& request, const Call& call) {
  constexpr size_t kHeadBytesMax = 1u << 20;
  std::string bytes;
  while (true) {
    char piece[64 << 10];
    const ssize_t size = ::recv(fd, piece, sizeof piece, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) return call.Refused(errno);
    if (size == 0 && bytes.empty())
      return Fail(ErrorCode::kUnavailable, call.what + ": the connection ended without an answer");
    if (size > 0) bytes.append(piece, static_cast<size_t>(size));
    std::string_view rest = bytes;
    TELLTALE_ASSIGN_OR_RETURN(std::optional<HttpClientResponse> head, ReadHead(rest));
    if (head && head->status == 200) return HandOver(fd, std::move(*head), std::string(rest), request, call);
    TELLTALE_ASSIGN_OR_RETURN(std::optional<HttpClientResponse> whole,
                              ParseResponseUntrusted({.bytes = bytes, .at_end = size == 0}));
    if (whole) return std::move(*whole);
    if (size == 0 || bytes.size() > kHeadBytesMax) return NotHttp("it is cut off, or too long for an error");
    if (size < 0) TELLTALE_RETURN_IF_ERROR(call.Wait(fd, POLLIN));
  }
}

}  // namespace

Result<HttpClientResponse> HttpFetch(const HttpClientRequest& request) {
  TELLTALE_ASSIGN_OR_RETURN(const HttpUrl url, ParseHttpUrl(request.url));
  const Call call{.what = request.what.empty() ? request.method + " " + request.url : request.what,
                  .until = SteadyClock::now() + std::chrono::milliseconds(request.timeout_ms),
                  .cancelled = request.cancelled};
  TELLTALE_ASSIGN_OR_RETURN(const Socket socket, Connect(url, call));
  TELLTALE_RETURN_IF_ERROR(SendAll(socket.fd(), FormatRequest(request, url), call));
  for (const std::string_view piece : request.body_pieces)
    TELLTALE_RETURN_IF_ERROR(SendAll(socket.fd(), piece, call));
  if (request.take != nullptr) return ReceiveAndHandOver(socket.fd(), request, call);
  return Receive(socket.fd(), request, call);
}

}  // namespace telltale
