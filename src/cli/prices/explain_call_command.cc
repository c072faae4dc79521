#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/api_answers.h"
#include "cli/api_client.h"
#include "cli/calls/call_query.h"
#include "cli/calls/call_text.h"
#include "cli/prices/explain_text.h"
#include "cli/prices/prices_commands.h"
#include "cli/text.h"
#include "cli/trace_query.h"
#include "json/writer.h"
#include "pricing/cost_arithmetic.h"
#include "pricing/money.h"
#include "pricing/price_table.h"

namespace telltale {
namespace {

constexpr size_t kSpanIdDigits = 16;
// More spans than the server maps the calls of; each may be a call.
constexpr uint64_t kCallsMax = 100'000;

struct CallAddress {
  std::string trace_id;
  std::string span_id;  // empty: all calls of the trace
};

// A call, priced by the table of now where the trace is not too large for that, and as lists
// and sums have it.
struct ExplainedCall {
  std::string trace_id;
  std::string span_id;
  std::string name;
  std::string service;
  uint64_t start_unix_nano = 0;
  ShownCall call;
  bool counts = true;
  bool has_parts = false;      // `call` comes with the parts of its cost
  std::optional<Cost> stored;  // as lists and sums have it
};

Result<std::string> ReadSpanId(std::string_view text, std::string_view whole) {
  std::string hex(text);
  std::ranges::transform(hex, hex.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (hex.empty() || hex.size() > kSpanIdDigits ||
      hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return Fail(ErrorCode::kInvalidInput,
                "read the span id: '" + std::string(whole) + "': not 1 to 16 hex digits behind the trace id",
                "telltale calls lists the ids");
  }
  return std::string(kSpanIdDigits - hex.size(), '0') + hex;
}

// TRACE_ID, TRACE_ID/SPAN_ID, or http://.../trace/TRACE_ID?span=SPAN_ID.
Result<CallAddress> ReadCallArgument(std::string_view text) {
  std::string_view trace = text;
  std::string_view span;
  bool has_span = false;
  if (text.find("://") != text.npos) {
    constexpr std::string_view kParameter = "span=";
    const size_t at = text.find(kParameter, std::min(text.find('?'), text.size()));
    has_span = at != text.npos;
    if (has_span) {
      span = text.substr(at + kParameter.size());
      span = span.substr(0, span.find_first_of("&#"));
    }
  } else if (const size_t slash = text.find('/'); slash != text.npos) {
    has_span = true;
    trace = text.substr(0, slash);
    span = text.substr(slash + 1);
  }
  CallAddress address;
  TELLTALE_ASSIGN_OR_RETURN(address.trace_id, ReadTraceIdArgument(trace));
  if (!has_span) return address;
  TELLTALE_ASSIGN_OR_RETURN(address.span_id, ReadSpanId(span, text));
  return address;
}

ExplainedCall OfSpan(const ShownTrace& trace, const ShownSpan& span) {
  return {.trace_id = trace.trace_id,
          .span_id = span.span_id,
          .name = span.name,
          .service = span.service,
          .start_unix_nano = span.start_unix_nano,
          .call = *span.call,
          .counts = span.call->duplicate_of.empty() && span.call->usage.scope == UsageScope::kOwn,
          .has_parts = true};
}

ExplainedCall OfListed(const ListedCall& item) {
  return {.trace_id = item.trace_id,
          .span_id = item.span_id,
          .name = item.name,
          .service = item.service,
          .start_unix_nano = item.start_unix_nano,
          .call = item.call,
          .counts = item.counts};
}

// The calls of the trace as its page has them, each with its stored cost; those that only the
// list has stand behind them.
std::vector<ExplainedCall> Join(const ShownTrace& trace, const std::vector<ListedCall>& listed) {
  std::vector<ExplainedCall> calls;
  for (const ShownSpan& span : trace.spans) {
    if (span.call) calls.push_back(OfSpan(trace, span));
  }
  for (const ListedCall& item : listed) {
    const auto found = std::ranges::find(calls, item.span_id, &ExplainedCall::span_id);
    ExplainedCall& call = found != calls.end() ? *found : calls.emplace_back(OfListed(item));
    call.stored = item.call.cost;
  }
  return calls;
}

struct ExplainedTrace {
  std::vector<ExplainedCall> calls;
  ShownTotals totals;  // of the whole trace
};

Result<ExplainedTrace> AskForCallsOf(const CallAddress& address, const std::string& server) {
  const ApiClient api(server);
  TELLTALE_ASSIGN_OR_RETURN(const std::string body, api.Get("/api/v1/traces/" + address.trace_id));
  TELLTALE_ASSIGN_OR_RETURN(const ShownTrace trace, ReadShownTraceUntrusted(body));
  QueryText query;
  query.Add("trace_id", address.trace_id);
  TELLTALE_ASSIGN_OR_RETURN(const ListedCalls listed, AskForCalls(api, query, kCallsMax));
  ExplainedTrace explained{.calls = Join(trace, listed.items), .totals = trace.totals};
  if (address.span_id.empty()) return explained;
  std::erase_if(explained.calls, [&](const ExplainedCall& call) { return call.span_id != address.span_id; });
  if (!explained.calls.empty()) return explained;
  const bool is_span =
      std::ranges::find(trace.spans, address.span_id, &ShownSpan::span_id) != trace.spans.end();
  return Fail(ErrorCode::kNotFound,
              "find the call " + address.trace_id + "/" + address.span_id + ": " +
                  (is_span ? "the span is no call of a model, tool or agent" : "the trace has no such span"),
              "telltale prices explain " + address.trace_id + " explains every call of the trace");
}

bool IsModelKind(const std::string& kind) {
  return kind == "llm" || kind == "completion" || kind == "embedding" || kind == "reranker";
}

// Not a model call, or not one that counts: it has no cost, and should have none.
std::string WhyNoCostIsDue(const ExplainedCall& explained) {
  const ShownCall& call = explained.call;
  if (!call.duplicate_of.empty()) {
    return "the same call is told by span " + Printable(call.duplicate_of) + " too, and that one counts";
  }
  if (call.usage.scope == UsageScope::kAggregate) {
    return "its usage is a sum over other calls, which count by themselves";
  }
  if (!explained.counts) return "it does not count";
  if (!IsModelKind(call.kind))
    return "only calls of models are priced, and this is of kind " + Printable(call.kind);
  return {};
}

// "model   gpt-4o-2024-08-06, asked for as gpt-4o"
void PrintModels(const ShownCall& call, Terminal& terminal) {
  const std::string asked = Printable(call.request_model);
  const std::string answered = Printable(call.response_model);
  terminal.out << "model   ";
  if (asked.empty() && answered.empty()) {
    terminal.out << "none is named";
  } else if (answered.empty()) {
    terminal.out << asked << ", asked for; which one answered is not told";
  } else {
    terminal.out << answered;
    if (!asked.empty() && asked != answered) terminal.out << ", asked for as " << asked;
  }
  terminal.out << "\nbilled  by "
               << (call.provider.empty() ? "a provider that is not told" : Printable(call.provider));
  if (!call.service_tier.empty()) terminal.out << ", service tier " << Printable(call.service_tier);
  terminal.out << '\n';
}

// "200 out (50 reasoning)"
std::string SideText(int64_t tokens, const char* side,
                     std::initializer_list<std::pair<int64_t, const char*>> parts) {
  std::string inside;
  for (const auto& [part, what] : parts) {
    if (part <= 0) continue;
    inside += (inside.empty() ? "" : ", ") + WithThousands(part) + " " + what;
  }
  const std::string count = tokens < 0 ? std::string(side) + " not told" : WithThousands(tokens) + " " + side;
  return inside.empty() ? count : count + " (" + inside + ")";
}

// "usage   1,000 in (800 read from a cache, 100 written to a cache)" and a line for the output.
void PrintUsage(const Usage& usage, Terminal& terminal) {
  if (!usage.told()) {
    terminal.out << "usage   not told\n";
    return;
  }
  terminal.out << "usage   "
               << SideText(usage.input_tokens, "in",
                           {{usage.cache_read_tokens, "read from a cache"},
                            {usage.cache_write_tokens, "written to a cache"},
                            {usage.audio_input_tokens, "audio"},
                            {usage.image_input_tokens, "image"}})
               << "\n        "
               << SideText(usage.output_tokens, "out",
                           {{usage.reasoning_tokens, "reasoning"},
                            {usage.audio_output_tokens, "audio"},
                            {usage.image_output_tokens, "image"}});
  if (usage.web_searches > 0) {
    terminal.out << ", "
                 << (usage.web_searches == 1 ? std::string("1 web search")
                                             : WithThousands(usage.web_searches) + " web searches");
  }
  terminal.out << '\n';
  if (usage.source == UsageSource::kCounted) {
    terminal.out << "        counted by Telltale, for the sender told no usage\n";
  }
  if (usage.convention == CacheConvention::kExclusive) {
    terminal.out << "        the sender's input was without cached tokens, which are added\n";
  }
}

// The rule as this program has it, where the server's built-in table is the same as ours.
const PriceRule* RuleHere(const Cost& cost) {
  const auto table = PriceTable::BuiltIn();
  if (!cost.table_version.starts_with(table->version())) return nullptr;
  const auto found = std::ranges::find(table->rules(), cost.rule_id, &PriceRule::id);
  return found == table->rules().end() ? nullptr : &*found;
}

void PrintRuleOf(const ShownCall& call, const Cost& cost, Terminal& terminal) {
  if (cost.rule_id.empty()) return;
  if (const PriceRule* rule = RuleHere(cost); rule != nullptr) {
    PrintRule(*rule, cost, ChoosePrices(*rule, call.usage, call.service_tier, /*batch=*/false), terminal);
  } else {
    terminal.out << "rule    " << Printable(cost.rule_id) << '\n';
    if (cost.match != PriceMatch::kNone) {
      terminal.out << "match   " << PriceMatchName(cost.match) << ": " << SentenceOf(cost.match) << '\n';
    }
  }
  if (cost.match != PriceMatch::kNone) {
    terminal.out << "found   by the name of the model that "
                 << (cost.by_response_model ? "answered" : "was asked for") << '\n';
  }
}

// What lists and sums have, where that is not what the table of now says.
void PrintStored(const ExplainedCall& explained, const Cost& cost, Terminal& terminal) {
  if (!explained.stored || !explained.has_parts) return;
  const Cost& stored = *explained.stored;
  if (stored.status == cost.status && stored.total == cost.total) return;
  terminal.out << "stored  "
               << (stored.total >= 0 ? "$" + FormatUsd(stored.total) : "not known: " + WhyNot(stored));
  if (!stored.rule_id.empty()) terminal.out << ", by " << Printable(stored.rule_id);
  if (!stored.table_version.empty()) terminal.out << " of table " << Printable(stored.table_version);
  terminal.out << "\n        lists and sums show that until telltale reprice --apply\n";
}

void PrintCost(const ExplainedCall& explained, const Cost& cost, Terminal& terminal) {
  if (cost.status == CostStatus::kReported) {
    terminal.out << PadRight("total", 15) << "$" << FormatUsd(std::max<PicoDollars>(cost.total, 0))
                 << ", as the sender reported it: it cannot be computed\n";
  } else {
    if (!explained.has_parts && cost.total >= 0) {
      terminal.out << "the trace is too large to be mapped again: its parts are not shown\n";
    }
    PrintParts(cost, terminal);
  }
  PrintRuleOf(explained.call, cost, terminal);
  if (!cost.table_version.empty()) terminal.out << "table   " << Printable(cost.table_version) << '\n';
  PrintStored(explained, cost, terminal);
}

void PrintCall(const ExplainedCall& explained, Terminal& terminal) {
  terminal.out << terminal.Paint(Ink::kBold, "call    " + Printable(explained.trace_id) + "/" +
                                                 Printable(explained.span_id))
               << "\nspan    " << Printable(explained.name) << "  [" << Printable(explained.service) << "]\n";
  if (const std::string why = WhyNoCostIsDue(explained); !why.empty()) {
    terminal.out << "no cost " << why << '\n';
    return;
  }
  PrintModels(explained.call, terminal);
  PrintUsage(explained.call.usage, terminal);
  const std::optional<Cost>& cost = explained.call.cost ? explained.call.cost : explained.stored;
  if (cost) {
    PrintCost(explained, *cost, terminal);
  } else {
    terminal.out << "no cost the server tells none\n";
  }
}

void PrintJson(const std::vector<ExplainedCall>& calls, Terminal& terminal) {
  terminal.out << '[';
  for (const ExplainedCall& explained : calls) {
    std::string text;
    JsonWriter json(text);
    json.BeginObject();
    json.Key("trace_id").String(explained.trace_id);
    json.Key("span_id").String(explained.span_id);
    json.Key("name").String(explained.name);
    json.Key("service").String(explained.service);
    json.Key("start_unix_nano").UintString(explained.start_unix_nano);
    json.Key("call").Raw(explained.call.json);
    json.Key("stored_cost");
    explained.stored&& explained.stored->total >= 0 ? json.Raw(FormatUsd(explained.stored->total))
                                                    : json.Null();
    json.EndObject();
    terminal.out << (&explained == &calls.front() ? "\n" : ",\n") << text;
  }
  terminal.out << (calls.empty() ? "]\n" : "\n]\n");
}

// False where a model call that counts has no cost.
bool HasItsCost(const ExplainedCall& explained) {
  if (!WhyNoCostIsDue(explained).empty()) return true;
  const std::optional<Cost>& cost = explained.call.cost ? explained.call.cost : explained.stored;
  return cost && cost->total >= 0;
}

// Every model call, then how many others there are, and the sum.
void PrintTrace(const CallAddress& address, const ExplainedTrace& trace, Terminal& terminal) {
  uint64_t others = 0;
  bool is_first = true;
  for (const ExplainedCall& explained : trace.calls) {
    if (!IsModelKind(explained.call.kind) && explained.call.usage.scope != UsageScope::kAggregate) {
      ++others;
      continue;
    }
    if (!std::exchange(is_first, false)) terminal.out << '\n';
    PrintCall(explained, terminal);
  }
  if (is_first) {
    terminal.err << "trace " << address.trace_id << " has no calls of models\n";
  } else if (trace.totals.calls > 1) {
    terminal.out << '\n' << terminal.Paint(Ink::kBold, "trace   " + TotalsText(trace.totals)) << '\n';
  }
  if (others > 0) {
    terminal.err << Plural(others, "call") << " of tools, agents and the like "
                 << (others == 1 ? "has" : "have") << " no price of " << (others == 1 ? "its" : "their")
                 << " own\n";
  }
}

}  // namespace

int RunPricesExplainCall(const PricesExplainCallOptions& options, Terminal& terminal) {
  const auto address = ReadCallArgument(options.call);
  if (!address) return ReportError(address.error(), terminal);
  const auto trace = AskForCallsOf(*address, options.server);
  if (!trace) return ReportError(trace.error(), terminal);
  if (options.json) {
    PrintJson(trace->calls, terminal);
  } else if (address->span_id.empty()) {
    PrintTrace(*address, *trace, terminal);
  } else {
    PrintCall(trace->calls.front(), terminal);
  }
  return std::ranges::all_of(trace->calls, HasItsCost) ? kExitOk : kExitNotFound;
}

}  // namespace telltale
