#include "cli/trace_summary.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/trace_fixture.h"

namespace telltale {
namespace {

// Section 3 of the guide: trace_id, spans, and of each name, duration_ms, attributes.
TEST(TraceSummary, HoldsTheGuidesMembersFirstAndThenMore) {
  EXPECT_EQ("\n" + TraceSummaryJson(*ReadShownTraceUntrusted(kGuideTraceJson)), R"(
{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","start":"2025-11-25T11:14:36.120000000Z","duration_ms":1300,"span_count":5,"error_count":1,"services":["gateway","llm-service"],"completeness":{"complete":false,"root_missing":false,"missing_parents":["00f067aa0ba902b7"],"duplicate_spans":0,"dropped_attributes":3,"dropped_events":0,"dropped_links":0,"missing_content":0,"truncated":false},"totals":null,"spans":[
{"name":"summarize","duration_ms":1300,"attributes":{},"span_id":"0000000000000001","parent_span_id":null,"service":"llm-service","kind":"internal","start_ms":0,"status":"unset"},
{"name":"prompt_build","duration_ms":45,"attributes":{"prompt.template":"summarize_v1","prompt.tokens":78},"span_id":"0000000000000002","parent_span_id":"0000000000000001","service":"llm-service","kind":"internal","start_ms":0,"status":"unset"},
{"name":"llm.request","duration_ms":100,"attributes":{"model":"gpt-4"},"span_id":"0000000000000003","parent_span_id":"0000000000000001","service":"llm-service","kind":"internal","start_ms":50,"status":"error","status_message":"APITimeoutError: Request timed out.","events":[{"name":"exception","time_ms":140,"attributes":{"exception.type":"openai.APITimeoutError","exception.message":"Request timed out.\nsecond line"}},{"name":"exception","time_ms":141,"attributes":{"exception.type":"openai.APITimeoutError","exception.message":"Request timed out.\nsecond line"}}]},
{"name":"a rather long name of a model call that does not fit","duration_ms":1140,"attributes":{"gen_ai.request.model":"m-small","gen_ai.usage.input_tokens":812,"gen_ai.usage.output_tokens":57,"cost_usd":1.8e-05,"request_id":"req-xyz","ok":true,"tags":["a",2],"deep":{"k":"AAE="},"none":null},"span_id":"0000000000000004","parent_span_id":"0000000000000001","service":"gateway","kind":"client","start_ms":160,"status":"ok"},
{"name":"post_processing","duration_ms":12,"attributes":{"output.snippet":"In summary, ..."},"span_id":"0000000000000005","parent_span_id":"00f067aa0ba902b7","service":"llm-service","kind":"internal","start_ms":1280,"status":"unset"}
]}
)");
}

TEST(TraceSummary, IsJsonForATraceWithoutSpans) {
  const auto json = nlohmann::json::parse(TraceSummaryJson({.trace_id = "1"}), nullptr, false);
  EXPECT_EQ(json["spans"], nlohmann::json::array());
}

}  // namespace
}  // namespace telltale
