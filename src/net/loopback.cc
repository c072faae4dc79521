#include "net/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace telltale {
namespace {

class BoundSocket {
 public:
  BoundSocket(int family, uint16_t port) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}, .sin_zero = {}};
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    bound_ =
        fd_ >= 0 && (family == AF_INET ? ::bind(fd_, reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0
                                       : ::bind(fd_, reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0);
  }
  ~BoundSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  BoundSocket(const BoundSocket&) = delete;

  bool bound() const { return bound_; }

  // REQUIRES: an IPv4 socket.
  uint16_t port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
  }

 private:
  int fd_;
  bool bound_ = false;
};

}  // namespace

bool HasIpv6Loopback() {
  return BoundSocket(AF_INET6, 0).bound();
}

uint16_t FindFreeLoopbackPort() {
  constexpr int kTries = 20;
  const bool has_v6 = HasIpv6Loopback();
  for (int i = 0; i < kTries; ++i) {
    const BoundSocket v4(AF_INET, 0);
    if (!v4.bound()) return 0;
    if (!has_v6 || BoundSocket(AF_INET6, v4.port()).bound()) return v4.port();
  }
  return 0;
}

}  // namespace telltale
