// The engine's settings that a question may bring along.
//
//   const SqlSettingRule* rule = FindSqlSettingRule("max_result_rows");   // null: it may not
//   TELLTALE_RETURN_IF_ERROR(rule->Check(value));
//
// A limit may be made tighter, how the answer is written may be chosen; what clients send by habit and
// means nothing here is let pass. Everything else could change what an answer means, or open
// something, and is not here.
//
// Thread safety  Free functions.
// Failure        Check: kInvalidInput says what the value should have been.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

struct SqlSettingRule {
  enum class Use : uint8_t { kLimit, kOutput, kIgnored };
  enum class Type : uint8_t { kBool, kNumber, kSeconds, kWord, kZone, kCharacter, kAny };
  std::string_view name;
  Use use = Use::kIgnored;
  Type type = Type::kAny;
  std::string_view value;  // what it is when nobody says otherwise
  std::string_view about;

  Status Check(std::string_view given) const;
  // As the engine names it.
  std::string_view TypeName() const;
};

std::span<const SqlSettingRule> SqlSettingRules();
const SqlSettingRule* FindSqlSettingRule(std::string_view name);

}  // namespace telltale
