// Rows of the table `calls`, as they are read back.
//
//   Statement sql("SELECT ");
//   sql << CallColumnNames() << " FROM calls FINAL WHERE ...";
//   TELLTALE_ASSIGN_OR_RETURN(CallRows calls, ReadCalls(engine, sql.Take("")));
//   for (const CallRow& row : calls.rows) Show(row);
//
// Ownership      Texts of a row point into the result's bytes.
// Failure        As Engine::Query.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/call_row.h"
#include "store/engine.h"
#include "store/row_reader.h"
#include "trace/ids.h"

namespace telltale {

// Every column, in the order of kCallColumns, with commas.
std::string_view CallColumnNames();
CallRow ReadCallRow(RowReader& rows);

// The columns that say what a call is and what it cost: a third of them.
std::string_view CallFactNames();

struct CallRows {
  std::vector<CallRow> rows;
  std::unique_ptr<const QueryResult> bytes;
};

// Runs a statement that selects CallColumnNames().
Result<CallRows> ReadCalls(Engine& engine, const QueryRequest& request);

// The same of one that selects CallFactNames(); the rest of a row is empty.
Result<CallRows> ReadCallFacts(Engine& engine, const QueryRequest& request);

// The row that holds of every call of these traces, in the order of trace and span.
Result<CallRows> ReadCallsOfTraces(Engine& engine, std::span<const TraceId> ids);

}  // namespace telltale
