#include "cli/doctor/port_probe.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <unordered_set>

namespace telltale {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr size_t kAnswerBytesMax = 512;
constexpr size_t kFrameHeadBytes = 9;
constexpr char kSettingsFrame = 4;

class OpenSocket {
 public:
  explicit OpenSocket(int fd) : fd_(fd) {}
  ~OpenSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenSocket(const OpenSocket&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

PortProbe FailedProbe(int error) {
  return {.outcome = error == ECONNREFUSED ? PortProbe::Outcome::kRefused : PortProbe::Outcome::kUnreachable,
          .error = error == EINPROGRESS ? "no connection within the time allowed" : std::strerror(error)};
}

PortProbe ProbeAddress(const addrinfo& address, const ProbeRequest& request) {
  const OpenSocket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // The send timeout bounds connect, too.
  const timeval timeout{.tv_sec = request.timeout_ms / 1000, .tv_usec = request.timeout_ms % 1000 * 1000};
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  if (::connect(socket.fd(), address.ai_addr, address.ai_addrlen) != 0) return FailedProbe(errno);
  ::send(socket.fd(), request.send.data(), request.send.size(), MSG_NOSIGNAL);
  char bytes[kAnswerBytesMax];
  const ssize_t size = ::recv(socket.fd(), bytes, sizeof bytes, 0);
  if (size <= 0) return {.outcome = PortProbe::Outcome::kSilent};
  return {.outcome = PortProbe::Outcome::kAnswered, .answer = std::string(bytes, static_cast<size_t>(size))};
}

// The sockets that listen at `port`, out of /proc/net/tcp's lines:
//   sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
//    0: 0100007F:10DD 00000000:0000 0A 00000000:00000000 00:00000000 00000000   0       0 4711
void CollectListeners(const char* path, int port, std::unordered_set<std::string>& links) {
  std::ifstream file(path);
  char wanted[8];
  std::snprintf(wanted, sizeof wanted, ":%04X", static_cast<unsigned>(port) & 0xFFFF);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
    fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
    if (state == "0A" && local.ends_with(wanted)) links.insert("socket:[" + inode + "]");
  }
}

bool HoldsOneOf(const fs::path& process, const std::unordered_set<std::string>& links) {
  std::error_code error;
  for (fs::directory_iterator at(process / "fd", error), end; !error && at != end; at.increment(error)) {
    std::error_code unreadable;
    if (links.contains(fs::read_symlink(at->path(), unreadable).string())) return true;
  }
  return false;
}

bool SpeaksHttp2(std::string_view answer) {
  return answer.size() >= kFrameHeadBytes && answer[3] == kSettingsFrame && answer[0] == 0;
}

std::string By(const std::string& listener) {
  return listener.empty() ? "" : " by " + listener;
}

}  // namespace

const std::string_view kHttp2Greeting = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"sv;

std::string HostPort::Text() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<HostPort> ReadHostPort(std::string_view what, std::string_view text) {
  std::string_view rest = text;
  if (const size_t scheme = rest.find("://"); scheme != rest.npos) rest.remove_prefix(scheme + 3);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const size_t colon = rest.rfind(':');
  std::string_view host = colon == rest.npos ? "127.0.0.1"sv : rest.substr(0, colon);
  const std::string_view port = colon == rest.npos ? rest : rest.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  HostPort read{.host = std::string(host)};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), read.port);
  if (error != std::errc() || end != port.data() + port.size() || read.port < 1 || read.port > 65535) {
    return Fail(ErrorCode::kInvalidInput,
                "read " + std::string(what) + ": '" + std::string(text) + "': no port from 1 to 65535",
                "write HOST:PORT, as in 127.0.0.1:4317");
  }
  if (read.host.empty() || read.host == "0.0.0.0") read.host = "127.0.0.1";
  if (read.host == "::") read.host = "::1";
  return read;
}

PortProbe ProbePort(const ProbeRequest& request) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(request.to.host.c_str(), std::to_string(request.to.port).c_str(), &wanted, &found);
  if (error != 0) return {.outcome = PortProbe::Outcome::kUnreachable, .error = ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  PortProbe probe;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    probe = ProbeAddress(*address, request);
    if (probe.outcome == PortProbe::Outcome::kSilent || probe.outcome == PortProbe::Outcome::kAnswered) break;
  }
  return probe;
}

std::string ListenerOf(int port) {
  std::unordered_set<std::string> links;
  CollectListeners("/proc/net/tcp", port, links);
  CollectListeners("/proc/net/tcp6", port, links);
  if (links.empty()) return {};
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string pid = at->path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos || !HoldsOneOf(at->path(), links)) continue;
    std::ifstream file(at->path() / "comm");
    std::string name;
    std::getline(file, name);
    return name + " (pid " + pid + ")";
  }
  return {};
}

Finding JudgeGrpcPort(const std::string& address, const PortProbe& probe, const std::string& listener) {
  constexpr const char* kCheck = "otlp-grpc";
  switch (probe.outcome) {
    case PortProbe::Outcome::kRefused:
      return Bad(kCheck, address + ": connection refused: nothing listens there",
                 "start the server: telltale serve; or say where it is: --otlp-grpc HOST:PORT");
    case PortProbe::Outcome::kUnreachable:
      return Bad(kCheck, address + ": cannot be reached: " + probe.error,
                 "check the address and the firewall");
    case PortProbe::Outcome::kSilent:
      return Bad(kCheck, address + ": taken" + By(listener) + ", and it does not answer gRPC",
                 "stop the other program, or start telltale serve --otlp-grpc with another port");
    case PortProbe::Outcome::kAnswered:
      break;
  }
  if (SpeaksHttp2(probe.answer)) return Good(kCheck, address + " speaks gRPC" + By(listener));
  const bool is_http1 = probe.answer.starts_with("HTTP/1.");
  return Bad(kCheck,
             address + ": taken" + By(listener) + ", and it answers " +
                 (is_http1 ? "HTTP/1.1" : "something else") + ", not gRPC",
             "stop the other program, or start telltale serve --otlp-grpc with another port");
}

}  // namespace telltale
