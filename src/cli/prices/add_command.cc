#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/clock.h"
#include "cli/prices/prices_commands.h"
#include "cli/prices/rule_json.h"
#include "cli/text.h"
#include "json/writer.h"
#include "pricing/price_file.h"
#include "pricing/provider_name.h"

namespace telltale {
namespace {

// The entry as the flags say it, read back by the one reader there is: what it refuses in
// a file is refused here in the same words.
Result<PriceRule> RuleOf(const PricesAddOptions& options) {
  std::string text = "[[rule]]\n";
  const auto add = [&](std::string_view field, std::string_view value) {
    if (!value.empty()) text += std::string(field) + " = " + TomlText(value) + "\n";
  };
  add("provider", options.provider);
  add("model", options.model);
  add("kind", options.kind);
  add("source", options.source.empty() ? "telltale prices add" : options.source);
  add("note", options.note);
  add("from", options.from);
  add("until", options.until);
  add("as_of", FormatUtcTime(Clock::System()->UnixNanos()).substr(0, 10));
  for (const auto& [field, dollars] : options.fields) {
    if (dollars.empty()) continue;
    if (dollars.find_first_not_of("0123456789.") != std::string::npos) {
      return Fail(ErrorCode::kInvalidInput,
                  "read --" + field + ": '" + dollars + "': not a number of dollars");
    }
    text += field + " = " + dollars + "\n";
  }
  TELLTALE_ASSIGN_OR_RETURN(const PriceFile file, ReadPriceFileUntrusted(text, "the new rule"));
  return file.rules.at(0);
}

bool BeginsOtherTable(std::string_view line) {
  return line.starts_with("[") && !line.starts_with("[rule.");
}

// `text` without the [[rule]] that begins at `line` (from 1), its own tables included;
// empty when no such entry stands there, but an element of a list.
std::optional<std::string> WithoutEntry(const std::string& text, uint32_t line) {
  std::istringstream lines(text);
  std::string kept;
  std::string one;
  bool inside = false;
  for (uint32_t number = 1; std::getline(lines, one); ++number) {
    if (number == line && !one.starts_with("[[rule]]")) return std::nullopt;
    if (number == line) inside = true;
    if (number > line && BeginsOtherTable(one)) inside = false;
    if (!inside) kept += one + "\n";
  }
  return kept;
}

// The file with the rule in it; the text is checked as a whole before it is written.
Result<std::string> TextWith(const PricesAddOptions& options, const PriceRule& rule,
                             const std::string& before) {
  TELLTALE_ASSIGN_OR_RETURN(const PriceFile file, ReadPriceFileUntrusted(before, options.prices));
  std::string text = before;
  for (const PriceRule& other : file.rules) {
    const bool same = other.provider == rule.provider && LowerCase(other.model) == LowerCase(rule.model) &&
                      other.from == rule.from;
    if (!same) continue;
    if (!options.replace) {
      return Fail(ErrorCode::kInvalidInput,
                  "add a rule: " + options.prices + ": line " + std::to_string(other.line) + " has one for " +
                      rule.model,
                  "--replace takes its place; --from DAY, and until in the old one, keeps both");
    }
    auto without = WithoutEntry(before, other.line);
    if (!without) {
      return Fail(ErrorCode::kInvalidInput,
                  "add a rule: " + options.prices + ": line " + std::to_string(other.line) +
                      ": not a [[rule]] of its own",
                  "the file is unchanged; edit it by hand");
    }
    text = std::move(*without);
  }
  if (!text.empty() && !text.ends_with('\n')) text += "\n";
  text += (text.empty() ? "" : "\n") + RuleText(rule);
  const auto whole = ReadPriceFileUntrusted(text, options.prices);
  if (!whole) {
    Error error = whole.error();
    error.message = "add a rule: " + error.message;
    if (error.hint.empty()) error.hint = "the file is unchanged; write the rule into it by hand";
    return std::unexpected(std::move(error));
  }
  return text;
}

// Whole or not at all: a new file takes the old one's place.
Status WriteWhole(const std::string& path, const std::string& text) {
  const std::string next = path + ".new";
  {
    std::ofstream file(next, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) return Fail(ErrorCode::kUnavailable, "write prices: " + next + ": cannot write it");
  }
  std::error_code failed;
  std::filesystem::rename(next, path, failed);
  if (failed) return Fail(ErrorCode::kUnavailable, "write prices: " + path + ": " + failed.message());
  return {};
}

Result<PriceRule> Add(const PricesAddOptions& options) {
  if (options.prices.empty()) {
    return Fail(ErrorCode::kInvalidInput, "add a rule: no file to write it to is named",
                "name it with --prices FILE or TELLTALE_PRICES");
  }
  TELLTALE_ASSIGN_OR_RETURN(PriceRule rule, RuleOf(options));
  std::string before;
  if (std::filesystem::exists(options.prices)) {
    TELLTALE_ASSIGN_OR_RETURN(before, ReadPriceFileText(options.prices));
  }
  TELLTALE_ASSIGN_OR_RETURN(const std::string text, TextWith(options, rule, before));
  TELLTALE_RETURN_IF_ERROR(WriteWhole(options.prices, text));
  rule.file = options.prices;
  rule.line = static_cast<uint32_t>(std::ranges::count(text.substr(0, text.rfind("[[rule]]")), '\n')) + 1;
  return rule;
}

}  // namespace

int RunPricesAdd(const PricesAddOptions& options, Terminal& terminal) {
  const auto rule = Add(options);
  if (!rule) return ReportError(rule.error(), terminal);
  if (options.json) {
    std::string text;
    JsonWriter json(text);
    WriteRuleJson(*rule, json);
    terminal.out << text << '\n';
  } else {
    terminal.out << RuleText(*rule);
    terminal.err << "written to " << Printable(options.prices) << '\n';
  }
  return kExitOk;
}

}  // namespace telltale
