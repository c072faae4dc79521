#include "pricing/price_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "pricing/money.h"
#include "pricing/provider_name.h"

namespace telltale {
namespace {

constexpr std::string_view kKinds[] = {"audio", "chat", "embedding", "image", "rerank"};
// 1,000,000 dollars per million tokens, or per request: dearer is a slip of units.
constexpr PicoDollars kPriceMax = kPicoDollarsPerDollar;
constexpr PicoDollars kPiecePriceMax = 1'000 * kPicoDollarsPerDollar;

bool IsPerPiece(CostPartKind kind) {
  return kind == CostPartKind::kRequest || kind == CostPartKind::kWebSearch;
}

// The kind of part whose price a field tells; empty: the field is no price.
std::optional<CostPartKind> PartOfField(std::string_view field) {
  for (size_t i = 0; i < kCostPartKinds; ++i) {
    const auto kind = static_cast<CostPartKind>(i);
    if (CostPartName(kind) == field) return kind;
  }
  return std::nullopt;
}

std::string LineOf(const toml::node& node) {
  return "line " + std::to_string(node.source().begin.line);
}

// Nearly the same: one letter more, less or other.
bool IsNear(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const size_t same = static_cast<size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  return a.substr(same + (a.size() == b.size() && same < a.size() ? 1 : 0)) ==
         b.substr(std::min(same + 1, b.size()));
}

// Reads one file; every Read... gives the first mistake.
class Reader {
 public:
  explicit Reader(const std::string& name) : file_{.name = name, .hash = {}, .rules = {}} {}

  Result<PriceFile> Read(const toml::table& root) {
    TELLTALE_RETURN_IF_ERROR(
        CheckFields(root, {"provider", "source", "as_of", "standard_tiers", "rule"}, false));
    TELLTALE_RETURN_IF_ERROR(ReadDefaults(root));
    const toml::node* rules = root.get("rule");
    if (rules == nullptr) return std::move(file_);
    if (rules->as_array() == nullptr)
      return Bad(*rules, "rule", "must be a list of tables", "begin each with [[rule]]");
    if (rules->as_array()->size() > kPriceRulesMax) return Bad(*rules, "rule", "more than 100,000 rules");
    for (const toml::node& node : *rules->as_array()) {
      const toml::table* entry = node.as_table();
      if (entry == nullptr) return Bad(node, "rule", "must be a table");
      TELLTALE_ASSIGN_OR_RETURN(PriceRule rule, ReadRule(*entry));
      file_.rules.push_back(std::move(rule));
    }
    TELLTALE_RETURN_IF_ERROR(CheckTogether());
    return std::move(file_);
  }

 private:
  std::unexpected<Error> Bad(const toml::node& at, std::string_view field, const std::string& why,
                             std::string hint = {}) const {
    return Fail(ErrorCode::kInvalidInput,
                "read prices: " + file_.name + ": " + LineOf(at) + ": " + std::string(field) + ": " + why,
                std::move(hint));
  }

  // Each field must be one of `known`, or a price where there may be prices.
  Status CheckFields(const toml::table& table, std::initializer_list<std::string_view> known,
                     bool prices) const {
    for (const auto& [key, value] : table) {
      const std::string_view field = key.str();
      if (std::ranges::find(known, field) != known.end() || (prices && PartOfField(field))) continue;
      std::string hint = "docs/reference/price_file.md lists the fields";
      for (const std::string_view other : known) {
        if (IsNear(field, other)) hint = "did you mean " + std::string(other) + "?";
      }
      for (size_t i = 0; prices && i < kCostPartKinds; ++i) {
        const std::string_view other = CostPartName(static_cast<CostPartKind>(i));
        if (IsNear(field, other)) hint = "did you mean " + std::string(other) + "?";
      }
      return Bad(value, field, "no such field", std::move(hint));
    }
    return {};
  }

  Result<std::string> ReadText(const toml::table& table, std::string_view field, std::string fallback) const {
    const toml::node* node = table.get(field);
    if (node == nullptr) return fallback;
    const auto* text = node->as_string();
    if (text == nullptr) return Bad(*node, field, "must be a text in quotes");
    const bool control =
        std::ranges::any_of(text->get(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (text->get().empty() || text->get().size() > kPriceNameBytesMax || control) {
      return Bad(*node, field, "must be one line of 1 to 256 bytes");
    }
    return text->get();
  }

  // 2026-07-24 or "2026-07-24"; `nanos` is left alone where the field is absent.
  Result<std::string> ReadDay(const toml::table& table, std::string_view field, std::string fallback,
                              uint64_t* nanos) const {
    const toml::node* node = table.get(field);
    if (node == nullptr) return fallback;
    std::string day;
    if (const auto* date = node->as_date()) {
      std::ostringstream text;
      text << date->get();
      day = text.str();
    } else if (const auto* text = node->as_string()) {
      day = text->get();
    }
    const auto read = UnixNanosOfDay(day);
    if (!read) return Bad(*node, field, "must be a day such as 2026-07-24");
    if (nanos != nullptr) *nanos = *read;
    return day;
  }

  Result<PicoDollars> ReadPrice(const toml::node& node, std::string_view field, CostPartKind kind) const {
    const auto dollars = node.is_number() ? node.value<double>() : std::nullopt;
    if (!dollars) return Bad(node, field, "must be a number of dollars");
    const bool piece = IsPerPiece(kind);
    if (!(*dollars >= 0)) return Bad(node, field, "a price cannot be negative");
    const auto price = PicoDollarsOf(*dollars, piece ? kPerPieceDecimals : kPerMillionDecimals);
    if (*dollars > 1e6 || (price && *price > (piece ? kPiecePriceMax : kPriceMax))) {
      return Bad(node, field,
                 piece ? "more than 1,000 dollars each" : "more than 1,000,000 dollars per million tokens",
                 piece ? "request and web_search are dollars each" : "prices are dollars per million tokens");
    }
    if (!price)
      return Bad(node, field, piece ? "has more than twelve decimals" : "has more than six decimals");
    return *price;
  }

  Status ReadPrices(const toml::table& table, PriceList& prices) const {
    for (const auto& [key, value] : table) {
      const auto kind = PartOfField(key.str());
      if (!kind) continue;
      TELLTALE_ASSIGN_OR_RETURN(prices[*kind], ReadPrice(value, key.str(), *kind));
    }
    return {};
  }

  // above = [{ tokens = 200000, input = 6, output = 22.5 }]
  Status ReadBands(const toml::table& table, TierPrices& tier) const {
    const toml::node* node = table.get("above");
    if (node == nullptr) return {};
    if (node->as_array() == nullptr) return Bad(*node, "above", "must be a list of tables");
    for (const toml::node& item : *node->as_array()) {
      const toml::table* entry = item.as_table();
      if (entry == nullptr) return Bad(item, "above", "must be a list of tables");
      TELLTALE_RETURN_IF_ERROR(CheckFields(*entry, {"tokens"}, true));
      const toml::node* tokens = entry->get("tokens");
      ContextBand band;
      if (tokens == nullptr || !tokens->is_integer())
        return Bad(item, "above.tokens", "must be a whole number of tokens");
      band.above_tokens = tokens->as_integer()->get();
      const int64_t lower = tier.bands.empty() ? 0 : tier.bands.back().above_tokens;
      if (band.above_tokens <= lower)
        return Bad(*tokens, "above.tokens", "must be more than " + std::to_string(lower));
      band.prices = tier.bands.empty() ? tier.prices : tier.bands.back().prices;
      TELLTALE_RETURN_IF_ERROR(ReadPrices(*entry, band.prices));
      tier.bands.push_back(std::move(band));
    }
    return {};
  }

  Status ReadTier(const toml::table& rule, std::string_view name, std::optional<TierPrices>& tier) const {
    const toml::node* node = rule.get(name);
    if (node == nullptr) return {};
    const toml::table* entry = node->as_table();
    if (entry == nullptr) return Bad(*node, name, "must be a table of prices");
    TELLTALE_RETURN_IF_ERROR(CheckFields(*entry, {"above"}, true));
    tier.emplace();
    TELLTALE_RETURN_IF_ERROR(ReadPrices(*entry, tier->prices));
    return ReadBands(*entry, *tier);
  }

  Result<std::vector<std::string>> ReadNames(const toml::table& table, std::string_view field) const {
    std::vector<std::string> names;
    const toml::node* node = table.get(field);
    if (node == nullptr) return names;
    if (node->as_array() == nullptr) return Bad(*node, field, "must be a list of texts");
    for (const toml::node& item : *node->as_array()) {
      if (!item.is_string()) return Bad(item, field, "must be a list of texts");
      names.push_back(LowerCase(item.as_string()->get()));
    }
    return names;
  }

  Status ReadDefaults(const toml::table& root) {
    TELLTALE_ASSIGN_OR_RETURN(defaults_.provider, ReadText(root, "provider", ""));
    TELLTALE_ASSIGN_OR_RETURN(defaults_.source, ReadText(root, "source", file_.name));
    TELLTALE_ASSIGN_OR_RETURN(defaults_.as_of, ReadDay(root, "as_of", "", nullptr));
    TELLTALE_ASSIGN_OR_RETURN(defaults_.standard_tiers, ReadNames(root, "standard_tiers"));
    return {};
  }

  Status ReadWho(const toml::table& entry, PriceRule& rule) const {
    TELLTALE_ASSIGN_OR_RETURN(rule.provider, ReadText(entry, "provider", defaults_.provider));
    if (rule.provider.empty())
      return Bad(entry, "provider", "missing", "name it in the rule or at the top of the file");
    const std::string canonical = CanonicalProvider(rule.provider);
    if (canonical.empty()) return Bad(entry, "provider", "'" + rule.provider + "' is not a provider");
    rule.provider = canonical;
    TELLTALE_ASSIGN_OR_RETURN(rule.model, ReadText(entry, "model", ""));
    if (rule.model.empty()) return Bad(entry, "model", "missing");
    if (std::ranges::count(rule.model, '*') > 1)
      return Bad(*entry.get("model"), "model", "may hold one * only");
    TELLTALE_ASSIGN_OR_RETURN(rule.kind, ReadText(entry, "kind", "chat"));
    if (std::ranges::find(kKinds, rule.kind) == std::end(kKinds)) {
      return Bad(*entry.get("kind"), "kind",
                 "'" + rule.kind + "': not one of audio, chat, embedding, image, rerank");
    }
    return {};
  }

  Status ReadWhen(const toml::table& entry, PriceRule& rule) const {
    TELLTALE_ASSIGN_OR_RETURN(rule.as_of, ReadDay(entry, "as_of", defaults_.as_of, nullptr));
    TELLTALE_ASSIGN_OR_RETURN(rule.from, ReadDay(entry, "from", "", &rule.from_unix_nanos));
    TELLTALE_ASSIGN_OR_RETURN(rule.until, ReadDay(entry, "until", "", &rule.until_unix_nanos));
    if (rule.from_unix_nanos >= rule.until_unix_nanos) return Bad(entry, "until", "must be after from");
    return {};
  }

  Result<PriceRule> ReadRule(const toml::table& entry) const {
    TELLTALE_RETURN_IF_ERROR(
        CheckFields(entry,
                    {"id", "provider", "model", "kind", "source", "as_of", "from", "until", "note", "above",
                     "batch", "flex", "priority", "standard_tiers"},
                    true));
    PriceRule rule;
    rule.file = file_.name;
    rule.line = static_cast<uint32_t>(entry.source().begin.line);
    TELLTALE_RETURN_IF_ERROR(ReadWho(entry, rule));
    TELLTALE_RETURN_IF_ERROR(ReadWhen(entry, rule));
    TELLTALE_ASSIGN_OR_RETURN(rule.source, ReadText(entry, "source", defaults_.source));
    TELLTALE_ASSIGN_OR_RETURN(rule.note, ReadText(entry, "note", ""));
    TELLTALE_ASSIGN_OR_RETURN(rule.standard_tiers, ReadNames(entry, "standard_tiers"));
    if (entry.get("standard_tiers") == nullptr) rule.standard_tiers = defaults_.standard_tiers;
    TELLTALE_ASSIGN_OR_RETURN(
        rule.id,
        ReadText(entry, "id", rule.provider + "/" + rule.model + (rule.from.empty() ? "" : "@" + rule.from)));
    TELLTALE_RETURN_IF_ERROR(ReadPrices(entry, rule.standard.prices));
    TELLTALE_RETURN_IF_ERROR(ReadBands(entry, rule.standard));
    TELLTALE_RETURN_IF_ERROR(ReadTier(entry, "batch", rule.batch));
    TELLTALE_RETURN_IF_ERROR(ReadTier(entry, "flex", rule.flex));
    TELLTALE_RETURN_IF_ERROR(ReadTier(entry, "priority", rule.priority));
    const PriceList& prices = rule.standard.prices;
    if (!prices.Has(CostPartKind::kInput) && !prices.Has(CostPartKind::kOutput) &&
        !prices.Has(CostPartKind::kRequest)) {
      return Bad(entry, "input", "missing: a rule needs a price of input, output or request");
    }
    return rule;
  }

  // Ids are told apart, and never do two rules of one model hold at one time.
  Status CheckTogether() const {
    std::map<std::string_view, const PriceRule*> ids;
    std::map<std::string, std::vector<const PriceRule*>> models;
    for (const PriceRule& rule : file_.rules) {
      auto& same = models[rule.provider + "\n" + LowerCase(rule.model)];
      for (const PriceRule* other : same) {
        if (rule.from_unix_nanos < other->until_unix_nanos &&
            other->from_unix_nanos < rule.until_unix_nanos) {
          return Twice(rule, "model: " + rule.model + ": the rule at line " + std::to_string(other->line) +
                                 " holds at the same time");
        }
      }
      same.push_back(&rule);
      const auto [at, first] = ids.emplace(rule.id, &rule);
      if (!first) {
        return Twice(rule, "id: " + rule.id + ": the rule at line " + std::to_string(at->second->line) +
                               " has it too");
      }
    }
    return {};
  }

  Status Twice(const PriceRule& rule, const std::string& what) const {
    return Fail(ErrorCode::kInvalidInput,
                "read prices: " + file_.name + ": line " + std::to_string(rule.line) + ": " + what,
                "give them different days with from and until, or keep one");
  }

  PriceFile file_;
  PriceRule defaults_;
};

std::string PriceText(CostPartKind kind, PicoDollars price) {
  return IsPerPiece(kind) ? FormatUsd(price) : FormatPerMillion(price);
}

// NAME = PRICE for each price that `below` does not already say.
std::vector<std::string> PriceTexts(const PriceList& prices, const PriceList& below) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < kCostPartKinds; ++i) {
    const auto kind = static_cast<CostPartKind>(i);
    if (!prices.Has(kind) || prices[kind] == below[kind]) continue;
    texts.push_back(std::string(CostPartName(kind)) + " = " + PriceText(kind, prices[kind]));
  }
  return texts;
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

std::string BandsText(const TierPrices& tier) {
  std::vector<std::string> bands;
  const PriceList* below = &tier.prices;
  for (const ContextBand& band : tier.bands) {
    std::vector<std::string> texts = {"tokens = " + std::to_string(band.above_tokens)};
    std::ranges::copy(PriceTexts(band.prices, *below), std::back_inserter(texts));
    bands.push_back("{ " + Joined(texts) + " }");
    below = &band.prices;
  }
  return bands.empty() ? std::string() : "above = [" + Joined(bands) + "]";
}

std::string TierText(std::string_view name, const std::optional<TierPrices>& tier) {
  if (!tier) return {};
  std::vector<std::string> texts = PriceTexts(tier->prices, PriceList());
  if (const std::string bands = BandsText(*tier); !bands.empty()) texts.push_back(bands);
  return std::string(name) + " = { " + Joined(texts) + " }\n";
}

// FNV-1a: tells two versions of a table apart, and need not withstand anyone.
std::string HashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  std::string bytes;
  for (int shift = 56; shift > 8; shift -= 8) bytes.push_back(static_cast<char>(hash >> shift));
  return ToHex(bytes);
}

}  // namespace

Result<PriceFile> ReadPriceFileUntrusted(std::string_view text, const std::string& name) {
  if (text.size() > kPriceFileBytesMax) {
    return Fail(ErrorCode::kOverLimit, "read prices: " + name + ": more than 16 MiB");
  }
  try {
    TELLTALE_ASSIGN_OR_RETURN(PriceFile file, Reader(name).Read(toml::parse(text, name)));
    file.hash = HashOf(text);
    return file;
  } catch (const toml::parse_error& error) {
    return Fail(ErrorCode::kInvalidInput, "read prices: " + name + ": line " +
                                              std::to_string(error.source().begin.line) + ": " +
                                              std::string(error.description()));
  }
}

Result<std::string> ReadPriceFileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Fail(ErrorCode::kNotFound, "read prices: " + path + ": cannot open it",
                "check the path and who may read it");
  std::string text;
  char chunk[64 * 1024];
  while (file.read(chunk, sizeof chunk) || file.gcount() > 0) {
    text.append(chunk, static_cast<size_t>(file.gcount()));
    if (text.size() > kPriceFileBytesMax)
      return Fail(ErrorCode::kOverLimit, "read prices: " + path + ": more than 16 MiB");
  }
  if (file.bad()) return Fail(ErrorCode::kUnavailable, "read prices: " + path + ": cannot read it");
  return text;
}

Result<PriceFile> ReadPriceFile(const std::string& path) {
  TELLTALE_ASSIGN_OR_RETURN(const std::string text, ReadPriceFileText(path));
  return ReadPriceFileUntrusted(text, path);
}

Result<uint64_t> UnixNanosOfDay(std::string_view day) {
  const auto number = [&](size_t from, size_t count) {
    int value = 0;
    for (const char c : day.substr(from, count))
      value = c >= '0' && c <= '9' && value >= 0 ? value * 10 + (c - '0') : -1;
    return value;
  };
  if (day.size() == 10 && day[4] == '-' && day[7] == '-') {
    const int y = number(0, 4);
    const int m = number(5, 2);
    const int d = number(8, 2);
    // 2262 is where nanoseconds of 64 bits with a sign end.
    if (y >= 1970 && y < 2262 && m > 0 && d > 0) {
      const std::chrono::year_month_day date{std::chrono::year(y),
                                             std::chrono::month(static_cast<unsigned>(m)),
                                             std::chrono::day(static_cast<unsigned>(d))};
      if (date.ok()) {
        const auto days = std::chrono::sys_days(date).time_since_epoch();
        return static_cast<uint64_t>(std::chrono::nanoseconds(days).count());
      }
    }
  }
  return Fail(ErrorCode::kInvalidInput, "read a day: '" + std::string(day) + "': not of the form 2026-07-24");
}

std::string TomlText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string RuleText(const PriceRule& rule) {
  std::string text = "[[rule]]\n";
  const std::string default_id =
      rule.provider + "/" + rule.model + (rule.from.empty() ? "" : "@" + rule.from);
  if (rule.id != default_id && !rule.id.empty()) text += "id = " + TomlText(rule.id) + "\n";
  text += "provider = " + TomlText(rule.provider) + "\nmodel = " + TomlText(rule.model) + "\n";
  if (rule.kind != "chat") text += "kind = " + TomlText(rule.kind) + "\n";
  for (const std::string& price : PriceTexts(rule.standard.prices, PriceList())) text += price + "\n";
  if (const std::string bands = BandsText(rule.standard); !bands.empty()) text += bands + "\n";
  text += TierText("batch", rule.batch) + TierText("flex", rule.flex) + TierText("priority", rule.priority);
  if (!rule.standard_tiers.empty()) {
    std::vector<std::string> names;
    for (const std::string& name : rule.standard_tiers) names.push_back(TomlText(name));
    text += "standard_tiers = [" + Joined(names) + "]\n";
  }
  if (!rule.source.empty()) text += "source = " + TomlText(rule.source) + "\n";
  if (!rule.as_of.empty()) text += "as_of = " + rule.as_of + "\n";
  if (!rule.from.empty()) text += "from = " + rule.from + "\n";
  if (!rule.until.empty()) text += "until = " + rule.until + "\n";
  if (!rule.note.empty()) text += "note = " + TomlText(rule.note) + "\n";
  return text;
}

}  // namespace telltale
