#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/calls/call_query.h"
#include "cli/calls/sum_question.h"
#include "cli/commands.h"
#include "cli/conversations/conversation_table.h"
#include "cli/text.h"
#include "net/http.h"

namespace telltale {
namespace {

constexpr uint64_t kListDefault = 20;
constexpr uint64_t kListPageMax = 200;
constexpr uint64_t kCallsPageMax = 100;

Status ListConversations(const ConversationsOptions& options, const CallsOptions& as_calls,
                         Terminal& terminal) {
  const ApiClient api(options.server);
  const uint64_t now = Clock::System()->UnixNanos();
  TELLTALE_ASSIGN_OR_RETURN(const QueryText filter, CallQuery(as_calls, now));
  const uint64_t limit = options.limit.value_or(kListDefault);
  ListedConversations all;
  do {
    QueryText query = filter;
    query.Add("cursor", all.next);
    query.Add("limit", std::to_string(std::min<uint64_t>(limit - all.items.size(), kListPageMax)));
    TELLTALE_ASSIGN_OR_RETURN(const std::string body, api.Get("/api/v1/conversations" + query.Text()));
    TELLTALE_ASSIGN_OR_RETURN(ListedConversations page, ReadListedConversationsUntrusted(body));
    std::ranges::move(page.items, std::back_inserter(all.items));
    all.next = page.items.empty() ? std::string() : std::move(page.next);
  } while (!all.next.empty() && all.items.size() < limit);

  if (options.json) {
    PrintItemsAsJson(all.items, terminal);
  } else if (options.csv) {
    terminal.out << ConversationsCsv(all.items);
  } else if (all.items.empty()) {
    terminal.err << "no conversations match since " << Printable(options.since) << '\n'
                 << "hint: --since 7d looks further back; a call belongs to one when its sender gives a "
                    "conversation or session id\n";
  } else {
    PrintConversations(all.items, now, terminal);
    if (!all.next.empty())
      terminal.err << "these are the newest " << all.items.size() << "; --limit shows more\n";
  }
  return {};
}

// Page after page, so that a long one is shown from its beginning at once.
Status ShowConversation(const ConversationsOptions& options, Terminal& terminal) {
  const ApiClient api(options.server);
  const std::string path = "/api/v1/conversations/" + PercentEncode(options.id);
  const uint64_t limit = options.limit.value_or(UINT64_MAX);
  ConversationPage all;
  do {
    QueryText query;
    query.Add("cursor", all.next);
    query.Add("limit", std::to_string(std::min<uint64_t>(limit - all.items.size(), kCallsPageMax)));
    TELLTALE_ASSIGN_OR_RETURN(const std::string body, api.Get(path + query.Text()));
    TELLTALE_ASSIGN_OR_RETURN(ConversationPage page, ReadConversationPageUntrusted(body));
    all.conversation = std::move(page.conversation);
    std::ranges::move(page.items, std::back_inserter(all.items));
    all.next = page.items.empty() ? std::string() : std::move(page.next);
  } while (!all.next.empty() && all.items.size() < limit);

  if (options.json) {
    std::vector<ListedCall> calls;
    for (ConversationItem& item : all.items) calls.push_back(std::move(item.call));
    PrintItemsAsJson(calls, terminal);
  } else if (options.csv) {
    terminal.out << ConversationCsv(all.items);
  } else {
    PrintConversation(all.conversation, all.items, terminal);
    if (!all.next.empty())
      terminal.err << "these are the first " << Plural(all.items.size(), "call") << "; --limit shows more\n";
  }
  return {};
}

}  // namespace

int RunConversations(const ConversationsOptions& options, Terminal& terminal) {
  const CallsOptions as_calls{.server = options.server,
                              .filter = options.filter,
                              .since = options.since,
                              .limit = options.limit,
                              .json = options.json,
                              .csv = options.csv};
  if (const Status possible = CheckForm(as_calls); !possible) return ReportError(possible.error(), terminal);
  const Status done = options.id.empty() ? ListConversations(options, as_calls, terminal)
                                         : ShowConversation(options, terminal);
  return done ? kExitOk : ReportError(done.error(), terminal);
}

}  // namespace telltale
