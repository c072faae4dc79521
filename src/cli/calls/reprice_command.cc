#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cli/api_answers.h"
#include "cli/api_client.h"
#include "cli/calls/call_text.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "cli/text_table.h"
#include "cli/trace_query.h"
#include "json/writer.h"

namespace telltale {
namespace {

// A year of calls is read and priced again in one answer.
constexpr int kTimeoutMs = 3'600'000;
constexpr int kNameWidthMin = 10;
// Sums of doubles differ in digits that no price has.
constexpr double kSmallestDifference = 1e-12;

std::string BodyOf(const std::string& start, const std::string& end, bool apply) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("start").String(start);
  json.Key("end").String(end);
  json.Key("apply").Bool(apply);
  json.EndObject();
  return body;
}

// A row of the table of changes; `known_from` and `known_to`: the amount is one, even where it is 0.
struct ChangeRow {
  std::string provider;
  std::string model;
  std::string rules_before;
  std::string rules_now;
  std::string rules_below;
  uint64_t calls = 0;
  double from = 0;
  double to = 0;
  bool known_from = false;
  bool known_to = false;
  Ink ink = Ink::kPlain;
};

// What calls without a price cost is not known, and not nothing.
std::string AmountText(bool known, double dollars) {
  return known || dollars != 0 ? FormatDollars(dollars) : "-";
}

std::string DifferenceText(double from, double to) {
  const double difference = to - from;
  if (std::abs(difference) < kSmallestDifference) return FormatDollars(0);
  return (difference < 0 ? "" : "+") + FormatDollars(difference);
}

// "openai/gpt-4o -> house/gpt-4o"
std::string RulesText(const Repriced::Change& change) {
  const auto text = [](const std::string& rule) { return rule.empty() ? "no rule" : Printable(rule); };
  if (change.from_rule == change.to_rule) return text(change.to_rule) + ", whose price changed";
  return text(change.from_rule) + " -> " + text(change.to_rule);
}

ChangeRow RowOf(const Repriced::Change& change) {
  const auto text = [](const std::string& name) { return name.empty() ? "-" : Printable(name); };
  return {.provider = text(change.provider),
          .model = text(change.model),
          .rules_before = text(change.from_rule),
          .rules_now = text(change.to_rule),
          .rules_below = RulesText(change),
          .calls = change.calls,
          .from = change.from,
          .to = change.to,
          .known_from = !change.from_rule.empty(),
          .known_to = !change.to_rule.empty()};
}

// The changes, what does not change, and all of it.
std::vector<ChangeRow> RowsOf(const Repriced& repriced) {
  std::vector<ChangeRow> rows;
  ChangeRow rest{.provider = "unchanged",
                 .calls = repriced.calls - std::min(repriced.changed, repriced.calls),
                 .from = repriced.from};
  ChangeRow all{.provider = "all calls",
                .calls = repriced.calls,
                .from = repriced.from,
                .to = repriced.to,
                .ink = Ink::kBold};
  for (const Repriced::Change& change : repriced.changes) {
    rows.push_back(RowOf(change));
    rest.from -= change.from;
    all.known_from = all.known_from || rows.back().known_from;
    all.known_to = all.known_to || rows.back().known_to;
  }
  if (std::abs(rest.from) < kSmallestDifference) rest.from = 0;
  rest.to = rest.from;
  if (rest.calls > 0) rows.push_back(std::move(rest));
  rows.push_back(std::move(all));
  return rows;
}

TextTable TableOf(const std::vector<ChangeRow>& rows, bool rules_below) {
  std::vector<TextColumn> columns = {{.title = "provider", .width_min = kNameWidthMin},
                                     {.title = "model", .width_min = rules_below ? kNameWidthMin : 0}};
  if (!rules_below) {
    columns.push_back({.title = "rule before"});
    columns.push_back({.title = "rule now"});
  }
  for (const char* title : {"calls", "before", "now", "difference"}) {
    columns.push_back({.title = title, .is_number = true});
  }
  TextTable table(std::move(columns));
  for (const ChangeRow& row : rows) {
    std::vector<TextCell> cells = {{row.provider, row.ink}, {row.model, row.ink}};
    if (!rules_below) {
      cells.push_back({row.rules_before, Ink::kDim});
      cells.push_back({row.rules_now, Ink::kDim});
    }
    cells.push_back({WithThousands(static_cast<int64_t>(row.calls)), row.ink});
    cells.push_back({AmountText(row.known_from, row.from), row.ink});
    cells.push_back({AmountText(row.known_to, row.to), row.ink});
    cells.push_back({DifferenceText(row.from, row.to), row.ink});
    table.Add({.cells = std::move(cells), .below = rules_below ? row.rules_below : std::string()});
  }
  return table;
}

void PrintChanges(const Repriced& repriced, Terminal& terminal) {
  const std::vector<ChangeRow> rows = RowsOf(repriced);
  const TextTable wide = TableOf(rows, /*rules_below=*/false);
  if (terminal.width == 0 || wide.WidthMin(terminal) <= terminal.width) {
    wide.Print(terminal);
  } else {
    TableOf(rows, /*rules_below=*/true).Print(terminal);
  }
}

void PrintRepriced(const Repriced& repriced, Terminal& terminal) {
  const std::string table = "price table " + Printable(repriced.table_version);
  if (repriced.calls == 0) {
    terminal.err << "no model calls started in this time (" << table << ")\n"
                 << "hint: telltale calls --since 30d lists those that there are\n";
    return;
  }
  if (repriced.changed == 0) {
    terminal.out << "nothing changes: " << Plural(repriced.calls, "call") << ", "
                 << FormatDollars(repriced.to) << " in all\n"
                 << table << '\n';
    return;
  }
  PrintChanges(repriced, terminal);
  terminal.out << '\n'
               << repriced.changed << " of " << Plural(repriced.calls, "call")
               << (repriced.applied ? " changed" : " would change") << '\n'
               << table << '\n';
  if (!repriced.applied) terminal.err << "nothing is changed yet: --apply does it\n";
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// Of two that are known here; the server knows of the others.
bool IsBefore(const std::string& start, const std::string& end) {
  if (!IsDigits(start) || !IsDigits(end)) return true;
  return std::strtoull(start.c_str(), nullptr, 10) < std::strtoull(end.c_str(), nullptr, 10);
}

Status Reprice(const RepriceOptions& options, Terminal& terminal) {
  const uint64_t now = Clock::System()->UnixNanos();
  TELLTALE_ASSIGN_OR_RETURN(const std::string start, TimeOfFlag("from", options.from, now));
  TELLTALE_ASSIGN_OR_RETURN(const std::string end, TimeOfFlag("to", options.to, now));
  if (!IsBefore(start, end)) {
    return Fail(ErrorCode::kInvalidInput, "read --from: '" + options.from + "': it is not before --to",
                "a duration is so long ago: --from 7d --to 1d");
  }
  const ApiClient api(options.server, kTimeoutMs);
  TELLTALE_ASSIGN_OR_RETURN(const std::string body,
                            api.PostJson("/api/v1/reprice", BodyOf(start, end, options.apply)));
  TELLTALE_ASSIGN_OR_RETURN(const Repriced repriced, ReadRepricedUntrusted(body));
  if (options.json) {
    terminal.out << body << '\n';
  } else {
    PrintRepriced(repriced, terminal);
  }
  return {};
}

}  // namespace

int RunReprice(const RepriceOptions& options, Terminal& terminal) {
  const Status done = Reprice(options, terminal);
  return done ? kExitOk : ReportError(done.error(), terminal);
}

}  // namespace telltale
