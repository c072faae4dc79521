#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "cli/canned_server.h"
#include "cli/commands.h"
#include "cli/test_terminal.h"

namespace telltale {
namespace {

// The first finding of `check`, or null.
nlohmann::json FindingOf(const std::string& findings, const std::string& check) {
  for (const auto& finding : nlohmann::json::parse(findings, nullptr, false)["findings"]) {
    if (finding["check"] == check) return finding;
  }
  return {};
}

TEST(Doctor, FailsWithAFixWhenNothingRuns) {
  auto server = std::make_unique<CannedServer>();
  const std::string url = server->url();
  const std::string address = "127.0.0.1:" + std::to_string(server->port());
  server.reset();
  TestTerminal test(0);
  EXPECT_EQ(
      RunDoctor({.server = url, .otlp_grpc = address, .otlp_http = address, .json = true}, test.terminal),
      kExitFailure);
  EXPECT_EQ(FindingOf(test.out.str(), "server")["level"], "fail");
  EXPECT_EQ(FindingOf(test.out.str(), "server")["fix"],
            "start it: telltale serve; or say where it is: --server URL");
  EXPECT_EQ(FindingOf(test.out.str(), "otlp-grpc")["level"], "fail");
  EXPECT_EQ(FindingOf(test.out.str(), "otlp-http")["level"], "fail");
  EXPECT_EQ(FindingOf(test.out.str(), "clock")["level"], "ok");
}

TEST(Doctor, KnowsAnotherProgramBehindTheServersPort) {
  CannedServer server;
  server.Answer("/healthz", HttpResponse::Text(200, "{}"));
  server.Answer("/api/v1/stats", HttpResponse::Text(200, "<title>Jaeger UI</title>"));
  server.Answer("/", HttpResponse::Text(200, "<title>Jaeger UI</title>"));
  TestTerminal test(0);
  const std::string address = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(RunDoctor({.server = server.url(), .otlp_grpc = address, .otlp_http = address, .json = true},
                      test.terminal),
            kExitFailure);
  EXPECT_EQ(FindingOf(test.out.str(), "server")["message"],
            server.url() + " answers, but not as Telltale does; it looks like Jaeger");
}

TEST(Doctor, SaysWhyATestSpanWasNotKept) {
  CannedServer server;
  server.Answer("/healthz", HttpResponse::Text(200, "ok"));
  server.AnswerJson("/readyz", R"({"ready":true})");
  server.AnswerJson("/api/v1/stats", R"({"version":"1","spans_stored":0})");
  server.AnswerJson("/v1/traces", R"({"partialSuccess":{"rejectedSpans":"1","errorMessage":"no room"}})");
  TestTerminal test(0);
  const std::string address = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(RunDoctor({.server = server.url(), .otlp_grpc = address, .otlp_http = address, .json = true},
                      test.terminal),
            kExitFailure);
  EXPECT_EQ(FindingOf(test.out.str(), "test-span")["message"], "a span could not be sent: no room");
}

TEST(Doctor, RefusesAnAddressThatIsNone) {
  CannedServer server;
  TestTerminal test(0);
  EXPECT_EQ(RunDoctor({.server = server.url(), .otlp_grpc = "nowhere"}, test.terminal), kExitUsage);
}

}  // namespace
}  // namespace telltale
