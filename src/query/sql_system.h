// The few system tables that clients look at, as views of our own: they name the views of
// sql_views.h, the settings of sql_settings.h and the functions that may be called, and nothing of the
// engine's.
//
//   TELLTALE_RETURN_IF_ERROR(CreateSqlSystemViews(engine, database));     // at every start
//   FindSqlSystemView("system", "tables")                       // "system_tables"
//
// Thread safety  Any thread.
#pragma once

#include <string_view>

#include "base/result.h"
#include "store/engine.h"

namespace telltale {

// The name of our view of a table of `system` or `information_schema`; empty: there is none.
std::string_view FindSqlSystemView(std::string_view database, std::string_view table);

// Of any of them.
bool IsSqlSystemColumn(std::string_view name);

// REQUIRES: the database of the views is there.
Status CreateSqlSystemViews(Engine& engine, std::string_view database);

}  // namespace telltale
