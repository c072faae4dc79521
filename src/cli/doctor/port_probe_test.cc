#include "cli/doctor/port_probe.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "cli/canned_server.h"

namespace telltale {
namespace {

using namespace std::string_literals;

TEST(ReadHostPort, TakesAddressesAsPeopleAndServersWriteThem) {
  EXPECT_EQ(ReadHostPort("x", "127.0.0.1:4317")->Text(), "127.0.0.1:4317");
  EXPECT_EQ(ReadHostPort("x", "http://localhost:4318/")->Text(), "localhost:4318");
  EXPECT_EQ(ReadHostPort("x", "4317")->Text(), "127.0.0.1:4317");
  EXPECT_EQ(ReadHostPort("x", "[::1]:4317")->Text(), "[::1]:4317");
  EXPECT_EQ(ReadHostPort("x", "0.0.0.0:1")->Text(), "127.0.0.1:1");
  EXPECT_EQ(ReadHostPort("x", "[::]:1")->Text(), "[::1]:1");
  for (const char* text : {"", "host", "host:", "host:0", "host:65536", "host:4317x"}) {
    EXPECT_FALSE(ReadHostPort("x", text)) << text;
  }
}

TEST(ProbePort, TellsARefusalFromAnAnswer) {
  auto server = std::make_unique<CannedServer>();
  const HostPort at{.host = "127.0.0.1", .port = server->port()};
  const PortProbe answered = ProbePort({.to = at, .send = kHttp2Greeting});
  EXPECT_EQ(answered.outcome, PortProbe::Outcome::kAnswered);
  const Finding other = JudgeGrpcPort(at.Text(), answered, "");
  EXPECT_EQ(other.message, at.Text() + ": taken, and it answers HTTP/1.1, not gRPC");
  server.reset();
  const PortProbe refused = ProbePort({.to = at, .send = kHttp2Greeting});
  EXPECT_EQ(refused.outcome, PortProbe::Outcome::kRefused);
  EXPECT_EQ(JudgeGrpcPort(at.Text(), refused, "").level, FindingLevel::kFail);
}

TEST(ListenerOf, FindsThisProcess) {
  CannedServer server;
  EXPECT_NE(ListenerOf(server.port()).find("(pid " + std::to_string(::getpid()) + ")"), std::string::npos);
}

TEST(JudgeGrpcPort, KnowsASettingsFrame) {
  const PortProbe probe{.outcome = PortProbe::Outcome::kAnswered, .answer = "\0\0\6\4\0\0\0\0\0......"s};
  const Finding finding = JudgeGrpcPort("a:1", probe, "telltale (pid 7)");
  EXPECT_EQ(finding.level, FindingLevel::kOk);
  EXPECT_EQ(finding.message, "a:1 speaks gRPC by telltale (pid 7)");
  EXPECT_EQ(JudgeGrpcPort("a:1", {.outcome = PortProbe::Outcome::kSilent}, "").level, FindingLevel::kFail);
}

}  // namespace
}  // namespace telltale
