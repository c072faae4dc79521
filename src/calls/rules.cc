#include "calls/rules.h"

#include <toml++/toml.h>
#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <iterator>
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

// Where a line of a mapping file stands.
std::string LineOf(const toml::node& node) {
  return "line " + std::to_string(node.source().begin.line);
}

// How many letters must change to make one text of the other.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j < row.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// The field that was meant, for a hint.
std::string FieldsLike(std::string_view written) {
  constexpr size_t kTyposMax = 3;
  std::string longer;  // fields that go on from what was written
  std::string_view nearest;
  size_t nearest_distance = kTyposMax + 1;
  for (const FieldInfo& info : kFieldInfos) {
    if (!written.empty() && info.path.starts_with(written))
      longer += (longer.empty() ? "" : ", ") + std::string(info.path);
    if (written.size() > info.path.size() + kTyposMax) continue;
    const size_t distance = Distance(written, info.path);
    if (distance < nearest_distance) {
      nearest_distance = distance;
      nearest = info.path;
    }
  }
  if (!longer.empty()) return "did you mean " + longer + "?";
  if (!nearest.empty()) return "did you mean " + std::string(nearest) + "?";
  return "docs/concepts/calls.md shows a mapping file; spec/attributes/fields.toml lists the fields";
}

// Reads one mapping file into rules. Every error names the line, and the key on it.
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
    for (const auto& [key, node] : file) {
      if (key.str() != "dialect") return BrokenAt(node, key.str(), "only [[dialect]] may stand here");
    }
    const toml::array* dialects = file["dialect"].as_array();
    if (dialects == nullptr || dialects->empty()) return Broken("[[dialect]]", "there is none");
    for (const toml::node& node : *dialects) {
      const toml::table* dialect = node.as_table();
      if (dialect == nullptr) return BrokenAt(node, "[[dialect]]", "not a table");
      TELLTALE_RETURN_IF_ERROR(ReadDialect(*dialect, rules));
    }
    return {};
  }

 private:
  Status ReadDialect(const toml::table& dialect, std::vector<Rule>& rules) {
    for (const auto& [key, node] : dialect) {
      if (!IsOneOf(key.str(), {"name", "order", "attributes", "kinds"}))
        return BrokenAt(node, key.str(), "a dialect has name, order, attributes and kinds");
    }
    Rule common;
    TELLTALE_ASSIGN_OR_RETURN(common.dialect, TextIn(dialect, "name", "mapping file"));
    TELLTALE_ASSIGN_OR_RETURN(common.order, OrderIn(dialect, 0));
    const toml::table* attributes = dialect["attributes"].as_table();
    if (attributes == nullptr || attributes->empty())
      return BrokenAt(dialect, "[dialect.attributes]", "there is none");
    for (const auto& [key, node] : *attributes) {
      const std::string_view written = Keep(std::string(key.str()));
      if (written.empty() || written == "*") return BrokenAt(node, written, "not the name of an attribute");
      if (std::ranges::find(keys_, written) != keys_.end())
        return BrokenAt(node, written, "is there twice: one line has to say all");
      keys_.push_back(written);
      Rule rule = common;
      SetKey(written, rule);
      TELLTALE_RETURN_IF_ERROR(ReadRule(written, node, rule));
      rules.push_back(std::move(rule));
    }
    return ReadKinds(dialect, rules);
  }

  Status ReadRule(std::string_view key, const toml::node& node, Rule& rule) {
    if (const auto field = node.value<std::string>()) return SetField(key, node, *field, rule);
    const toml::table* table = node.as_table();
    if (table == nullptr) return BrokenAt(node, key, "is neither a field's name nor { field = ... }");
    for (const auto& [name, value] : *table) {
      if (!IsOneOf(name.str(), {"field", "as", "order", "weak", "kind", "convention", "aggregate", "ignore"}))
        return BrokenAt(value, key, "knows no '" + std::string(name.str()) + "'");
    }
    TELLTALE_ASSIGN_OR_RETURN(const std::string_view field, TextIn(*table, "field", ""));
    TELLTALE_ASSIGN_OR_RETURN(const std::string_view as, TextIn(*table, "as", ""));
    TELLTALE_ASSIGN_OR_RETURN(const std::string_view kind, TextIn(*table, "kind", ""));
    TELLTALE_ASSIGN_OR_RETURN(const std::string_view convention, TextIn(*table, "convention", ""));
    TELLTALE_ASSIGN_OR_RETURN(rule.ignored_because, TextIn(*table, "ignore", ""));
    TELLTALE_ASSIGN_OR_RETURN(rule.order, OrderIn(*table, rule.order));
    TELLTALE_ASSIGN_OR_RETURN(rule.is_weak, FlagIn(*table, "weak"));
    TELLTALE_ASSIGN_OR_RETURN(rule.is_aggregate, FlagIn(*table, "aggregate"));
    const auto form = FormNamed(as);
    if (!form) return BrokenAt(node, key, "as: '" + std::string(as) + "': no way to write a value");
    const auto named = KindNamed(kind);
    if (!named) return BrokenAt(node, key, "kind: '" + std::string(kind) + "': not a kind of call");
    if (!IsOneOf(convention, {"", "exclusive", "inclusive"}))
      return BrokenAt(node, key, "convention: '" + std::string(convention) + "': exclusive or inclusive");
    rule.form = *form;
    rule.kind = *named;
    rule.is_exclusive = convention == "exclusive";
    if (!rule.ignored_because.empty()) {
      if (!field.empty()) return BrokenAt(node, key, "has a field and is ignored: one of the two");
      return {};
    }
    return SetField(key, node, field, rule);
  }

  Status SetField(std::string_view key, const toml::node& node, std::string_view field, Rule& rule) {
    const auto named = FieldNamed(field);
    if (!named) return BrokenAt(node, key, "no field of that name: " + std::string(field), FieldsLike(field));
    rule.field = *named;
    const bool is_time = *named == CallField::kTimeToFirstToken;
    const bool needs_time = rule.form == ValueForm::kSeconds || rule.form == ValueForm::kMilliseconds ||
                            rule.form == ValueForm::kIsoTime || rule.form == ValueForm::kServerTime;
    if (needs_time && !is_time)
      return BrokenAt(node, key, "as: a time, and " + std::string(field) + " is none");
    return {};
  }

  // What the values of a key say about the kind of call.
  Status ReadKinds(const toml::table& dialect, std::vector<Rule>& rules) {
    if (!dialect.contains("kinds")) return {};
    const toml::table* kinds = dialect["kinds"].as_table();
    if (kinds == nullptr) return BrokenAt(*dialect.get("kinds"), "kinds", "not a table");
    for (const auto& [key, node] : *kinds) {
      const auto rule = std::ranges::find_if(
          rules, [&](const Rule& one) { return one.key == key.str() && one.field == CallField::kKind; });
      if (rule == rules.end())
        return BrokenAt(node, key.str(), "kinds of a key that no line of attributes maps to kind");
      const toml::table* values = node.as_table();
      if (values == nullptr) return BrokenAt(node, key.str(), "kinds: not a table");
      for (const auto& [value, name] : *values) {
        const auto kind = KindNamed(name.value<std::string>().value_or("?"));
        if (!kind)
          return BrokenAt(name, key.str(), "kinds: " + std::string(value.str()) + ": not a kind of call");
        std::string lower(value.str());
        for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        rule->kinds.push_back({Keep(std::move(lower)), *kind});
      }
    }
    return {};
  }

  Result<std::string_view> TextIn(const toml::table& table, std::string_view name,
                                  std::string_view otherwise) {
    const toml::node* node = table.get(name);
    if (node == nullptr) return otherwise;
    const auto text = node->value_exact<std::string>();
    if (!text) return BrokenAt(*node, name, "not a text");
    return Keep(*text);
  }
  Result<uint8_t> OrderIn(const toml::table& table, uint8_t otherwise) {
    const toml::node* node = table.get("order");
    if (node == nullptr) return otherwise;
    const auto number = node->value_exact<int64_t>();
    if (!number || *number < 0 || *number > 255)
      return BrokenAt(*node, "order", "not a whole number of 0 to 255");
    return static_cast<uint8_t>(*number);
  }
  Result<bool> FlagIn(const toml::table& table, std::string_view name) {
    const toml::node* node = table.get(name);
    if (node == nullptr) return false;
    const auto flag = node->value_exact<bool>();
    if (!flag) return BrokenAt(*node, name, "neither true nor false");
    return *flag;
  }

  static bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> known) {
    return std::ranges::find(known, name) != known.end();
  }

  std::string_view Keep(std::string text) { return texts_->emplace_back(std::move(text)); }

  std::unexpected<Error> BrokenAt(const toml::node& node, std::string_view key, const std::string& why,
                                  std::string hint = "docs/concepts/calls.md shows a mapping file") {
    return Broken(LineOf(node) + ": " + std::string(key), why, std::move(hint));
  }
  std::unexpected<Error> Broken(const std::string& where, const std::string& why,
                                std::string hint = "docs/concepts/calls.md shows a mapping file") {
    return Fail(ErrorCode::kInvalidInput, "read mapping file " + file_name_ + ": " + where + ": " + why,
                std::move(hint));
  }

  std::string file_name_;
  std::deque<std::string>* texts_;
  std::vector<std::string_view> keys_;
};

}  // namespace

bool IsSaid(CallField field) {
  switch (field) {
    case CallField::kSystemInstructions:
    case CallField::kInputMessages:
    case CallField::kOutputMessages:
    case CallField::kOutputReasoning:
    case CallField::kOutputText:
    case CallField::kOutputToolCalls:
    case CallField::kToolCallArguments:
    case CallField::kToolCallResult:
    case CallField::kToolDefinitions:
    case CallField::kPromptTemplate:
    case CallField::kPromptVariables:
    case CallField::kEmbeddingText:
    case CallField::kRetrievalQuery:
    case CallField::kRetrievalDocuments:
    case CallField::kRerankerInputDocuments:
    case CallField::kErrorMessage:
    case CallField::kPayloadRequest:
    case CallField::kPayloadResponse:
      return true;
    default:
      return false;
  }
}

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

Result<RuleTable> RuleTable::FromFile(const std::string& file_name) {
  std::ifstream file(file_name, std::ios::binary);
  if (!file) return Fail(ErrorCode::kNotFound, "read mapping file " + file_name + ": cannot be opened");
  const std::string toml{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return Fail(ErrorCode::kUnavailable, "read mapping file " + file_name + ": broke off");
  return WithMappingUntrusted(toml, file_name);
}

Result<RuleTable> RuleTable::WithMappingUntrusted(std::string_view toml, std::string_view file_name) {
  if (toml.size() > kMappingBytesMax) {
    return Fail(ErrorCode::kOverLimit, "read mapping file " + std::string(file_name) + ": " +
                                           std::to_string(toml.size()) + " bytes: the limit is " +
                                           std::to_string(kMappingBytesMax));
  }
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
