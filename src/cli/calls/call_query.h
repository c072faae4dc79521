// The questions that `telltale calls` asks, page after page.
//
//   TELLTALE_ASSIGN_OR_RETURN(const ListedCalls calls, AskForCalls(api, query, 20));
//
// Thread safety  Free functions; may be called from any thread.
// Failure        kInvalidInput: a value that can never work, and which flag it is of.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "cli/api_answers.h"
#include "cli/api_client.h"
#include "cli/commands.h"

namespace telltale {

// Filters and times, as both the list and the sums take them.
Result<QueryText> CallQuery(const CallsOptions& options, uint64_t now_unix_nanos);

// The first `limit` calls or rows; `next` is set where the server has more.
Result<ListedCalls> AskForCalls(const ApiClient& api, const QueryText& query, uint64_t limit);
Result<CallSumsPage> AskForSums(const ApiClient& api, const QueryText& query, uint64_t limit);

}  // namespace telltale
