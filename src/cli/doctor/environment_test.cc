#include "cli/doctor/environment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace telltale {
namespace {

// One finding a line: "level message | fix".
std::string Lines(const std::vector<Finding>& findings) {
  std::string lines;
  for (const Finding& finding : findings) {
    lines += finding.level == FindingLevel::kOk     ? "ok "
             : finding.level == FindingLevel::kWarn ? "warn "
                                                    : "fail ";
    lines += finding.message + (finding.fix.empty() ? "" : " | " + finding.fix) + "\n";
  }
  return lines;
}

std::string Export(const Environment& environment) {
  return Lines(CheckExport(environment, {}));
}

FindingLevel WorstOf(const std::vector<Finding>& findings) {
  FindingLevel worst = FindingLevel::kOk;
  for (const Finding& finding : findings) worst = std::max(worst, finding.level);
  return worst;
}

TEST(Spelling, KnowsEveryNameThatTheGuideLostUnderscoresOf) {
  const std::pair<const char*, const char*> names[] = {
      {"OTELSERVICENAME", "OTEL_SERVICE_NAME"},
      {"OTELEXPORTEROTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"},
      {"OTELEXPORTEROTLPENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"},
      {"OTELRESOURCEATTRIBUTES", "OTEL_RESOURCE_ATTRIBUTES"},
      {"OPENAIAPIKEY", "OPENAI_API_KEY"},
      {"OPENAIAPI_KEY", "OPENAI_API_KEY"},
      {"SERVICEVERSION", "SERVICE_VERSION"},
      {"otel_service_name", "OTEL_SERVICE_NAME"},
      {"OTEL_SERVCE_NAME", "OTEL_SERVICE_NAME"},
      {"OTEL_EXPORTER_OLTP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}};
  for (const auto& [wrong, right] : names) {
    const std::vector<Finding> findings = CheckSpelling({{wrong, "secret"}});
    ASSERT_EQ(findings.size(), 1u) << wrong;
    EXPECT_EQ(findings[0].fix, std::string("export ") + right + "=\"$" + wrong + "\"");
    EXPECT_EQ(findings[0].message.find("secret"), std::string::npos);
  }
}

TEST(Spelling, LeavesRightAndForeignNamesAlone) {
  EXPECT_EQ(Lines(CheckSpelling({{"OTEL_SERVICE_NAME", "a"},
                                 {"OPENAI_API_KEY", "b"},
                                 {"OTEL_PYTHON_LOG_CORRELATION", "true"},
                                 {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "c"},
                                 {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "c"},
                                 {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "c"},
                                 {"OTEL_METRIC_EXPORT_INTERVAL", "d"},
                                 {"PATH", "/bin"}})),
            "");
}

TEST(Spelling, SaysUnsetWhereTheRightNameIsThereToo) {
  EXPECT_EQ(
      Lines(CheckSpelling({{"OTELSERVICENAME", "a"}, {"OTEL_SERVICE_NAME", "a"}})),
      "warn OTELSERVICENAME is set beside OTEL_SERVICE_NAME: no library reads it | unset OTELSERVICENAME\n");
}

TEST(Export, IsFineWithTheGuidesEndpoint) {
  EXPECT_EQ(Export({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317"}}),
            "ok OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317: where Telltale takes OTLP over gRPC; an "
            "exporter "
            "over HTTP needs 4318\n");
  EXPECT_EQ(Export({}), "");
}

TEST(Export, SeesProtocolAndPortThatDoNotFit) {
  EXPECT_EQ(Export({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317"},
                    {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}}),
            "fail OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317: speaks gRPC, but "
            "OTEL_EXPORTER_OTLP_PROTOCOL says "
            "HTTP | export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\n");
  EXPECT_EQ(Export({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"},
                    {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"}}),
            "fail OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318: speaks HTTP, but "
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL says grpc | export "
            "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317\n");
  EXPECT_EQ(
      Export({{"OTEL_EXPORTER_OTLP_PROTOCOL", "http"}}),
      "fail OTEL_EXPORTER_OTLP_PROTOCOL=http: no such protocol | export OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or "
      "http/protobuf\n");
}

TEST(Export, LetsTheTracesVariableWin) {
  EXPECT_EQ(
      Export({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://elsewhere:1"},
              {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:4318/v1/traces"},
              {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}}),
      "ok OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318/v1/traces: where Telltale takes OTLP over "
      "HTTP\n");
}

TEST(Export, KnowsWhichVariableGetsThePathAdded) {
  EXPECT_EQ(WorstOf(CheckExport({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost:4318"}}, {})),
            FindingLevel::kFail);
  EXPECT_EQ(WorstOf(CheckExport({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/v1/traces"}}, {})),
            FindingLevel::kFail);
  EXPECT_EQ(WorstOf(CheckExport({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/"}}, {})),
            FindingLevel::kOk);
  EXPECT_EQ(WorstOf(CheckExport({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost:4317"},
                                 {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}},
                                {})),
            FindingLevel::kOk);
}

TEST(Export, RefusesEndpointsThatCannotReachUs) {
  for (const char* value :
       {"localhost:4317", "https://localhost:4317", "http://localhost", "http://localhost:16686",
        "\"http://localhost:4317\"", "https://127.0.0.1:4318"}) {
    EXPECT_EQ(WorstOf(CheckExport({{"OTEL_EXPORTER_OTLP_ENDPOINT", value}}, {})), FindingLevel::kFail)
        << value;
  }
  for (const char* value :
       {"http://localhost:4319", "http://collector:4317", "https://api.example.com:443"}) {
    EXPECT_EQ(WorstOf(CheckExport({{"OTEL_EXPORTER_OTLP_ENDPOINT", value}}, {})), FindingLevel::kWarn)
        << value;
  }
  EXPECT_EQ(WorstOf(CheckExport({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1]:4317"}}, {})),
            FindingLevel::kOk);
  EXPECT_EQ(
      WorstOf(CheckExport({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://tracing:4317"}}, {.host = "tracing"})),
      FindingLevel::kOk);
}

TEST(Export, DoesNotRepeatAPasswordInAnEndpoint) {
  const std::string lines = Export({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:secret@localhost:4317"}});
  EXPECT_EQ(lines.find("secret"), std::string::npos) << lines;
  EXPECT_NE(lines.find("OTEL_EXPORTER_OTLP_ENDPOINT=https://...@localhost:4317"), std::string::npos) << lines;
}

TEST(Export, ReadsTheFormOfHeadersWithoutShowingThem) {
  EXPECT_EQ(Export({{"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20secret,x=y"}}), "");
  EXPECT_EQ(Export({{"OTEL_EXPORTER_OTLP_HEADERS", "Authorization: Bearer secret"}}),
            "warn OTEL_EXPORTER_OTLP_HEADERS: it is written key: value, not key=value | write "
            "key=value,key2=value2; Telltale needs no headers\n");
  EXPECT_EQ(Export({{"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer secret"}}).find("secret"),
            std::string::npos);
}

TEST(Sdk, SeesEverythingThatMakesNoSpans) {
  for (const Environment& environment : std::initializer_list<Environment>{
           {{"OTEL_SDK_DISABLED", "TRUE"}},
           {{"OTEL_TRACES_EXPORTER", "none"}},
           {{"OTEL_TRACES_EXPORTER", "console"}},
           {{"OTEL_TRACES_EXPORTER", "zipkin"}},
           {{"OTEL_TRACES_SAMPLER", "always_off"}},
           {{"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0"}}}) {
    EXPECT_EQ(WorstOf(CheckSdk(environment)), FindingLevel::kFail) << environment.begin()->first;
  }
  EXPECT_EQ(Lines(CheckSdk({{"OTEL_SDK_DISABLED", "false"},
                            {"OTEL_TRACES_EXPORTER", "console,otlp"},
                            {"OTEL_TRACES_SAMPLER", "always_on"}})),
            "");
}

TEST(Sdk, SaysHowMuchASamplerKeeps) {
  EXPECT_EQ(
      Lines(CheckSdk({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0.1"}})),
      "warn OTEL_TRACES_SAMPLER=traceidratio, OTEL_TRACES_SAMPLER_ARG=0.1: keeps 10 % of traces; the others "
      "never arrive | export OTEL_TRACES_SAMPLER=parentbased_always_on\n");
  EXPECT_EQ(WorstOf(CheckSdk({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "half"}})),
            FindingLevel::kWarn);
  EXPECT_EQ(WorstOf(CheckSdk({{"OTEL_TRACES_SAMPLER", "traceidratio"}})), FindingLevel::kOk);
}

TEST(Sdk, SeesLimitsThatCutPromptsAndDropAttributes) {
  EXPECT_EQ(CheckSdk({{"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "256"}}).size(), 1u);
  EXPECT_EQ(CheckSdk({{"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "32"}}).size(), 1u);
  EXPECT_EQ(CheckSdk({{"OTEL_BSP_SCHEDULE_DELAY", "600000"}}).size(), 1u);
  EXPECT_EQ(CheckSdk({{"OTEL_PROPAGATORS", "none"}}).size(), 1u);
  EXPECT_EQ(
      Lines(CheckSdk({{"OTEL_BSP_SCHEDULE_DELAY", "5000"}, {"OTEL_PROPAGATORS", "tracecontext,baggage"}})),
      "");
}

TEST(Resource, AsksForANameAndSaysWhichOneWins) {
  EXPECT_EQ(WorstOf(CheckResource({{"OTEL_RESOURCE_ATTRIBUTES", "team=ai"}})), FindingLevel::kWarn);
  EXPECT_EQ(Lines(CheckResource({{"OTEL_RESOURCE_ATTRIBUTES", "team=ai, service.name=a"}})),
            "ok the service is called a\n");
  EXPECT_EQ(
      Lines(CheckResource({{"OTEL_SERVICE_NAME", "b"}, {"OTEL_RESOURCE_ATTRIBUTES", "service.name=a"}})),
      "warn OTEL_SERVICE_NAME=b wins over service.name=a in OTEL_RESOURCE_ATTRIBUTES | keep one of them\n");
  EXPECT_EQ(
      CheckResource({{"OTEL_SERVICE_NAME", "b"}, {"OTEL_RESOURCE_ATTRIBUTES", "deployment=x,oops"}}).size(),
      2u);
}

TEST(Proxies, SeesOneThatSwallowsLocalhost) {
  EXPECT_EQ(CheckProxies({{"http_proxy", "http://user:secret@proxy:3128"}}, {}).size(), 1u);
  EXPECT_EQ(CheckProxies({{"HTTP_PROXY", "http://proxy:3128"}}, {}).size(), 1u);
  EXPECT_EQ(CheckProxies({{"https_proxy", "http://proxy:3128"}, {"NO_PROXY", "localhost"}}, {}).size(), 1u);
  EXPECT_EQ(Lines(CheckProxies({{"https_proxy", "p"}, {"no_proxy", "10.0.0.1, localhost"}}, {})), "");
  EXPECT_EQ(Lines(CheckProxies({{"HTTP_PROXY", "p"}, {"NO_PROXY", "*"}}, {})), "");
  EXPECT_EQ(Lines(CheckProxies({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://traces.corp.example:4317"},
                                {"HTTP_PROXY", "p"},
                                {"NO_PROXY", ".corp.example"}},
                               {})),
            "");
  EXPECT_EQ(Lines(CheckProxies({}, {})), "");
}

TEST(CheckEnvironment, SaysSomethingOfAnEmptyEnvironment) {
  const std::vector<Finding> findings = CheckEnvironment({{"PATH", "/bin"}}, {});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].level, FindingLevel::kOk);
}

TEST(CheckEnvironment, FindsNothingWrongWithTheGuidesVariablesAsMeant) {
  EXPECT_EQ(WorstOf(CheckEnvironment(
                {{"OPENAI_API_KEY", "sk-x"},
                 {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317"},
                 {"OTEL_SERVICE_NAME", "llm-service"},
                 {"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=staging,team=ai-platform"}},
                {})),
            FindingLevel::kOk);
}

}  // namespace
}  // namespace telltale
