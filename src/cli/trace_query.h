// From a command's filter to the questions that the list API is asked.
//
//   TELLTALE_ASSIGN_OR_RETURN(QueryText query, FilterQuery(options.filter));
//   TELLTALE_ASSIGN_OR_RETURN(ListedTraces page, ListTraces(api, query));
//
// Thread safety  Free functions; may be called from any thread.
// Failure        kInvalidInput: a value that can never work, and which flag it is of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/api_answers.h"
#include "cli/api_client.h"
#include "cli/commands.h"

namespace telltale {

Result<QueryText> FilterQuery(const TraceFilter& filter);

// The API's `start` for --since: `now` minus a duration, or the time as it was given.
Result<std::string> StartOfSince(std::string_view since, uint64_t now_unix_nanos);

// A time as the API takes it, of a flag that is a day (its midnight, UTC), a time as RFC 3339,
// or how long before `now`.
Result<std::string> TimeOfFlag(std::string_view flag, std::string_view text, uint64_t now_unix_nanos);

// One page of GET /api/v1/traces.
Result<ListedTraces> ListTraces(const ApiClient& api, const QueryText& query);

// The 32 hex digits of a trace id given with fewer, in capitals, or inside the address of
// a trace's page.
Result<std::string> ReadTraceIdArgument(std::string_view text);

}  // namespace telltale
