#include "query/sql_views.h"

#include <algorithm>
#include <array>
#include <string>

#include "query/sql_system.h"
#include "store/row_reader.h"
#include "store/sql_reader.h"

namespace telltale {
namespace {

// In lower case, in order.
constexpr std::string_view kFunctions[] = {
#define TELLTALE_SQL_FUNCTION(name) name,
#define TELLTALE_SQL_AGGREGATE(name)
#include "query/sql_functions.inc"
#undef TELLTALE_SQL_FUNCTION
#undef TELLTALE_SQL_AGGREGATE
};

constexpr std::string_view kAggregates[] = {
#define TELLTALE_SQL_FUNCTION(name)
#define TELLTALE_SQL_AGGREGATE(name) name,
#include "query/sql_functions.inc"
#undef TELLTALE_SQL_FUNCTION
#undef TELLTALE_SQL_AGGREGATE
};

constexpr std::string_view kCombinators[] = {"if",        "array",    "map",        "distinct",   "ornull",
                                             "ordefault", "resample", "argmin",     "argmax",     "foreach",
                                             "state",     "merge",    "mergestate", "simplestate"};

std::vector<SqlView> MakeViews() {
  std::vector<SqlView> views;
#define TELLTALE_SQL_VIEW(name, about, select) views.push_back({name, about, select, {}});
#define TELLTALE_SQL_COLUMN(name, type, about) views.back().columns.push_back({name, type, about});
#include "query/sql_views.inc"
#undef TELLTALE_SQL_VIEW
#undef TELLTALE_SQL_COLUMN
  return views;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace

std::span<const SqlView> SqlViews() {
  static const std::vector<SqlView> views = MakeViews();
  return views;
}

bool IsSqlFunction(std::string_view name) {
  const std::string lower = Lower(name);
  if (std::ranges::binary_search(kFunctions, std::string_view(lower))) return true;
  std::string_view rest = lower;
  while (true) {
    const auto* combinator = std::ranges::find_if(
        kCombinators, [&](std::string_view one) { return rest.size() > one.size() && rest.ends_with(one); });
    if (combinator == std::end(kCombinators)) return false;
    rest.remove_suffix(combinator->size());
    if (std::ranges::binary_search(kAggregates, rest)) return true;
  }
}

std::vector<SqlFunctionName> SqlFunctions() {
  std::vector<SqlFunctionName> functions;
  for (const std::string_view name : kFunctions) functions.push_back({.name = name});
  for (const std::string_view name : kAggregates) functions.push_back({.name = name, .is_aggregate = true});
  return functions;
}

bool IsSqlView(std::string_view name) {
  return std::ranges::any_of(SqlViews(), [&](const SqlView& view) { return view.name == name; });
}

bool IsSqlColumn(std::string_view name) {
  return std::ranges::any_of(SqlViews(), [&](const SqlView& view) {
    return std::ranges::any_of(view.columns, [&](const SqlColumn& column) { return column.name == name; });
  });
}

namespace {

// The views name their tables as `telltale.spans`.
std::string InDatabase(std::string_view tables, std::string_view select) {
  constexpr std::string_view kWritten = "telltale.";
  std::string sql(select);
  if (tables == "telltale") return sql;
  for (size_t at = 0; (at = sql.find(kWritten, at)) != sql.npos;) {
    const std::string name = std::string(tables) + ".";
    sql.replace(at, kWritten.size(), name);
    at += name.size();
  }
  return sql;
}

}  // namespace

Status CreateSqlViews(Engine& engine, const SqlViewsOptions& options) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult current, engine.Query({.sql = "SELECT currentDatabase()"}));
  const std::string tables(current.bytes.empty() ? "telltale" : RowReader(current.bytes).String());
  const std::string database = SqlDatabaseOf(tables);
  TELLTALE_RETURN_IF_ERROR(engine.Execute("CREATE DATABASE IF NOT EXISTS " + database +
                                          (options.lasting ? "" : " ENGINE = Memory")));
  for (const SqlView& view : SqlViews()) {
    // The reader may not read the tables: only what a view makes of them.
    TELLTALE_RETURN_IF_ERROR(engine.Execute("CREATE OR REPLACE VIEW " + database + "." +
                                            std::string(view.name) + " SQL SECURITY NONE AS " +
                                            InDatabase(tables, view.select)));
  }
  return CreateSqlSystemViews(engine, database);
}

}  // namespace telltale
