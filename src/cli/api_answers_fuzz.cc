// Any answer of any server: reading, drawing and summarising it must come to an end.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "cli/api_answers.h"
#include "cli/api_client.h"
#include "cli/calls/call_table.h"
#include "cli/calls/sum_table.h"
#include "cli/conversations/conversation_table.h"
#include "cli/doctor/machine.h"
#include "cli/event_stream.h"
#include "cli/search/found_text.h"
#include "cli/sql/sql_answer.h"
#include "cli/terminal.h"
#include "cli/trace_summary.h"
#include "cli/trace_table.h"
#include "cli/trace_view.h"

namespace telltale {
namespace {

void ReadAll(std::string_view body) {
  std::ostringstream out;
  Terminal terminal{.out = out, .err = out, .width = 80};
  if (const auto trace = ReadShownTraceUntrusted(body)) {
    DrawTrace(*trace, {.children_max = 3}, terminal);
    TraceSummaryJson(*trace);
  }
  if (const auto page = ReadListedTracesUntrusted(body)) {
    TraceTable table(TraceTable::Fit(page->items, 0), terminal);
    for (const ListedTrace& trace : page->items) table.PrintRow(trace);
    TracesCsv(page->items);
    JudgeTraces(page->items);
  }
  if (const auto page = ReadListedConversationsUntrusted(body)) {
    PrintConversations(page->items, 0, terminal);
    ConversationsCsv(page->items);
  }
  if (const auto page = ReadConversationPageUntrusted(body)) {
    PrintConversation(page->conversation, page->items, terminal);
    ConversationCsv(page->items);
  }
  (void)ReadNamesUntrusted(body, "name");
  EventStream stream;
  for (const ServerEvent& event : stream.ReadUntrusted(body)) (void)ReadDroppedUntrusted(event.data);
  if (const auto page = ReadListedCallsUntrusted(body)) {
    PrintCalls(page->items, 0, terminal);
    CallsCsv(page->items);
  }
  if (const auto found = ReadFoundTextsUntrusted(body)) {
    PrintFoundTexts(found->items, 0, terminal);
    FoundTextsCsv(found->items);
  }
  if (auto page = ReadCallSumsUntrusted(body)) {
    SumTable table{.keys = {"model"}, .has_steps = true, .rows = std::move(page->items), .total = {}};
    for (const CallSumsRow& row : table.rows) table.total.totals.Add(row.totals);
    PrintSums(table, terminal);
    SumsCsv(table);
  }
  (void)ReadRepricedUntrusted(body);
  if (const auto counters = ReadCountersUntrusted(body)) JudgeCounters(*counters);
  (void)ReadServerStatsUntrusted(body);
  (void)ReadKeysUntrusted(body);
  (void)ReadSqlRowsUntrusted(body);
  (void)ReadSqlSchemaUntrusted(body);
  (void)ReadHttpDateUntrusted(body);
  ReadApiErrorUntrusted({.server = "s", .path = "/", .status = 500}, body);
}

}  // namespace
}  // namespace telltale

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  telltale::ReadAll({reinterpret_cast<const char*>(data), size});
  return 0;
}
