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
      pollfd entry{.fd = fd, .events = events, .revents = 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(left));
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
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
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

// Takes the chunked coding off a body that comes in pieces.
class ChunkReader {
 public:
  // What is in `bytes`, and in what was kept of the pieces before, onto `body`. True: it ended.
  Result<bool> Add(std::string_view bytes, std::string& body) {
    kept_ += bytes;
    std::string_view rest = kept_;
    while (!rest.empty()) {
      if (left_ == 0) {
        std::string_view ahead = rest;
        const std::optional<std::string_view> line = TakeLine(ahead);
        if (!line) break;
        if (!ParseNumber(Trim(line->substr(0, line->find(';'))), 16, left_))
          return NotHttp("a chunk has no size");
        if (left_ == 0) return true;
        left_ += 2;  // the line break behind it
        rest = ahead;
      }
      const size_t of_body = std::min(rest.size(), left_ > 2 ? left_ - 2 : 0);
      body += rest.substr(0, of_body);
      const size_t taken = std::min(rest.size(), left_);
      left_ -= taken;
      rest.remove_prefix(taken);
    }
    kept_.erase(0, kept_.size() - rest.size());
    return false;
  }

 private:
  std::string kept_;
  size_t left_ = 0;
};

// Reads on until the body ends, `take` has enough, or the silence is too long.
Status FollowBody(int fd, std::string_view first, bool chunked, const Call& call, int silence_ms,
                  const std::function<bool(std::string_view)>& take) {
  ChunkReader chunks;
  std::string piece(first);
  char buffer[64 << 10];
  auto heard = SteadyClock::now();
  while (true) {
    std::string body;
    bool ended = false;
    if (chunked) {
      TELLTALE_ASSIGN_OR_RETURN(ended, chunks.Add(piece, body));
    } else {
      body = std::move(piece);
    }
    if (!take(body) || ended) return {};
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
                  .until = SteadyClock::now() + std::chrono::milliseconds(request.timeout_ms)};
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
    const bool chunked = head->headers.Get("Transfer-Encoding").find("chunked") != std::string_view::npos;
    TELLTALE_RETURN_IF_ERROR(FollowBody(socket.fd(), rest, chunked, call, request.timeout_ms, take));
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

Result<HttpClientResponse> HttpFetch(const HttpClientRequest& request) {
  TELLTALE_ASSIGN_OR_RETURN(const HttpUrl url, ParseHttpUrl(request.url));
  const Call call{.what = request.method + " " + request.url,
                  .until = SteadyClock::now() + std::chrono::milliseconds(request.timeout_ms)};
  TELLTALE_ASSIGN_OR_RETURN(const Socket socket, Connect(url, call));
  TELLTALE_RETURN_IF_ERROR(SendAll(socket.fd(), FormatRequest(request, url), call));
  return Receive(socket.fd(), request, call);
}

}  // namespace telltale
