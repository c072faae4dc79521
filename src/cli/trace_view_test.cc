#include "cli/trace_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cli/test_terminal.h"
#include "cli/text.h"
#include "cli/trace_fixture.h"

namespace telltale {
namespace {

std::string Drawn(const ShownTrace& trace, int width, const TraceViewOptions& options = {}) {
  TestTerminal test(width);
  DrawTrace(trace, options, test.terminal);
  return "\n" + test.out.str();
}

int WidestLine(const std::string& text) {
  int widest = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    widest = std::max(widest, DisplayWidth(text.substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

TEST(TraceView, DrawsTheGuidesTraceAt80Columns) {
  EXPECT_EQ(Drawn(*ReadShownTraceUntrusted(kGuideTraceJson), 80), R"(
trace 4bf92f3577b34da6a3ce929d0e0e4736  2025-11-25 11:14:36.120 UTC
5 spans, 1.30 s, 1 error, gateway (1), llm-service (4)
not complete: 1 parent was not received: 00f067aa0ba902b7
not complete: dropped before it was stored: 3 attributes

summarize [llm-service]                             1.30 s  ━━━━━━━━━━━━━━━━━━━━
├─ prompt_build                                    45.0 ms  ━
│     tokens 78 in · template summarize_v1
├─ llm.request ERROR                                100 ms  ━━
│     gpt-4
│     ! openai.APITimeoutError: Request timed out. (2 times)
└─ a rather long name of a model call… [gateway]    1.14 s    ━━━━━━━━━━━━━━━━━━
      m-small · tokens 812 in, 57 out · $0.000018 · req-xyz
(missing parent 00f067aa0ba902b7)
└─ post_processing                                 12.0 ms                     ━
)");
}

TEST(TraceView, DrawsTheGuidesTraceAt120Columns) {
  EXPECT_EQ(Drawn(*ReadShownTraceUntrusted(kGuideTraceJson), 120), R"(
trace 4bf92f3577b34da6a3ce929d0e0e4736  2025-11-25 11:14:36.120 UTC
5 spans, 1.30 s, 1 error, gateway (1), llm-service (4)
not complete: 1 parent was not received: 00f067aa0ba902b7
not complete: dropped before it was stored: 3 attributes

summarize [llm-service]                                                           1.30 s  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
├─ prompt_build                                                                  45.0 ms  ━
│     tokens 78 in · template summarize_v1
├─ llm.request ERROR                                                              100 ms   ━━
│     gpt-4
│     ! openai.APITimeoutError: Request timed out. (2 times)
└─ a rather long name of a model call that does not fit [gateway]                 1.14 s     ━━━━━━━━━━━━━━━━━━━━━━━━━━━
      m-small · tokens 812 in, 57 out · $0.000018 · req-xyz
(missing parent 00f067aa0ba902b7)
└─ post_processing                                                               12.0 ms                               ━
)");
}

// Names that are too long push the columns instead of being cut: grep must find them.
TEST(TraceView, CutsNothingWhereThereIsNoTerminal) {
  const std::string drawn = Drawn(*ReadShownTraceUntrusted(kGuideTraceJson), 0);
  EXPECT_NE(drawn.find("a rather long name of a model call that does not fit [gateway]"), std::string::npos);
}

TEST(TraceView, MarksColourOnlyWhereItIsOn) {
  TestTerminal test(80);
  test.terminal.color = true;
  DrawTrace(*ReadShownTraceUntrusted(kGuideTraceJson), {}, test.terminal);
  EXPECT_NE(test.out.str().find("\x1b[31m ERROR\x1b[0m"), std::string::npos);
  EXPECT_EQ(Drawn(*ReadShownTraceUntrusted(kGuideTraceJson), 80).find('\x1b'), std::string::npos);
}

ShownTrace Chain(int depth) {
  ShownTrace trace{
      .trace_id = kGuideTraceId, .duration_nano = 1000, .span_count = static_cast<uint64_t>(depth)};
  for (int i = 0; i < depth; ++i) {
    trace.spans.push_back({.span_id = std::to_string(i),
                           .parent_span_id = i == 0 ? "" : std::to_string(i - 1),
                           .name = "step",
                           .service = "deep",
                           .end_unix_nano = 1000});
  }
  return trace;
}

TEST(TraceView, SaysTheDepthInsteadOfDrawingTenThousandLevels) {
  const std::string drawn = Drawn(Chain(10'000), 80);
  EXPECT_LE(WidestLine(drawn), 80);
  EXPECT_NE(drawn.find("\u20269999 "), std::string::npos);
}

TEST(TraceView, FoldsAWideTraceIntoOneLine) {
  ShownTrace trace{.trace_id = kGuideTraceId, .duration_nano = 1000, .span_count = 1001};
  trace.spans.push_back({.span_id = "root", .name = "fan out", .end_unix_nano = 1000});
  for (int i = 0; i < 1000; ++i) {
    trace.spans.push_back({.span_id = std::to_string(i), .parent_span_id = "root", .name = "one"});
  }
  const std::string drawn = Drawn(trace, 80, {.children_max = 200});
  EXPECT_NE(drawn.find("\u2514\u2500 \u2026 800 more (--all shows them)\n"), std::string::npos);
  EXPECT_EQ(std::ranges::count(drawn, '\n'), 1 + 4 + 1 + 200 + 1);
}

TEST(CompletenessNotes, SayEverythingThatIsNotWhole) {
  ShownTrace trace;
  EXPECT_TRUE(CompletenessNotes(trace).empty());
  trace.completeness = {.complete = false,
                        .root_missing = true,
                        .truncated = true,
                        .missing_parents = {"a", "b", "c", "d"},
                        .duplicate_spans = 1,
                        .dropped_events = 1,
                        .dropped_links = 2,
                        .missing_content = 3};
  const std::vector<std::string> expected = {"the root span was not received: lost, or not ended yet",
                                             "4 parents were not received: a, b, c ...",
                                             "1 span came more than once",
                                             "dropped before it was stored: 1 event, 2 links",
                                             "3 pieces of large values: no longer in the store",
                                             "it has more spans than the 0 shown"};
  EXPECT_EQ(CompletenessNotes(trace), expected);
}

TEST(TraceView, SaysWhatTheModelCallsTookAndCost) {
  ShownTrace trace = *ReadShownTraceUntrusted(
      R"({"trace_id":"1","span_count":1,"completeness":{"complete":true},"spans":[],"totals":{"calls":2,)"
      R"("input_tokens":84,"output_tokens":89,"cost":{"total":0.0010752,"unpriced_calls":1}}})");
  EXPECT_TRUE(
      Drawn(trace, 80).contains("\n2 model calls, 84 tokens in, 89 out, $0.001075+ (1 call has no price)\n"))
      << Drawn(trace, 80);
  trace.totals.cost.reset();
  EXPECT_TRUE(Drawn(trace, 80).contains("\n2 model calls, 84 tokens in, 89 out, unpriced\n"));
  trace.totals.calls_without_usage = 2;
  EXPECT_TRUE(Drawn(trace, 80).contains("\n2 model calls, no usage told\n"));
}

}  // namespace
}  // namespace telltale
