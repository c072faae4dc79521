// What ClickHouse's clients say, in words of our views: the FORMAT at the end, names of the public
// database, the server's facts, system tables, SHOW, DESCRIBE and EXISTS.
//
//   TELLTALE_ASSIGN_OR_RETURN(std::string canonical, reader.Canonical(text));
//   TELLTALE_ASSIGN_OR_RETURN(const ClientStatement statement,
//                             ReadClientStatementUntrusted(canonical, parameters, facts));
//
// It reads the engine's own spelling of a statement (SqlReader::Canonical), in which a quote is always
// closed, a name that is not plain stands in backquotes and a comment does not stand. What it gives is
// text for the gates of query/sql.h like any other: nothing here decides what may run.
//
// Thread safety  Free functions.
// Failure        kInvalidInput; kNotFound where a table, a database or a format is not there.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/sql_reader.h"

namespace telltale {

// What clients see in place of kSqlDatabase: the one that every client takes where it was told none.
inline constexpr std::string_view kPublicDatabase = "default";

struct ClientStatement {
  std::string sql;     // a SELECT, or what the gates will refuse
  std::string format;  // as it was written; empty: none was
  // WITH TOTALS: the engine tells totals apart in a whole answer only.
  bool has_totals = false;
};

struct ClientFacts {
  std::string_view version;  // of the engine
};

Result<ClientStatement> ReadClientStatementUntrusted(std::string_view canonical,
                                                     std::span<const SqlParameter> parameters,
                                                     const ClientFacts& facts);

// The public database by any name that clients know it by.
bool IsPublicDatabase(std::string_view name);

}  // namespace telltale
