#include "cli/prices/explain_text.h"

#include "cli/calls/call_text.h"
#include "cli/prices/rule_json.h"
#include "cli/text.h"
#include "pricing/money.h"

namespace telltale {

std::string_view SentenceOf(PriceMatch match) {
  switch (match) {
    case PriceMatch::kExact:
      return "the rule names this model";
    case PriceMatch::kPrefix:
      return "the rule names this model without the provider's prefix";
    case PriceMatch::kSnapshot:
      return "a dated snapshot without a rule of its own: the rule of the model without the date";
    case PriceMatch::kRegion:
      return "a regional id without a rule of its own: the rule without the region";
    case PriceMatch::kVersion:
      return "the same model with or without the host's version suffix";
    case PriceMatch::kLatest:
      return "-latest: the rule without it, or that of the newest snapshot";
    case PriceMatch::kFineTune:
      return "a fine-tune: the rule for fine-tunes of its base";
    case PriceMatch::kPattern:
      return "the rule's pattern fits";
    case PriceMatch::kMaker:
      return "no provider was told: the rule of the model's maker";
    case PriceMatch::kNone:
      break;
  }
  return "";
}

std::string WhyNot(const Cost& cost) {
  switch (cost.reason) {
    case CostReason::kUsageNotTold:
      return "input and output tokens must both be told";
    case CostReason::kModelNotTold:
      return "no model was named";
    case CostReason::kModelUnknown:
      return "no rule matches this model at this provider";
    case CostReason::kProviderUnknown:
      return "the table has no rule of this provider";
    case CostReason::kFineTuneUnknown:
      return "a fine-tune without a rule; it is never priced as its base model";
    case CostReason::kDeploymentName:
      return "on Azure the request names a deployment, which may be any model";
    case CostReason::kOutsideRuleDates:
      return "the rules of this model hold at other times";
    case CostReason::kTierUnknown:
      return "the rule has no price for this service tier";
    case CostReason::kPartUnpriced:
      return "the rule has no price for " + std::string(CostPartName(cost.unpriced_part));
    case CostReason::kOutOfRange:
      return "the amount does not fit";
    case CostReason::kNone:
      break;
  }
  return "";
}

void PrintParts(const Cost& cost, Terminal& terminal) {
  for (const CostPart& part : cost.told_parts()) {
    const bool piece = part.kind == CostPartKind::kRequest || part.kind == CostPartKind::kWebSearch;
    terminal.out << PadRight(CostPartName(part.kind), 15) << PadLeft(WithThousands(part.tokens), 12)
                 << "  x  $"
                 << PadRight(PriceInDollars(part.kind, part.price) + (piece ? " each" : " per million"), 22)
                 << "=  $" << FormatUsd(part.amount) << '\n';
  }
  terminal.out << PadRight("total", 15)
               << (cost.total >= 0 ? "$" + FormatUsd(cost.total) : "not known: " + WhyNot(cost)) << '\n';
}

void PrintRule(const PriceRule& rule, const Cost& cost, const PriceChoice& choice, Terminal& terminal) {
  terminal.out << "rule    " << Printable(rule.id) << " (" << Printable(rule.file) << ", line " << rule.line
               << ")\n";
  terminal.out << "match   " << PriceMatchName(cost.match) << ": " << SentenceOf(cost.match) << '\n';
  terminal.out << "tier    " << (choice.prices == nullptr ? "none" : choice.tier);
  if (choice.above_tokens > 0)
    terminal.out << ", above " << WithThousands(choice.above_tokens) << " input tokens";
  terminal.out << '\n';
  terminal.out << "source  " << Printable(rule.source) << '\n';
  if (!rule.as_of.empty()) terminal.out << "        as of " << rule.as_of << '\n';
  if (!rule.from.empty() || !rule.until.empty()) {
    terminal.out << "holds   " << (rule.from.empty() ? "" : "from " + rule.from + " ")
                 << (rule.until.empty() ? "" : "until " + rule.until) << '\n';
  }
  if (!rule.note.empty()) terminal.out << "note    " << Printable(rule.note) << '\n';
}

}  // namespace telltale
