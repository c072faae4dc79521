#include "cli/conversations/conversation_table.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/calls/call_text.h"
#include "cli/csv.h"
#include "cli/text.h"
#include "cli/text_table.h"
#include "pricing/money.h"

namespace telltale {
namespace {

constexpr const char* kTimeOfDay = "%H:%M:%S";
constexpr const char* kDateAndTime = "%m-%d %H:%M:%S";
constexpr int kTitleWidthMin = 16;
constexpr int kRoleWidth = 9;  // "assistant"

std::string Joined(const std::vector<std::string>& names, std::string_view between) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : between).append(name);
  return text;
}

uint64_t LengthOf(const ListedConversation& one) {
  return one.end_unix_nano > one.start_unix_nano ? one.end_unix_nano - one.start_unix_nano : 0;
}

bool IsToday(uint64_t unix_nanos, uint64_t now_unix_nanos) {
  return FormatLocalTime(unix_nanos, "%F") == FormatLocalTime(now_unix_nanos, "%F");
}

const std::string& ModelOf(const ShownCall& call) {
  return call.response_model.empty() ? call.request_model : call.response_model;
}

// "gpt-4o  1,000 in, 100 out  $0.0035  820 ms"
std::string FactsOf(const ListedCall& item) {
  const Usage& usage = item.call.usage;
  std::string text = Printable(ModelOf(item.call).empty() ? item.name : ModelOf(item.call));
  if (usage.told()) {
    text += "  " + TokensText(usage, usage.input_tokens) + " in, " + TokensText(usage, usage.output_tokens) +
            " out";
  }
  if (const std::string cost = CostText(item); cost != "-") text += "  " + cost;
  text += "  " + FormatDuration(item.duration_nano);
  return text + (item.call.failed ? "  ERROR" : "");
}

// "time      role       text", cut to the terminal.
void PrintSaid(std::string_view time, const SaidPart& part, Terminal& terminal) {
  const std::string role = PadRight(CutToWidth(Printable(part.role), kRoleWidth), kRoleWidth);
  std::string text = Printable(part.text);
  if (part.size_bytes > part.text.size()) text += "\u2026 (" + FormatBytes(part.size_bytes) + ")";
  if (terminal.width > 0) {
    const int used = DisplayWidth(time) + 2 + kRoleWidth + 2;
    text = CutToWidth(text, std::max(terminal.width - used, 1));
  }
  const Ink ink = part.role == "user" ? Ink::kGreen : part.role == "assistant" ? Ink::kCyan : Ink::kDim;
  terminal.out << terminal.Paint(Ink::kDim, time) << "  " << terminal.Paint(ink, role) << "  " << text
               << '\n';
}

void PrintItem(const ConversationItem& item, const char* pattern, Terminal& terminal) {
  std::string time = FormatLocalTime(item.call.start_unix_nano, pattern);
  const std::string blank(time.size(), ' ');
  for (const std::vector<SaidPart>* parts : {&item.said, &item.answered}) {
    for (const SaidPart& part : *parts) PrintSaid(std::exchange(time, blank), part, terminal);
  }
  const std::string kind = PadRight(CutToWidth(Printable(item.call.call.kind), kRoleWidth), kRoleWidth);
  const std::string facts = FactsOf(item.call);
  const std::string id = Printable(item.call.trace_id) + "/" + Printable(item.call.span_id);
  const std::string indent(time.size() + 2 + kRoleWidth, ' ');
  const int width = DisplayWidth(indent) + 2 + DisplayWidth(facts) + 2 + DisplayWidth(id);
  // An id is never cut: where there is no room it has a line of its own.
  const bool fits = terminal.width == 0 || width <= terminal.width;
  terminal.out << terminal.Paint(Ink::kDim, time + "  " + kind + "  " + facts)
               << (fits ? std::string() : "\n" + indent) << "  " << terminal.Paint(Ink::kDim, id) << '\n';
}

std::string CsvTokens(int64_t tokens) {
  return tokens < 0 ? std::string() : std::to_string(tokens);
}

}  // namespace

void PrintConversations(const std::vector<ListedConversation>& conversations, uint64_t now_unix_nanos,
                        Terminal& terminal) {
  const bool today = std::ranges::all_of(conversations, [&](const ListedConversation& one) {
    return IsToday(one.end_unix_nano, now_unix_nanos);
  });
  TextTable table({{.title = "last"},
                   {.title = "turns", .is_number = true},
                   {.title = "calls", .is_number = true},
                   {.title = "errors", .is_number = true, .leave_out = 2},
                   {.title = "in", .is_number = true, .leave_out = 3},
                   {.title = "out", .is_number = true, .leave_out = 3},
                   {.title = "cost", .is_number = true},
                   {.title = "lasted", .is_number = true, .leave_out = 1},
                   {.title = "begins", .width_min = kTitleWidthMin}},
                  "conversation");
  bool leaves_out = false;
  for (const ListedConversation& one : conversations) {
    const ShownTotals& totals = one.totals;
    leaves_out = leaves_out || LeavesOut(totals);
    table.Add({.cells = {{FormatLocalTime(one.end_unix_nano, today ? kTimeOfDay : kDateAndTime)},
                         {WithThousands(static_cast<int64_t>(one.turns))},
                         {WithThousands(static_cast<int64_t>(totals.calls))},
                         {WithThousands(static_cast<int64_t>(totals.errors)),
                          totals.errors > 0 ? Ink::kRed : Ink::kPlain},
                         {SumTokensText(totals, totals.input_tokens)},
                         {SumTokensText(totals, totals.output_tokens)},
                         {SumCostText(totals)},
                         {FormatDuration(LengthOf(one))},
                         {one.title.empty() ? "-" : Printable(one.title)}},
               .below = Printable(one.id),
               .below_more = Printable(Joined(one.users, ", "))});
  }
  table.Print(terminal);
  SayWhatIsLeftOut(table, terminal);
  if (leaves_out) terminal.err << "+: at least; some calls have no price, or tell no usage\n";
}

std::string ConversationsCsv(const std::vector<ListedConversation>& conversations) {
  std::string out =
      "conversation,start,end,turns,calls,errors,traces,models,users,services,input_tokens,output_tokens,"
      "cost_usd,unpriced_calls,no_usage_calls,title\r\n";
  for (const ListedConversation& one : conversations) {
    const ShownTotals& totals = one.totals;
    const auto tokens = [&](uint64_t count) {
      return SumTokensText(totals, count) == "-" ? std::string() : std::to_string(count);
    };
    out += CsvLine({CsvField(one.id), FormatUtcTime(one.start_unix_nano), FormatUtcTime(one.end_unix_nano),
                    std::to_string(one.turns), std::to_string(totals.calls), std::to_string(totals.errors),
                    std::to_string(one.trace_count), CsvField(Joined(one.models, " ")),
                    CsvField(Joined(one.users, " ")), CsvField(Joined(one.services, " ")),
                    tokens(totals.input_tokens), tokens(totals.output_tokens), CsvDollars(totals.cost),
                    std::to_string(totals.unpriced_calls), std::to_string(totals.no_usage_calls),
                    CsvField(one.title)});
  }
  return out;
}

void PrintConversation(const ListedConversation& conversation, const std::vector<ConversationItem>& items,
                       Terminal& terminal) {
  terminal.out << terminal.Paint(Ink::kBold, "conversation " + Printable(conversation.id)) << "  "
               << Plural(conversation.turns, "turn") << ", " << Plural(conversation.call_count, "call")
               << " in " << Plural(conversation.trace_count, "trace") << ", "
               << FormatDuration(LengthOf(conversation)) << '\n'
               << TotalsText(conversation.totals) << '\n';
  for (const auto& [title, names] : {std::pair{"models", &conversation.models},
                                     {"users", &conversation.users},
                                     {"services", &conversation.services}}) {
    if (!names->empty()) terminal.out << title << "  " << Printable(Joined(*names, ", ")) << '\n';
  }
  terminal.out << '\n';
  const bool one_day = IsToday(conversation.start_unix_nano, conversation.end_unix_nano);
  for (const ConversationItem& item : items) PrintItem(item, one_day ? kTimeOfDay : kDateAndTime, terminal);
}

std::string ConversationCsv(const std::vector<ConversationItem>& items) {
  std::string out = "start,role,text,kind,model,input_tokens,output_tokens,cost_usd,trace_id,span_id\r\n";
  for (const ConversationItem& item : items) {
    const ShownCall& call = item.call.call;
    const bool has_cost = call.cost && call.cost->total >= 0;
    const auto add = [&](const SaidPart& part, bool with_facts) {
      out += CsvLine({FormatUtcTime(item.call.start_unix_nano), CsvField(part.role), CsvField(part.text),
                      CsvField(call.kind), CsvField(ModelOf(call)),
                      with_facts ? CsvTokens(call.usage.input_tokens) : "",
                      with_facts ? CsvTokens(call.usage.output_tokens) : "",
                      with_facts && has_cost ? FormatUsd(call.cost->total) : "", CsvField(item.call.trace_id),
                      CsvField(item.call.span_id)});
    };
    for (const SaidPart& part : item.said) add(part, false);
    // What the call took stands once, so that a sum over the lines is right.
    if (item.answered.empty()) add({}, true);
    for (const SaidPart& part : item.answered) add(part, &part == &item.answered.front());
  }
  return out;
}

}  // namespace telltale
