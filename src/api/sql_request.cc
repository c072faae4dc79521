#include "api/sql_request.h"

#include <cmath>
#include <string>

#include "base/arena.h"
#include "json/tree.h"

namespace telltale {
namespace {

std::unexpected<Error> Refuse(std::string_view member, std::string_view why) {
  return Fail(ErrorCode::kInvalidInput, "read body: " + std::string(member) + ": " + std::string(why),
              R"(send {"query": "SELECT service, count() FROM spans GROUP BY service"})");
}

// A number proper: JsonValue::Number() also reads a text of digits.
std::optional<double> NumberOf(JsonValue value) {
  return value.type() == JsonType::kNumber ? value.Number() : std::nullopt;
}

Status ReadMember(std::string_view key, JsonValue value, Arena& arena, SqlQuestion& question) {
  if (key == "query") {
    if (!value.is_string()) return Refuse(key, "not a text");
    question.text = value.Text(arena);
  } else if (key == "limit") {
    const auto rows = NumberOf(value);
    if (!rows || std::floor(*rows) != *rows || *rows < 1 || *rows > static_cast<double>(kSqlRowsMax))
      return Refuse(key, "not a whole number from 1 to " + std::to_string(kSqlRowsMax));
    question.rows_max = static_cast<uint64_t>(*rows);
  } else if (key == "timeout_seconds") {
    const auto seconds = NumberOf(value);
    if (!seconds || !(*seconds > 0) || *seconds > kSqlSecondsMax)
      return Refuse(key,
                    "not a number above 0 and up to " + std::to_string(static_cast<int>(kSqlSecondsMax)));
    question.seconds_max = *seconds;
  } else {
    return Refuse(key.substr(0, 100), "not known here");
  }
  return {};
}

}  // namespace

Result<SqlQuestion> ReadSqlRequestUntrusted(std::string_view body) {
  JsonTree tree;
  if (!tree.ParseUntrusted(body) || !tree.root().is_object()) return Refuse("the whole", "not a JSON object");
  SqlQuestion question;
  Arena arena;
  const auto members = tree.root().members();
  for (auto at = members.begin(); at != members.end(); ++at)
    TELLTALE_RETURN_IF_ERROR(ReadMember(at.key(), *at, arena, question));
  if (tree.root()["query"].is_missing()) return Refuse("query", "is required");
  return question;
}

}  // namespace telltale
