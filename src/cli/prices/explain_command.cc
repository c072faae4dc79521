#include "base/clock.h"
#include "cli/prices/explain_text.h"
#include "cli/prices/prices_commands.h"
#include "cli/prices/rule_json.h"
#include "cli/text.h"
#include "json/writer.h"
#include "pricing/cost_arithmetic.h"
#include "pricing/pricer.h"

namespace telltale {

int RunPricesExplain(const PricesExplainOptions& options, Terminal& terminal) {
  uint64_t at = Clock::System()->UnixNanos();
  if (!options.at.empty()) {
    const auto day = UnixNanosOfDay(options.at);
    if (!day) return ReportError({ErrorCode::kInvalidInput, "--at: " + day.error().message, ""}, terminal);
    at = *day;
  }
  const auto table = PriceTable::WithUserFile(options.prices);
  if (!table) return ReportError(table.error(), terminal);
  // A person who names the model means the one that answers.
  const Cost cost = Pricer(*table).Price(options.usage, {.provider = options.provider,
                                                         .response_model = options.model,
                                                         .service_tier = options.service_tier,
                                                         .batch = options.batch,
                                                         .at_unix_nanos = at});
  const FoundRule found =
      (*table)->Find({.provider = options.provider, .response_model = options.model}).At(at);
  if (options.json) {
    std::string text;
    JsonWriter json(text);
    json.BeginObject();
    json.Key("cost");
    WriteCostJson(cost, json);
    json.Key("rule");
    found.rule != nullptr ? WriteRuleJson(*found.rule, json) : void(json.Null());
    json.EndObject();
    terminal.out << text << '\n';
  } else {
    PrintParts(cost, terminal);
    if (found.rule != nullptr) {
      terminal.out << '\n';
      PrintRule(*found.rule, cost,
                ChoosePrices(*found.rule, options.usage, options.service_tier, options.batch), terminal);
    }
    terminal.out << (found.rule == nullptr ? "\n" : "") << "table   " << cost.table_version << '\n';
  }
  if (cost.status == CostStatus::kComputed) return kExitOk;
  if (found.rule == nullptr) {
    terminal.err << "hint: telltale prices list --model " << Printable(options.model)
                 << " shows what is near; telltale prices add makes a rule\n";
  }
  return kExitNotFound;
}

}  // namespace telltale
