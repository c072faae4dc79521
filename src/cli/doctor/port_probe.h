// Knocks at a TCP port to see who is there.
//
//   const PortProbe probe = ProbePort({.host = "127.0.0.1", .port = 4317, .send = kHttp2Greeting});
//   Finding finding = JudgeGrpcPort("127.0.0.1:4317", probe, ListenerOf(4317));
//
// Thread safety  Free functions; may be called from any thread.
// Failure        None: what went wrong is what the probe found.
// Cost           Blocks for up to timeout_ms, twice.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/doctor/finding.h"

namespace telltale {

// host:port as an SDK would dial it: "127.0.0.1:4317", "[::1]:4317".
struct HostPort {
  std::string host;
  int port = 0;
  std::string Text() const;
};
// A wildcard address (0.0.0.0, [::]) is dialled on loopback; a port alone means loopback.
Result<HostPort> ReadHostPort(std::string_view what, std::string_view text);

struct PortProbe {
  enum class Outcome { kRefused, kUnreachable, kSilent, kAnswered };
  Outcome outcome = Outcome::kUnreachable;
  std::string answer;  // the first bytes, where there are any
  std::string error;   // the system's words, where there are any
};

struct ProbeRequest {
  HostPort to;
  std::string_view send;
  int timeout_ms = 2000;
};
PortProbe ProbePort(const ProbeRequest& request);

// What a client of HTTP/2 says first: its preface and an empty SETTINGS frame.
extern const std::string_view kHttp2Greeting;

// "otelcol (pid 4711)": who listens at a port of this machine; empty when the system does
// not let us know.
std::string ListenerOf(int port);

Finding JudgeGrpcPort(const std::string& address, const PortProbe& probe, const std::string& listener);

}  // namespace telltale
