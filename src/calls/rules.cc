#include "calls/rules.h"

#include <toml++/toml.h>
#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <tuple>
#include <utility>

namespace telltale {
namespace {

// One line of rule_list.inc.
struct RuleLine {
  std::string_view key;
  std::string_view dialect;
  CallField field;
  std::string_view form;
  int order;
  std::string_view kind;
  bool is_weak;
  bool is_exclusive;
  bool is_aggregate;
  std::string_view ignored_because;
  std::string_view kinds;  // value=kind;value=kind
};

constexpr RuleLine kRuleLines[] = {
#include "calls/rule_list.inc"
};

constexpr std::pair<std::string_view, ValueForm> kForms[] = {
    {"", ValueForm::kPlain},
    {"quoted", ValueForm::kQuoted},
    {"seconds", ValueForm::kSeconds},
    {"milliseconds", ValueForm::kMilliseconds},
    {"server_time", ValueForm::kServerTime},
    {"iso_time", ValueForm::kIsoTime},
    {"indexed", ValueForm::kIndexed},
    {"openinference", ValueForm::kOpenInference},
    {"traceloop", ValueForm::kTraceloop},
    {"semconv", ValueForm::kSemconv},
    {"named", ValueForm::kNamed},
    {"entries", ValueForm::kEntries},
    {"object", ValueForm::kObject},
    {"joined", ValueForm::kJoined},
    {"conversation", ValueForm::kConversation},
    {"vercel", ValueForm::kVercel},
    {"livekit", ValueForm::kLiveKit},
    {"litellm_raw", ValueForm::kLiteLlmRaw},
    {"unless_schema", ValueForm::kUnlessSchema},
    {"if_error", ValueForm::kIfError},
    {"in_use", ValueForm::kInUse},
};

std::optional<ValueForm> FormNamed(std::string_view name) {
  for (const auto& [text, form] : kForms) {
    if (text == name) return form;
  }
  return std::nullopt;
}

std::optional<CallKind> KindNamed(std::string_view name) {
  for (size_t i = 0; i < std::size(kCallKindNames); ++i) {
    if (kCallKindNames[i] == name) return static_cast<CallKind>(i);
  }
  return std::nullopt;
}

std::optional<CallField> FieldNamed(std::string_view path) {
  for (size_t i = 0; i < kCallFieldCount; ++i) {
    if (kFieldInfos[i].path == path) return static_cast<CallField>(i);
  }
  return std::nullopt;
}

void SetKey(std::string_view key, Rule& rule) {
  rule.is_prefix = key.ends_with('*');
  rule.key = rule.is_prefix ? key.substr(0, key.size() - 1) : key;
}

std::vector<KindName> ReadKinds(std::string_view list) {
  std::vector<KindName> kinds;
  while (!list.empty()) {
    const size_t end = std::min(list.find(';'), list.size());
    const std::string_view entry = list.substr(0, end);
    const size_t equals = entry.rfind('=');
    kinds.push_back({entry.substr(0, equals), *KindNamed(entry.substr(equals + 1))});
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return kinds;
}

std::vector<Rule> BuiltInRules() {
  std::vector<Rule> rules;
  rules.reserve(std::size(kRuleLines));
  for (const RuleLine& line : kRuleLines) {
    Rule& rule = rules.emplace_back();
    SetKey(line.key, rule);
    rule.dialect = line.dialect;
    rule.field = line.field;
    rule.form = FormNamed(line.form).value_or(ValueForm::kPlain);
    rule.order = static_cast<uint8_t>(line.order);
    rule.kind = *KindNamed(line.kind);
    rule.is_weak = line.is_weak;
    rule.is_exclusive = line.is_exclusive;
    rule.is_aggregate = line.is_aggregate;
    rule.ignored_because = line.ignored_because;
    rule.kinds = ReadKinds(line.kinds);
  }
  return rules;
}

// Reads one mapping file into rules.
class MappingReader {
 public:
  MappingReader(std::string_view file_name, std::deque<std::string>& texts)
      : file_name_(file_name), texts_(&texts) {}

  Status Read(std::string_view toml, std::vector<Rule>& rules) {
    toml::table file;
    try {
      file = toml::parse(toml);
    } catch (const toml::parse_error& error) {
      return Broken("line " + std::to_string(error.source().begin.line), std::string(error.description()));
    }
    const toml::array* dialects = file["dialect"].as_array();
    if (dialects == nullptr) return Broken("[[dialect]]", "there is none");
    for (const toml::node& node : *dialects) {
      const toml::table* dialect = node.as_table();
      if (dialect == nullptr) return Broken("[[dialect]]", "not a table");
      TELLTALE_RETURN_IF_ERROR(ReadDialect(*dialect, rules));
    }
    return {};
  }

 private:
  Status ReadDialect(const toml::table& dialect, std::vector<Rule>& rules) {
    const std::string_view name = Keep(dialect["name"].value_or<std::string>("mapping file"));
    const toml::table* attributes = dialect["attributes"].as_table();
    if (attributes == nullptr) return Broken("[dialect.attributes]", "there is none");
    for (const auto& [key, node] : *attributes) {
      Rule rule;
      rule.dialect = name;
      rule.order = static_cast<uint8_t>(std::clamp<int64_t>(dialect["order"].value_or<int64_t>(0), 0, 255));
      SetKey(Keep(std::string(key.str())), rule);
      TELLTALE_RETURN_IF_ERROR(ReadRule(std::string(key.str()), node, rule));
      TELLTALE_RETURN_IF_ERROR(
          ReadKinds(std::string(key.str()), dialect["kinds"][key.str()].as_table(), rule));
      rules.push_back(std::move(rule));
    }
    return {};
  }

  Status ReadRule(const std::string& key, const toml::node& node, Rule& rule) {
    std::string field = node.value<std::string>().value_or("");
    if (const toml::table* table = node.as_table()) {
      for (const auto& [name, ignored] : *table) {
        if (!IsRuleKey(name.str())) return Broken(key, "knows no '" + std::string(name.str()) + "'");
      }
      field = (*table)["field"].value_or<std::string>("");
      const auto form = FormNamed((*table)["as"].value_or<std::string>(""));
      if (!form) return Broken(key, "as: not a way to write a value");
      const auto kind = KindNamed((*table)["kind"].value_or<std::string>(""));
      if (!kind) return Broken(key, "kind: not a kind of call");
      rule.form = *form;
      rule.kind = *kind;
      rule.order =
          static_cast<uint8_t>(std::clamp<int64_t>((*table)["order"].value_or<int64_t>(rule.order), 0, 255));
      rule.is_weak = (*table)["weak"].value_or(false);
      rule.is_exclusive = (*table)["convention"].value_or<std::string>("") == "exclusive";
      rule.is_aggregate = (*table)["aggregate"].value_or(false);
      rule.ignored_because = Keep((*table)["ignore"].value_or<std::string>(""));
    }
    if (!rule.ignored_because.empty()) return {};
    const auto named = FieldNamed(field);
    if (!named) return Broken(key, "no field of that name: " + field);
    rule.field = *named;
    return {};
  }

  Status ReadKinds(const std::string& key, const toml::table* kinds, Rule& rule) {
    if (kinds == nullptr) return {};
    for (const auto& [value, node] : *kinds) {
      const auto kind = KindNamed(node.value<std::string>().value_or("?"));
      if (!kind) return Broken(key, "kinds: " + std::string(value.str()) + ": not a kind of call");
      std::string lower(value.str());
      for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      rule.kinds.push_back({Keep(std::move(lower)), *kind});
    }
    return {};
  }

  static bool IsRuleKey(std::string_view name) {
    constexpr std::string_view kKnown[] = {"field", "as",         "order",     "weak",
                                           "kind",  "convention", "aggregate", "ignore"};
    return std::ranges::find(kKnown, name) != std::end(kKnown);
  }

  std::string_view Keep(std::string text) { return texts_->emplace_back(std::move(text)); }

  std::unexpected<Error> Broken(const std::string& what, const std::string& why) {
    return Fail(ErrorCode::kInvalidInput, "read mapping file " + file_name_ + ": " + what + ": " + why,
                "docs/concepts/calls.md shows one");
  }

  std::string file_name_;
  std::deque<std::string>* texts_;
};

}  // namespace

uint64_t RuleTable::Hash(std::string_view key) {
  constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;
  uint64_t hash = key.size() * kMultiplier;
  const char* at = key.data();
  size_t left = key.size();
  uint64_t word;
  for (; left >= 8; at += 8, left -= 8) {
    std::memcpy(&word, at, 8);
    hash = std::rotl((hash ^ word) * kMultiplier, 29);
  }
  word = 0;
  std::memcpy(&word, at, left);
  hash = (hash ^ word) * kMultiplier;
  return hash ^ hash >> 32;
}

RuleTable::RuleTable(std::vector<Rule> rules) : rules_(std::move(rules)), slots_(kSlots) {
  uint32_t line = 0;
  for (Rule& rule : rules_) rule.line = line++;
  std::ranges::sort(rules_, [](const Rule& a, const Rule& b) {
    return std::tuple(a.field, a.order, a.line) < std::tuple(b.field, b.order, b.line);
  });
  for (const Rule& rule : rules_) {
    if (rule.is_prefix) {
      const auto letter = static_cast<unsigned char>(rule.key.empty() ? 0 : rule.key[0]);
      prefixes_[letter & 127].push_back(&rule);
      continue;
    }
    size_t slot = Hash(rule.key) & (kSlots - 1);
    while (slots_[slot].rule != nullptr) slot = (slot + 1) & (kSlots - 1);
    slots_[slot].rule = &rule;
  }
  for (auto& bucket : prefixes_) {
    std::ranges::sort(bucket, [](const Rule* a, const Rule* b) {
      return std::tuple(b->key.size(), a->line) < std::tuple(a->key.size(), b->line);
    });
  }
}

const Rule* RuleTable::FindPrefix(std::string_view key) const {
  if (key.empty()) return nullptr;
  for (const Rule* rule : prefixes_[static_cast<unsigned char>(key[0]) & 127]) {
    if (key.starts_with(rule->key)) return rule;
  }
  return nullptr;
}

const RuleTable& RuleTable::BuiltIn() {
  static const RuleTable table(BuiltInRules());
  return table;
}

Result<RuleTable> RuleTable::WithMapping(std::string_view toml, std::string_view file_name) {
  std::deque<std::string> texts;
  std::vector<Rule> rules;
  TELLTALE_RETURN_IF_ERROR(MappingReader(file_name, texts).Read(toml, rules));
  if (rules.size() > kSlots / 4) {
    return Fail(ErrorCode::kOverLimit, "read mapping file " + std::string(file_name) + ": " +
                                           std::to_string(rules.size()) + " rules: the limit is " +
                                           std::to_string(kSlots / 4));
  }
  // A user's word about a key replaces ours.
  for (const Rule& rule : BuiltInRules()) {
    const bool replaced = std::ranges::any_of(
        rules, [&](const Rule& mine) { return mine.key == rule.key && mine.is_prefix == rule.is_prefix; });
    if (!replaced) rules.push_back(rule);
  }
  RuleTable table(std::move(rules));
  table.texts_ = std::move(texts);
  return table;
}

}  // namespace telltale
