// What SQL of users may name: the views and functions of spec/sql_views.toml and
// spec/sql_functions.txt.
//
//   TELLTALE_RETURN_IF_ERROR(CreateSqlViews(engine));   // at every start
//   for (const SqlView& view : SqlViews()) Write(view.name, view.columns);
//
// The views lie in a database of their own, in memory (docs/decisions/0010): a store never
// has views of another version than the program's.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/engine.h"

namespace telltale {

struct SqlColumn {
  std::string_view name;
  std::string_view type;  // as the engine says it
  std::string_view about;
};

struct SqlView {
  std::string_view name;
  std::string_view about;
  std::string_view select;
  std::vector<SqlColumn> columns;
};

std::span<const SqlView> SqlViews();

// True for a function that may be called; the name in any case. Aggregates also with
// combinators behind them: sumIf.
bool IsSqlFunction(std::string_view name);

struct SqlFunctionName {
  std::string_view name;
  bool is_aggregate = false;
};
// In lower case.
std::vector<SqlFunctionName> SqlFunctions();

bool IsSqlView(std::string_view name);
// Of any view.
bool IsSqlColumn(std::string_view name);

struct SqlViewsOptions {
  // On a server, which may start again without us, the views stay; in this process they go with it.
  bool lasting = false;
};

// REQUIRES: the tables are there.
Status CreateSqlViews(Engine& engine, const SqlViewsOptions& options = {});

}  // namespace telltale
