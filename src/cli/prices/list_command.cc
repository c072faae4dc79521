#include <algorithm>
#include <vector>

#include "cli/prices/prices_commands.h"
#include "cli/prices/rule_json.h"
#include "cli/text.h"
#include "json/writer.h"
#include "pricing/price_table.h"
#include "pricing/provider_name.h"

namespace telltale {
namespace {

constexpr std::string_view kColumns[] = {"PROVIDER", "MODEL", "INPUT", "CACHE READ",
                                         "OUTPUT",   "ALSO",  "AS OF"};
constexpr size_t kColumnCount = std::size(kColumns);
using Row = std::array<std::string, kColumnCount>;

std::string PriceOrDash(const PriceList& prices, CostPartKind kind) {
  return prices.Has(kind) ? PriceInDollars(kind, prices[kind]) : "-";
}

// What else the rule prices: the reader then asks for it by --json.
std::string AlsoPriced(const PriceRule& rule) {
  std::string also;
  const auto add = [&](std::string_view what) { also += (also.empty() ? "" : ", ") + std::string(what); };
  using enum CostPartKind;
  for (const CostPartKind kind :
       {kCacheWrite, kReasoning, kAudioInput, kAudioOutput, kImageOutput, kRequest, kWebSearch}) {
    if (rule.standard.prices.Has(kind)) add(CostPartName(kind));
  }
  for (const ContextBand& band : rule.standard.bands) add("above " + std::to_string(band.above_tokens));
  if (rule.batch) add("batch");
  if (rule.flex) add("flex");
  if (rule.priority) add("priority");
  return also;
}

void PrintTable(const std::vector<const PriceRule*>& rules, Terminal& terminal) {
  std::vector<Row> rows = {{}};
  std::ranges::copy(kColumns, rows[0].begin());
  for (const PriceRule* rule : rules) {
    const PriceList& prices = rule->standard.prices;
    rows.push_back({Printable(rule->provider), Printable(rule->model),
                    PriceOrDash(prices, CostPartKind::kInput), PriceOrDash(prices, CostPartKind::kCacheRead),
                    PriceOrDash(prices, CostPartKind::kOutput), AlsoPriced(*rule),
                    rule->by_user ? "yours" : rule->as_of});
  }
  std::array<int, kColumnCount> widths{};
  for (const Row& row : rows) {
    for (size_t i = 0; i < kColumnCount; ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < kColumnCount; ++i) {
      const bool number = i >= 2 && i <= 4;
      line += (number ? PadLeft(row[i], widths[i]) : PadRight(row[i], widths[i])) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    terminal.out << line << '\n';
  }
}

}  // namespace

int RunPricesList(const PricesListOptions& options, Terminal& terminal) {
  const auto table = PriceTable::WithUserFile(options.prices);
  if (!table) return ReportError(table.error(), terminal);
  const std::string model = LowerCase(options.model);
  const std::string provider = CanonicalProvider(options.provider);
  std::vector<const PriceRule*> rules;
  for (const PriceRule& rule : (*table)->rules()) {
    if (!options.provider.empty() && rule.provider != provider) continue;
    if (LowerCase(rule.model).find(model) != std::string::npos) rules.push_back(&rule);
  }
  if (options.json) {
    std::string text;
    JsonWriter json(text);
    json.BeginArray();
    for (const PriceRule* rule : rules) WriteRuleJson(*rule, json);
    json.EndArray();
    terminal.out << text << '\n';
    return kExitOk;
  }
  if (rules.empty()) {
    terminal.err << "no rule matches\nhint: telltale prices list without filters shows all; telltale prices "
                    "add makes one\n";
    return kExitOk;
  }
  PrintTable(rules, terminal);
  terminal.err << "dollars per million tokens; " << Plural(rules.size(), "rule") << " of table "
               << (*table)->version() << '\n';
  return kExitOk;
}

int RunPricesCheck(const PricesCheckOptions& options, Terminal& terminal) {
  const auto file = ReadPriceFile(options.file);
  if (!file) return ReportError(file.error(), terminal);
  if (options.json) {
    std::string text;
    JsonWriter json(text);
    json.BeginObject();
    json.Key("file").String(options.file);
    json.Key("rules").Uint(file->rules.size());
    json.Key("hash").String(file->hash);
    json.EndObject();
    terminal.out << text << '\n';
  } else {
    terminal.out << Printable(options.file) << ": " << Plural(file->rules.size(), "rule")
                 << ", no mistakes\n";
  }
  return kExitOk;
}

}  // namespace telltale
