// For tests: a TCP client that sends the bytes it is told to, right or wrong.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace telltale {

class RawClient {
 public:
  // To 127.0.0.1, or to ::1.
  explicit RawClient(uint16_t port, int family = AF_INET) : fd_(::socket(family, SOCK_STREAM, 0)) {
    timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (family == AF_INET6) {
      sockaddr_in6 to{};
      to.sin6_family = AF_INET6;
      to.sin6_port = htons(port);
      to.sin6_addr = in6addr_loopback;
      connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
      return;
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~RawClient() { Close(); }
  RawClient(const RawClient&) = delete;

  bool connected() const { return connected_; }

  // False once the other side has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Everything up to and including `marker`, or what came before the end.
  std::string ReadThrough(std::string_view marker) {
    while (buffer_.find(marker) == std::string::npos && Receive()) {
    }
    const size_t at = buffer_.find(marker);
    return TakeFront(at == std::string::npos ? buffer_.size() : at + marker.size());
  }

  // One response with a Content-Length (or none): head and body.
  std::string ReadResponse() {
    std::string response = ReadThrough("\r\n\r\n");
    const size_t at = response.find("Content-Length: ");
    if (at == std::string::npos) return response;
    const size_t size = std::strtoull(response.c_str() + at + 16, nullptr, 10);
    while (buffer_.size() < size && Receive()) {
    }
    return response + TakeFront(std::min(size, buffer_.size()));
  }

  std::string ReadToEnd() {
    while (Receive()) {
    }
    return TakeFront(buffer_.size());
  }

  void ShutdownSend() { ::shutdown(fd_, SHUT_WR); }

  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  // Ends the connection with a reset, as a killed process may.
  void Reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    Close();
  }

 private:
  bool Receive() {
    char piece[16 << 10];
    const ssize_t size = ::recv(fd_, piece, sizeof piece, 0);
    if (size <= 0) return false;
    buffer_.append(piece, static_cast<size_t>(size));
    return true;
  }

  std::string TakeFront(size_t size) {
    std::string front = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return front;
  }

  int fd_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace telltale
