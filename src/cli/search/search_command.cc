#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/calls/call_query.h"
#include "cli/commands.h"
#include "cli/search/found_text.h"
#include "cli/text.h"
#include "cli/trace_query.h"

namespace telltale {
namespace {

// What the API gives at most in one answer.
constexpr uint64_t kPageSizeMax = 1000;

Result<QueryText> Query(const SearchOptions& options, uint64_t now) {
  CallsOptions as_calls{.filter = options.filter, .since = options.since.empty() ? "0s" : options.since};
  TELLTALE_ASSIGN_OR_RETURN(QueryText query, CallQuery(as_calls, options.since.empty() ? 0 : now));
  std::string text;
  for (const std::string& word : options.words) text += (text.empty() ? "" : " ") + word;
  query.Add("text", text).Add("order", options.order);
  return query;
}

// A page may end before it is full, where much was read for it: then `next` goes on.
Result<FoundTexts> Ask(const SearchOptions& options, uint64_t now) {
  const ApiClient api(options.server);
  TELLTALE_ASSIGN_OR_RETURN(const QueryText filter, Query(options, now));
  FoundTexts all;
  do {
    QueryText query = filter;
    query.Add("cursor", all.next);
    query.Add("limit", std::to_string(std::min<uint64_t>(options.limit - all.items.size(), kPageSizeMax)));
    TELLTALE_ASSIGN_OR_RETURN(const std::string body, api.Get("/api/v1/search" + query.Text()));
    TELLTALE_ASSIGN_OR_RETURN(FoundTexts page, ReadFoundTextsUntrusted(body));
    std::ranges::move(page.items, std::back_inserter(all.items));
    all.searched_back_to_unix_nano = page.searched_back_to_unix_nano;
    if (page.next == all.next) page.next.clear();
    all.next = std::move(page.next);
  } while (!all.next.empty() && all.items.size() < options.limit);
  return all;
}

void PrintJson(const std::vector<FoundText>& items, Terminal& terminal) {
  terminal.out << '[';
  for (size_t i = 0; i < items.size(); ++i) terminal.out << (i > 0 ? ",\n" : "\n") << items[i].json;
  terminal.out << (items.empty() ? "]\n" : "\n]\n");
}

}  // namespace

int RunSearch(const SearchOptions& options, Terminal& terminal) {
  if (options.limit == 0 || (options.json && options.csv)) {
    const std::string what = options.limit == 0 ? "read --limit: 0: it must be at least 1"
                                                : "choose a form: --json and --csv: only one can be printed";
    return ReportError({ErrorCode::kInvalidInput, what, ""}, terminal);
  }
  const uint64_t now = Clock::System()->UnixNanos();
  const Result<FoundTexts> found = Ask(options, now);
  if (!found) return ReportError(found.error(), terminal);
  if (options.json) {
    PrintJson(found->items, terminal);
  } else if (options.csv) {
    terminal.out << FoundTextsCsv(found->items);
  } else if (found->items.empty()) {
    terminal.err << "no text has these words\n"
                 << "hint: whole words are found, in messages and documents; write begin* for the beginning "
                    "of one\n";
  } else {
    PrintFoundTexts(found->items, now, terminal);
  }
  if (!found->items.empty() && !found->next.empty()) {
    terminal.err << "these are the newest " << found->items.size() << "; --limit shows more\n";
  } else if (found->searched_back_to_unix_nano != 0) {
    terminal.err << "too much text has these words: searched back to "
                 << FormatLocalTime(found->searched_back_to_unix_nano, "%F %H:%M:%S")
                 << "; more words or a filter make it less\n";
  }
  return kExitOk;
}

}  // namespace telltale
