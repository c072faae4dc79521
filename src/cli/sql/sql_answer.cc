#include "cli/sql/sql_answer.h"

#include <nlohmann/json.hpp>

namespace telltale {
namespace {

// Keeps the order of members: a map of the store has one.
using Json = nlohmann::ordered_json;

std::unexpected<Error> NotTheAnswer(std::string_view why) {
  return Fail(ErrorCode::kCorrupt, "read the answer of SQL: " + std::string(why),
              "is the server another version of Telltale?");
}

std::string Text(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

const Json& Array(const Json& object, const char* key) {
  static const Json none = Json::array();
  if (!object.is_object()) return none;
  const auto at = object.find(key);
  return at != object.end() && at->is_array() ? *at : none;
}

std::string Dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// LowCardinality(Nullable(Int64)) is a number as Int64 is.
bool IsNumber(std::string_view type) {
  for (const std::string_view around : {"LowCardinality(", "Nullable("}) {
    if (type.starts_with(around)) type.remove_prefix(around.size());
  }
  return type.starts_with("Int") || type.starts_with("UInt") || type.starts_with("Float") ||
         type.starts_with("Decimal");
}

std::optional<std::string> ReadValue(const Json& value) {
  if (value.is_null()) return std::nullopt;
  return value.is_string() ? value.get<std::string>() : Dump(value);
}

}  // namespace

Result<SqlRows> ReadSqlRowsUntrusted(std::string_view body) {
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("columns") || !json.contains("rows"))
    return NotTheAnswer("it holds no columns and rows");
  SqlRows answer;
  for (const Json& column : Array(json, "columns")) {
    const std::string type = Text(column, "type");
    answer.columns.push_back({.name = Text(column, "name"), .type = type, .is_number = IsNumber(type)});
  }
  for (const Json& row : Array(json, "rows")) {
    if (!row.is_array() || row.size() != answer.columns.size())
      return NotTheAnswer("a row has other columns than the head");
    auto& values = answer.rows.emplace_back();
    for (const Json& value : row) values.push_back(ReadValue(value));
  }
  if (const auto at = json.find("truncated"); at != json.end() && at->is_boolean())
    answer.truncated = at->get<bool>();
  if (const auto at = json.find("statistics"); at != json.end() && at->is_object()) {
    if (const auto read = at->find("rows_read"); read != at->end() && read->is_number_unsigned())
      answer.rows_read = read->get<uint64_t>();
    if (const auto took = at->find("elapsed_seconds"); took != at->end() && took->is_number())
      answer.elapsed_seconds = took->get<double>();
  }
  return answer;
}

Result<std::vector<SqlTable>> ReadSqlSchemaUntrusted(std::string_view body) {
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("items")) return NotTheAnswer("it holds no items");
  std::vector<SqlTable> tables;
  for (const Json& item : Array(json, "items")) {
    SqlTable& table = tables.emplace_back(
        SqlTable{.name = Text(item, "name"), .about = Text(item, "about"), .columns = {}});
    for (const Json& column : Array(item, "columns")) {
      table.columns.push_back(
          {.name = Text(column, "name"), .type = Text(column, "type"), .about = Text(column, "about")});
    }
  }
  return tables;
}

}  // namespace telltale
