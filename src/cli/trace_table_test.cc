#include "cli/trace_table.h"

#include <gtest/gtest.h>

#include <string>

#include "cli/test_terminal.h"

namespace telltale {
namespace {

constexpr uint64_t kNow = 1'764'069'300'000'000'000;  // 2025-11-25 11:15:00 UTC
constexpr uint64_t kDay = 86'400'000'000'000;

std::vector<ListedTrace> Traces() {
  return {{.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
           .service = "llm-service",
           .name = "summarize",
           .status = "ok",
           .start_unix_nano = kNow - 24'000'000'000,
           .duration_nano = 1'300'000'000,
           .span_count = 5},
          {.trace_id = "00000000000000000000000000000abc",
           .service = "checkout-with-a-long-name",
           .name = "POST /v1/chat/completions of a long route",
           .status = "error",
           .root_missing = true,
           .start_unix_nano = kNow - 60'000'000'000,
           .duration_nano = 45'000'000,
           .span_count = 12345,
           .error_count = 2}};
}

std::string Printed(const std::vector<ListedTrace>& traces, int width) {
  TestTerminal test(width);
  TraceTable table(TraceTable::Fit(traces, kNow), test.terminal);
  table.PrintHeader();
  for (const ListedTrace& trace : traces) table.PrintRow(trace);
  return "\n" + test.out.str();
}

TEST(TraceTable, FitsInto80ColumnsWithWholeIds) {
  EXPECT_EQ(Printed(Traces(), 80), R"(
time     service name     duration  spans errors trace id
11:14:36 llm-se… summari…   1.30 s      5      0 4bf92f3577b34da6a3ce929d0e0e4736
11:14:00 checko… POST /v…  45.0 ms  12345      2 00000000000000000000000000000abc
)");
}

TEST(TraceTable, FitsInto120ColumnsWithWholeIds) {
  EXPECT_EQ(Printed(Traces(), 120), R"(
time      service           name                              duration   spans  errors  trace id
11:14:36  llm-service       summarize                           1.30 s       5       0  4bf92f3577b34da6a3ce929d0e0e4736
11:14:00  checkout-with-a…  POST /v1/chat/complet… (no root)   45.0 ms   12345       2  00000000000000000000000000000abc
)");
}

TEST(TraceTable, CutsNothingWhereThereIsNoTerminalAndShowsTheDateOfOtherDays) {
  std::vector<ListedTrace> traces = Traces();
  traces[1].start_unix_nano -= kDay;
  EXPECT_EQ(Printed(traces, 0), R"(
time            service                    name                                                 duration   spans  errors  trace id
11-25 11:14:36  llm-service                summarize                                              1.30 s       5       0  4bf92f3577b34da6a3ce929d0e0e4736
11-24 11:14:00  checkout-with-a-long-name  POST /v1/chat/completions of a long route (no root)   45.0 ms   12345       2  00000000000000000000000000000abc
)");
}

// Two traces with model calls, one of them with a call that has no price.
std::vector<ListedTrace> TracesWithCalls() {
  std::vector<ListedTrace> traces = Traces();
  traces[0].totals = {
      .calls = 2, .input_tokens = 84, .output_tokens = 1089, .cost = 0.0011, .unpriced_calls = 1};
  return traces;
}

TEST(TraceTable, HasTokensAndCostsWithTheIdBelowWhereNamesWouldHaveTooLittle) {
  EXPECT_EQ(Printed(TracesWithCalls(), 80), R"(
time     name                             duration  spans errors tokens     cost
  trace id                          service
11:14:36 summarize                          1.30 s      5      0  1,173 $0.0011+
  4bf92f3577b34da6a3ce929d0e0e4736  llm-service
11:14:00 POST /v1/chat/complet… (no root)  45.0 ms  12345      2      -        -
  00000000000000000000000000000abc  checkout-with-a-long-name
)");
}

TEST(TraceTable, HasTheServiceInAColumnWhereOnlyTheIdIsTooMuch) {
  EXPECT_EQ(Printed(TracesWithCalls(), 120), R"(
time      service                name                                         duration   spans  errors  tokens      cost
  trace id
11:14:36  llm-service            summarize                                      1.30 s       5       0   1,173  $0.0011+
  4bf92f3577b34da6a3ce929d0e0e4736
11:14:00  checkout-with-a-long…  POST /v1/chat/completions of a l… (no root)   45.0 ms   12345       2       -         -
  00000000000000000000000000000abc
)");
}

TEST(TraceTable, KeepsRowsThatComeOneByOneOnOneLineEach) {
  const std::vector<ListedTrace> traces = TracesWithCalls();
  const auto printed = [&](int width) {
    TestTerminal test(width);
    TraceTable table(TraceTable::Unknown(), test.terminal);
    table.PrintRow(traces[0]);
    return test.out.str();
  };
  EXPECT_EQ(printed(120).find("$0.0011+"), std::string::npos) << printed(120);
  EXPECT_NE(printed(150).find("     1,173    $0.0011+  4bf92f"), std::string::npos) << printed(150);
}

TEST(TraceTable, SaysWhatItsSumsLeaveOut) {
  EXPECT_EQ(LeftOutNote(TracesWithCalls()), "+: at least; 1 call has no price");
  EXPECT_EQ(LeftOutNote(Traces()), "");
}

TEST(TracesCsv, QuotesWhatRfc4180Asks) {
  std::vector<ListedTrace> traces = TracesWithCalls();
  traces[0].name = "say \"hi\", twice\n";
  EXPECT_EQ(
      TracesCsv(traces),
      "start,service,name,duration_ms,spans,errors,status,root_missing,trace_id,"
      "calls,input_tokens,output_tokens,calls_without_usage,cost_usd,calls_without_cost\r\n"
      "2025-11-25T11:14:36.000000000Z,llm-service,\"say \"\"hi\"\", twice\n\",1300.000000,5,0,ok,false,"
      "4bf92f3577b34da6a3ce929d0e0e4736,2,84,1089,0,0.0011,1\r\n"
      "2025-11-25T11:14:00.000000000Z,checkout-with-a-long-name,POST /v1/chat/completions of a long route,"
      "45.000000,12345,2,error,true,00000000000000000000000000000abc,0,,,0,,0\r\n");
}

}  // namespace
}  // namespace telltale
