#include "query/sql_system.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "query/sql_dialect.h"
#include "query/sql_settings.h"
#include "query/sql_views.h"

namespace telltale {
namespace {

struct Column {
  std::string_view name;
  std::string_view expression;  // over `t`, one row of the list
};

struct SystemView {
  std::string_view name;
  std::string_view database, table;  // what it stands for
  std::string (*rows)();             // a list of tuples
  std::vector<Column> columns;
};

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string Tuple(std::initializer_list<std::string> values) {
  std::string out = "(";
  for (const std::string& value : values) out += value + ", ";
  out.resize(out.size() - 2);
  return out + ")";
}

template <typename List, typename Function>
std::string ListOf(const List& list, Function tuple) {
  std::string out;
  for (const auto& one : list) {
    if (!out.empty()) out += ", ";
    out += tuple(one);
  }
  return "[" + out + "]";
}

std::string Tables() {
  return ListOf(SqlViews(),
                [](const SqlView& view) { return Tuple({Quoted(view.name), Quoted(view.about)}); });
}

std::string Columns() {
  std::string out;
  for (const SqlView& view : SqlViews()) {
    int position = 0;
    for (const SqlColumn& column : view.columns) {
      if (!out.empty()) out += ", ";
      out += Tuple({Quoted(view.name), Quoted(column.name), Quoted(column.type),
                    "toUInt64(" + std::to_string(++position) + ")", Quoted(column.about)});
    }
  }
  return "[" + out + "]";
}

std::string Settings() {
  return ListOf(SqlSettingRules(), [](const SqlSettingRule& rule) {
    return Tuple({Quoted(rule.name), Quoted(rule.value), Quoted(rule.about), Quoted(rule.TypeName())});
  });
}

std::string Functions() {
  return ListOf(SqlFunctions(), [](const SqlFunctionName& function) {
    return Tuple({Quoted(function.name), function.is_aggregate ? "1" : "0"});
  });
}

std::string One() {
  return "[tuple(toUInt8(0))]";
}

std::vector<SystemView> MakeViews() {
  constexpr std::string_view kDatabase = "'default'";
  constexpr std::string_view kNoText = "''";
  constexpr std::string_view kNoTexts = "emptyArrayString()";
  constexpr std::string_view kZero = "toUInt8(0)";
  constexpr std::string_view kNoNumber = "CAST(NULL, 'Nullable(UInt64)')";
  constexpr std::string_view kNoId = "toUUID('00000000-0000-0000-0000-000000000000')";
  return {
      {"system_databases",
       "system",
       "databases",
       One,
       {{"name", kDatabase},
        {"engine", "'Memory'"},
        {"data_path", kNoText},
        {"metadata_path", kNoText},
        {"uuid", kNoId},
        {"engine_full", "'Memory'"},
        {"comment", kNoText},
        {"is_external", kZero}}},
      // As tables, not as views: clients list views apart, or not at all.
      {"system_tables",
       "system",
       "tables",
       Tables,
       {{"database", kDatabase},
        {"name", "t.1"},
        {"uuid", kNoId},
        {"engine", "'Memory'"},
        {"is_temporary", kZero},
        {"data_paths", kNoTexts},
        {"metadata_path", kNoText},
        {"metadata_modification_time", "toDateTime(0, 'UTC')"},
        {"dependencies_database", kNoTexts},
        {"dependencies_table", kNoTexts},
        {"create_table_query", kNoText},
        {"engine_full", "'Memory'"},
        {"as_select", kNoText},
        {"partition_key", kNoText},
        {"sorting_key", kNoText},
        {"primary_key", kNoText},
        {"sampling_key", kNoText},
        {"storage_policy", kNoText},
        {"total_rows", kNoNumber},
        {"total_bytes", kNoNumber},
        {"total_marks", kNoNumber},
        {"parts", kNoNumber},
        {"active_parts", kNoNumber},
        {"lifetime_rows", kNoNumber},
        {"lifetime_bytes", kNoNumber},
        {"comment", "t.2"},
        {"has_own_data", kZero}}},
      {"system_columns",
       "system",
       "columns",
       Columns,
       {{"database", kDatabase},
        {"table", "t.1"},
        {"name", "t.2"},
        {"type", "t.3"},
        {"position", "t.4"},
        {"default_kind", kNoText},
        {"default_expression", kNoText},
        {"data_compressed_bytes", "toUInt64(0)"},
        {"data_uncompressed_bytes", "toUInt64(0)"},
        {"marks_bytes", "toUInt64(0)"},
        {"comment", "t.5"},
        {"is_in_partition_key", kZero},
        {"is_in_sorting_key", kZero},
        {"is_in_primary_key", kZero},
        {"is_in_sampling_key", kZero},
        {"compression_codec", kNoText},
        {"character_octet_length", kNoNumber},
        {"numeric_precision", kNoNumber},
        {"numeric_precision_radix", kNoNumber},
        {"numeric_scale", kNoNumber},
        {"datetime_precision", kNoNumber}}},
      {"system_settings",
       "system",
       "settings",
       Settings,
       {{"name", "t.1"},
        {"value", "t.2"},
        {"changed", kZero},
        {"description", "t.3"},
        {"min", "CAST(NULL, 'Nullable(String)')"},
        {"max", "CAST(NULL, 'Nullable(String)')"},
        {"readonly", kZero},
        {"type", "t.4"},
        {"default", "t.2"},
        {"alias_for", kNoText},
        {"is_obsolete", kZero},
        {"tier", "'Production'"}}},
      {"system_functions",
       "system",
       "functions",
       Functions,
       {{"name", "t.1"},
        {"is_aggregate", "t.2"},
        {"case_insensitive", kZero},
        {"alias_to", kNoText},
        {"description", kNoText},
        {"origin", "'System'"}}},
      {"system_one", "system", "one", One, {{"dummy", "t.1"}}},
      {"information_schema_schemata",
       "information_schema",
       "schemata",
       One,
       {{"catalog_name", kDatabase},
        {"schema_name", kDatabase},
        {"schema_owner", "'default'"},
        {"default_character_set_catalog", "CAST(NULL, 'Nullable(String)')"}}},
      {"information_schema_tables",
       "information_schema",
       "tables",
       Tables,
       {{"table_catalog", kDatabase},
        {"table_schema", kDatabase},
        {"table_name", "t.1"},
        {"table_type", "'BASE TABLE'"},
        {"table_rows", kNoNumber},
        {"data_length", kNoNumber},
        {"table_comment", "t.2"}}},
      {"information_schema_columns",
       "information_schema",
       "columns",
       Columns,
       {{"table_catalog", kDatabase},
        {"table_schema", kDatabase},
        {"table_name", "t.1"},
        {"column_name", "t.2"},
        {"ordinal_position", "t.4"},
        {"column_default", kNoText},
        {"is_nullable", "toUInt8(startsWith(t.3, 'Nullable'))"},
        {"data_type", "t.3"},
        {"column_type", "t.3"},
        {"character_maximum_length", kNoNumber},
        {"numeric_precision", kNoNumber},
        {"numeric_scale", kNoNumber},
        {"datetime_precision", kNoNumber},
        {"column_comment", "t.5"}}},
  };
}

const std::vector<SystemView>& Views() {
  static const std::vector<SystemView> views = MakeViews();
  return views;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace

std::string_view FindSqlSystemView(std::string_view database, std::string_view table) {
  const std::string lower_database = Lower(database);
  const std::string lower_table = Lower(table);
  for (const SystemView& view : Views()) {
    if (view.database == lower_database && view.table == lower_table) return view.name;
  }
  return {};
}

bool IsSqlSystemColumn(std::string_view name) {
  return std::ranges::any_of(Views(), [&](const SystemView& view) {
    return std::ranges::any_of(view.columns, [&](const Column& column) { return column.name == name; });
  });
}

Status CreateSqlSystemViews(Engine& engine, std::string_view database) {
  for (const SystemView& view : Views()) {
    std::string columns;
    for (const Column& column : view.columns) {
      if (!columns.empty()) columns += ", ";
      columns += std::string(column.expression) + " AS `" + std::string(column.name) + "`";
    }
    TELLTALE_RETURN_IF_ERROR(engine.Execute("CREATE OR REPLACE VIEW " + std::string(database) + "." +
                                            std::string(view.name) + " SQL SECURITY NONE AS SELECT " +
                                            columns + " FROM (SELECT arrayJoin(" + view.rows() + ") AS t)"));
  }
  return {};
}

}  // namespace telltale
