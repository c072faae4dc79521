#include "cli/calls/call_query.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "cli/trace_query.h"
#include "traceql/parse.h"

namespace telltale {
namespace {

// What the API gives at most in one answer.
constexpr uint64_t kPageSizeMax = 1000;

// Asks for pages until there are `limit` items or no more of them.
template <typename Page, typename Read>
Result<Page> AskForPages(const ApiClient& api, const QueryText& first, std::string_view path, uint64_t limit,
                         Read read) {
  Page all;
  do {
    QueryText query = first;
    query.Add("cursor", all.next);
    query.Add("limit", std::to_string(std::min<uint64_t>(limit - all.items.size(), kPageSizeMax)));
    TELLTALE_ASSIGN_OR_RETURN(const std::string body, api.Get(std::string(path) + query.Text()));
    TELLTALE_ASSIGN_OR_RETURN(Page page, read(body));
    std::ranges::move(page.items, std::back_inserter(all.items));
    all.next = page.items.empty() ? std::string() : std::move(page.next);
  } while (!all.next.empty() && all.items.size() < limit);
  return all;
}

}  // namespace

Result<QueryText> CallQuery(const CallsOptions& options, uint64_t now_unix_nanos) {
  const CallsFilter& filter = options.filter;
  // So that a mistake is told also where no server is.
  if (!filter.query.empty()) TELLTALE_RETURN_IF_ERROR(ParseTraceQl(filter.query));
  QueryText query;
  if (filter.trace_id.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(const std::string start, StartOfSince(options.since, now_unix_nanos));
    query.Add("start", start);
  } else {
    TELLTALE_ASSIGN_OR_RETURN(const std::string trace_id, ReadTraceIdArgument(filter.trace_id));
    query.Add("trace_id", trace_id);
  }
  query.Add("service", filter.service).Add("kind", filter.kind).Add("provider", filter.provider);
  query.Add("model", filter.model).Add("conversation", filter.conversation).Add("user", filter.user);
  query.Add("prompt", filter.prompt).Add("agent", filter.agent).Add("status", filter.status);
  query.Add("cost_status", filter.cost_status).Add("q", filter.query);
  return query;
}

Result<ListedCalls> AskForCalls(const ApiClient& api, const QueryText& query, uint64_t limit) {
  return AskForPages<ListedCalls>(api, query, "/api/v1/calls", limit, ReadListedCallsUntrusted);
}

Result<CallSumsPage> AskForSums(const ApiClient& api, const QueryText& query, uint64_t limit) {
  return AskForPages<CallSumsPage>(api, query, "/api/v1/aggregate", limit, ReadCallSumsUntrusted);
}

}  // namespace telltale
