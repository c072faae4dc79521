#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "transport.h"

namespace telltale::bench {
namespace {

constexpr size_t kHeadBytesMax = 64 << 10;

// HTTP/1.1 with keep-alive over a blocking socket, as far as an OTLP receiver's answers
// need it: a status line, Content-Length and a body.
class HttpTransport final : public Transport {
 public:
  HttpTransport(std::string endpoint, int socket) : endpoint_(std::move(endpoint)), socket_(socket) {}
  ~HttpTransport() override { ::close(socket_); }
  HttpTransport(const HttpTransport&) = delete;
  HttpTransport& operator=(const HttpTransport&) = delete;

  Answer Send(std::string_view request) override {
    const std::string head =
        "POST /v1/traces HTTP/1.1\r\nHost: " + endpoint_ +
        "\r\nContent-Type: application/x-protobuf\r\nContent-Length: " + std::to_string(request.size()) +
        "\r\n\r\n";
    if (!Write(head, request)) return {.message = std::string("write: ") + std::strerror(errno)};
    const auto head_bytes = ReadHead();
    if (!head_bytes) return {.message = "read: the connection ended within an answer"};
    const int status = std::atoi(read_.c_str() + std::min<size_t>(read_.find(' '), *head_bytes));
    const auto body_bytes = ContentLength(*head_bytes);
    if (!body_bytes) return {.message = "read: an answer without Content-Length"};
    while (read_.size() < *head_bytes + *body_bytes) {
      if (!ReadSome()) return {.message = "read: the connection ended within an answer"};
    }
    const std::string body = read_.substr(*head_bytes, *body_bytes);
    read_.erase(0, *head_bytes + *body_bytes);
    return ToAnswer(status, body);
  }

 private:
  static Answer ToAnswer(int status, const std::string& body) {
    if (status == 200) return {.outcome = Outcome::kAcknowledged, .refused_spans = RefusedSpans(body)};
    const bool later = status == 429 || (status >= 502 && status <= 504);
    return {.outcome = later ? Outcome::kTryLater : Outcome::kFailed,
            .message = "HTTP " + std::to_string(status)};
  }

  bool Write(std::string_view head, std::string_view body) {
    size_t sent = 0;
    while (sent < head.size() + body.size()) {
      const std::string_view head_rest = head.substr(std::min(sent, head.size()));
      const std::string_view body_rest = body.substr(sent > head.size() ? sent - head.size() : 0);
      iovec parts[] = {{const_cast<char*>(head_rest.data()), head_rest.size()},
                       {const_cast<char*>(body_rest.data()), body_rest.size()}};
      msghdr message = {};
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      const ssize_t wrote = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return false;
      sent += static_cast<size_t>(wrote);
    }
    return true;
  }

  bool ReadSome() {
    char buffer[16 << 10];
    ssize_t got = 0;
    do {
      got = ::recv(socket_, buffer, sizeof buffer, 0);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return false;
    read_.append(buffer, static_cast<size_t>(got));
    return true;
  }

  // The length of the head with its empty line.
  std::optional<size_t> ReadHead() {
    while (true) {
      const size_t end = read_.find("\r\n\r\n");
      if (end != std::string::npos) return end + 4;
      if (read_.size() > kHeadBytesMax || !ReadSome()) return std::nullopt;
    }
  }

  std::optional<size_t> ContentLength(size_t head_bytes) const {
    std::string head = read_.substr(0, head_bytes);
    std::ranges::transform(head, head.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    constexpr std::string_view kName = "\r\ncontent-length:";
    const size_t at = head.find(kName);
    if (at == std::string::npos) return std::nullopt;
    return std::strtoull(head.c_str() + at + kName.size(), nullptr, 10);
  }

  const std::string endpoint_;
  const int socket_;
  std::string read_;  // Bytes received and not yet used.
};

}  // namespace

Result<std::unique_ptr<Transport>> ConnectHttp(const std::string& endpoint) {
  const size_t colon = endpoint.rfind(':');
  if (colon == std::string::npos) {
    return Fail(ErrorCode::kInvalidInput, "--endpoint: " + endpoint + ": not HOST:PORT");
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(endpoint.substr(0, colon).c_str(), endpoint.substr(colon + 1).c_str(), &hints, &found) !=
      0) {
    return Fail(ErrorCode::kInvalidInput, "--endpoint: " + endpoint + ": no such host");
  }
  const int socket = ::socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol);
  const int connected = socket < 0 ? -1 : ::connect(socket, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  if (connected != 0) {
    const int reason = errno;
    if (socket >= 0) ::close(socket);
    return Fail(ErrorCode::kUnavailable, "connect: " + endpoint + ": " + std::strerror(reason));
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return std::make_unique<HttpTransport>(endpoint, socket);
}

}  // namespace telltale::bench
