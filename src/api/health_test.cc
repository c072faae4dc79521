#include <gtest/gtest.h>

#include "api/testing/ask.h"
#include "base/counters.h"

namespace telltale {
namespace {

TEST(Health, AProcessThatAnswersIsHealthy) {
  AskedFace ask;
  const HttpResponse response = ask.Health("/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok");
}

TEST(Health, ReadyMeansThatWhatIsSentNowIsKept) {
  AskedFace ask;
  ask.state = {.log_bytes = 5, .log_bytes_max = 10, .log_lag_bytes = 5};
  EXPECT_EQ(ask.Health("/readyz").body,
            R"({"ready":true,"checks":{"log_writable":true,"log_has_space":true}})");
  ask.state.log_bytes = 10;
  const HttpResponse full = ask.Health("/readyz");
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(full.body, R"({"ready":false,"checks":{"log_writable":true,"log_has_space":false}})");
  ask.state = {.log_failed = true};
  EXPECT_EQ(ask.Health("/readyz").status, 503);
}

TEST(Health, EveryCounterIsAMetricWithItsMeaning) {
  AskedFace ask;
  const std::string text = ask.Health("/metrics").body;
  for (size_t i = 0; i < kCounterCount; ++i) {
    const CounterInfo& info = InfoOf(static_cast<Counter>(i));
    const std::string name = "telltale_" + std::string(info.name) + "_total";
    EXPECT_NE(text.find("# HELP " + name + " " + std::string(info.meaning) + "\n# TYPE " + name +
                        " counter\n" + name + " "),
              std::string::npos)
        << name;
  }
}

TEST(Health, GaugesTellTheStateOfTheServer) {
  AskedFace ask;
  ask.state = {.log_lag_bytes = 12, .memory_bytes = 34};
  const std::string text = ask.Health("/metrics").body;
  EXPECT_NE(text.find("\ntelltale_log_lag_bytes 12\n"), std::string::npos);
  EXPECT_NE(text.find("\ntelltale_memory_bytes 34\n"), std::string::npos);
}

TEST(Health, TheLatencyHistogramIsCumulative) {
  AskedFace ask;
  ask.latency.Add(QueryLatency::Kind::kRest, 0.0005);
  ask.latency.Add(QueryLatency::Kind::kRest, 0.003);
  ask.latency.Add(QueryLatency::Kind::kRest, 99);
  const std::string text = ask.Health("/metrics").body;
  for (const char* line :
       {"telltale_query_seconds_bucket{face=\"rest\",le=\"0.001\"} 1\n",
        "telltale_query_seconds_bucket{face=\"rest\",le=\"0.005\"} 2\n",
        "telltale_query_seconds_bucket{face=\"rest\",le=\"10\"} 2\n",
        "telltale_query_seconds_bucket{face=\"rest\",le=\"+Inf\"} 3\n",
        "telltale_query_seconds_count{face=\"rest\"} 3\n", "# TYPE telltale_query_seconds histogram\n",
        "telltale_query_seconds_count{face=\"jaeger\"} 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace telltale
