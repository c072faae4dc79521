// Which attribute tells which field of a call: the table made from spec/attributes,
// and from a user's own mapping files in the same form.
//
//   RuleTable rules = RuleTable::BuiltIn();
//   const Rule* rule = rules.Find("gen_ai.request.model");   // null: no dialect's key
//
// Rules stand in the order in which they are used: by field, then whose word counts.
//
// Ownership      The table owns what a mapping file said; built-in texts are static.
// Thread safety  Const after it is made: any thread.
// Cost           Find: one hash of the key and one compare; for a key that no rule
//                knows also a look at the few prefixes with its first letter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calls/field_list.h"
#include "trace/call.h"

namespace telltale {

// How an attribute's value is written; kPlain: as the field's type says.
enum class ValueForm : uint8_t {
  kPlain,
  kQuoted,        // JSON, a plain string too: "\"gpt-4\""
  kSeconds,       // times, with their unit
  kMilliseconds,  //
  kServerTime,    // seconds or milliseconds, by who sends it
  kIsoTime,       // a point in time
  kIndexed,       // key.{i}.name
  kOpenInference,
  kTraceloop,
  kSemconv,
  kNamed,
  kEntries,       // key.{name}
  kObject,        // one JSON object of entries
  kJoined,        // "a, b"
  kConversation,  // a whole conversation, answers included
  kVercel,
  kLiveKit,
  kLiteLlmRaw,
  kUnlessSchema,  // sometimes a JSON Schema instead
  kIfError,       // only where the span failed
  kInUse,         // a model: the one that was asked or the one that answered
};

struct KindName {
  std::string_view value;  // lower case
  CallKind kind;
};

struct Rule {
  std::string_view key;  // of a prefix: without the star
  std::string_view dialect;
  CallField field = CallField::kIgnored;
  ValueForm form = ValueForm::kPlain;
  uint8_t order = 0;
  uint32_t line = 0;                // where it stood in the files
  CallKind kind = CallKind::kNone;  // what the span is when nothing says it outright
  bool is_prefix = false;
  bool is_weak = false;  // does not make the span a call
  bool is_exclusive = false;
  bool is_aggregate = false;
  std::string_view ignored_because;
  std::vector<KindName> kinds;
};

// A mapping file of a whole dialect has a tenth.
inline constexpr size_t kMappingBytesMax = 256 << 10;

// True for what people and models say to each other: messages, arguments and results of tools,
// documents, prompts. Their words can be searched for, however short they are.
bool IsSaid(CallField field);

class RuleTable {
 public:
  RuleTable(RuleTable&&) = default;
  static const RuleTable& BuiltIn();
  // The built-in rules, and before them those of a mapping file (TOML, the form of
  // spec/attributes; an order left out is 0). The error names the line and its key.
  static Result<RuleTable> WithMappingUntrusted(std::string_view toml, std::string_view file_name);
  static Result<RuleTable> FromFile(const std::string& file_name);

  const Rule* Find(std::string_view key) const {
    const Slot* slot = &slots_[Hash(key) & (kSlots - 1)];
    for (; slot->rule != nullptr; slot = slot == &slots_[kSlots - 1] ? slots_.data() : slot + 1) {
      if (slot->rule->key == key) return slot->rule;
    }
    return FindPrefix(key);
  }
  // A rule's place in the order of use.
  uint32_t PlaceOf(const Rule* rule) const { return static_cast<uint32_t>(rule - rules_.data()); }
  const std::vector<Rule>& rules() const { return rules_; }

 private:
  static constexpr size_t kSlots = 8192;
  struct Slot {
    const Rule* rule = nullptr;
  };

  RuleTable(const RuleTable&) = delete;
  explicit RuleTable(std::vector<Rule> rules);
  static uint64_t Hash(std::string_view key);
  const Rule* FindPrefix(std::string_view key) const;

  std::vector<Rule> rules_;
  std::vector<Slot> slots_;
  std::array<std::vector<const Rule*>, 128> prefixes_;  // by first letter, the longest first
  std::deque<std::string> texts_;                       // of a mapping file
};

}  // namespace telltale
