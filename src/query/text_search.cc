#include "query/text_search.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "query/call_sql.h"
#include "query/statement.h"
#include "query/text_groups.h"
#include "query/traceql/matched_spans.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

// Groups read at once.
constexpr size_t kGroupsFirst = 2;
constexpr size_t kGroupsMost = 32;
// The engine's limit on the text of a question is 256 KiB, of which a span takes 130 bytes.
constexpr size_t kSpansAStatement = 1'500;
// A trace stands in up to six places of one, 45 bytes each.
constexpr size_t kTracesAStatement = 500;

auto OrderOf(const TextItem& item) {
  return std::tuple(item.group, item.stored_unix_ms, item.start_unix_nano, item.trace_id, item.span_id);
}

auto OrderOf(const TextCursor& cursor) {
  return std::tuple(cursor.group, cursor.stored_unix_ms, cursor.start_unix_nano, cursor.trace_id,
                    cursor.span_id);
}

bool AsksCalls(const CallFilter& filter) {
  return !filter.provider.empty() || !filter.model.empty() || !filter.conversation.empty() ||
         !filter.user.empty() || !filter.prompt.empty() || !filter.agent.empty() || filter.kind ||
         filter.failed || filter.cost_status;
}

bool IsOfLog(const TextItem& item) {
  return item.place == ChunkPlace::kLogBody || item.place == ChunkPlace::kLogAttribute;
}

class Search {
 public:
  Search(Engine& engine, const TextSearch& search)
      : engine_(engine), search_(search), filter_(search.filter.calls), matcher_(search.query) {
    if (search.cursor) filter_.range = search.cursor->range;
  }

  Result<TextPage> Run() {
    TextGroups groups(engine_, search_.query, filter_.range);
    int64_t bound = search_.cursor ? search_.cursor->group + 1 : std::numeric_limits<int64_t>::max();
    for (bool is_full = false; !is_full && !groups.done();) {
      TELLTALE_ASSIGN_OR_RETURN(const std::vector<int64_t> some, groups.Before(bound, kGroupsMost));
      // Of a rare word all that there is at once; a page of a common one is full after the first few.
      size_t piece = groups.done() ? some.size() : kGroupsFirst;
      for (size_t begin = 0; begin < some.size() && !is_full;) {
        piece = std::min(piece, some.size() - begin);
        const Status read = ReadPiece(std::span(some).subspan(begin, piece));
        // Large texts are read a few at a time.
        if (!read && read.error().code == ErrorCode::kOverLimit && piece > 1) {
          piece /= 2;
          continue;
        }
        TELLTALE_RETURN_IF_ERROR(read);
        bound = some[begin + piece - 1];
        begin += std::exchange(piece, piece * 4);
        const bool is_last = groups.done() && begin == some.size();
        is_full = !is_last && IsFull(bound);
      }
    }
    if (search_.order == TextOrder::kNewest) CutNewest();
    if (!AsksCalls(filter_)) TELLTALE_RETURN_IF_ERROR(AddCalls(page_.items));
    if (search_.order == TextOrder::kCost) CutDearest();
    return std::move(page_);
  }

 private:
  Status ReadPiece(std::span<const int64_t> groups) {
    TELLTALE_ASSIGN_OR_RETURN(std::vector<TextItem> items, ReadItems(groups));
    if (AsksCalls(filter_)) TELLTALE_RETURN_IF_ERROR(AddCalls(items));
    TELLTALE_RETURN_IF_ERROR(KeepWhatTheQueryLeaves(items));
    std::ranges::move(items, std::back_inserter(page_.items));
    return {};
  }

  // True: nothing older is read.
  bool IsFull(int64_t bound) {
    const bool is_newest = search_.order == TextOrder::kNewest;
    if (is_newest && page_.items.size() > search_.limit) return true;
    if (bytes_read_ < search_.bytes_max && page_.items.size() < kTextSpansMax) return false;
    page_.searched_back_to_unix_nano = bound * 1'000'000;
    if (is_newest) {
      // Behind everything of this group.
      page_.next = TextCursor{.range = filter_.range, .group = bound, .stored_unix_ms = INT64_MIN};
    }
    return true;
  }

  void CutNewest() {
    if (page_.items.size() > search_.limit) {
      page_.items.resize(search_.limit);
      const TextItem& last = page_.items.back();
      page_.next = TextCursor{.range = filter_.range,
                              .group = last.group,
                              .stored_unix_ms = last.stored_unix_ms,
                              .start_unix_nano = last.start_unix_nano,
                              .trace_id = last.trace_id,
                              .span_id = last.span_id};
      page_.searched_back_to_unix_nano.reset();
    }
  }

  void CutDearest() {
    const auto cost = [](const TextItem& item) {
      return item.call != nullptr && item.call->counts != 0 ? item.call->cost : Cost::kNotTold;
    };
    std::ranges::sort(page_.items, std::greater(),
                      [&](const TextItem& item) { return std::pair(cost(item), OrderOf(item)); });
    if (page_.items.size() > search_.limit) page_.items.resize(search_.limit);
  }

  Result<std::vector<TextItem>> ReadItems(std::span<const int64_t> groups) {
    std::string list;
    for (const int64_t group : groups) list += (list.empty() ? "" : ", ") + std::to_string(group);
    Statement sql("SELECT text_group, stored, owner, source, bytes FROM content PREWHERE text_group IN (");
    sql << list << ")";
    AddSieve(sql);
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(sql.Take("max_threads = 1")));
    bytes_read_ += result.bytes.size();
    std::map<std::tuple<int64_t, int64_t, TraceId, SpanId>, size_t> numbers;
    std::vector<Found> found;
    for (RowReader rows(result.bytes); !rows.done();) TakeRow(rows, numbers, found);
    if (search_.cursor) {
      std::erase_if(found, [&](const Found& each) { return OrderOf(each.item) >= OrderOf(*search_.cursor); });
    }
    std::ranges::sort(found, std::greater(), [](const Found& each) { return OrderOf(each.item); });
    // Where every one is shown, those behind the page's end are not.
    if (search_.order == TextOrder::kNewest && !AsksCalls(filter_))
      found.resize(std::min(found.size(), search_.limit + 1 - page_.items.size()));
    std::vector<TextItem> items;
    for (Found& each : found) {
      Describe(each.text, each.item);
      items.push_back(std::move(each.item));
    }
    return items;
  }

  // A span, and the first text of it that matches.
  struct Found {
    TextItem item;
    std::string_view text;
  };

  void Describe(std::string_view text, TextItem& item) {
    matcher_.Match(text, matches_);
    item.role = RoleAt(text, matches_.front().begin);
    item.snippet = MakeSnippet(text, matches_);
  }

  // What the engine can tell of a text without reading its words: that the letters of the longest word
  // of each term stand in it. A letter of ASCII stands as it is, unless JSON writes it as \u00XX.
  void AddSieve(Statement& sql) const {
    size_t count = 0;
    for (const TextTerm& term : search_.query.terms) {
      const auto longest = std::ranges::max_element(term.words, {}, &std::string::size);
      const auto is_ascii = [](char c) { return static_cast<uint8_t>(c) < 0x80; };
      if (term.is_excluded || !std::ranges::all_of(*longest, is_ascii)) continue;
      sql << (count == 0 ? " WHERE (" : " AND ") << "positionCaseInsensitive(bytes, ";
      sql.Parameter("word" + std::to_string(count++), "String", *longest) << ") > 0";
    }
    if (count > 0) sql << ") OR position(bytes, '\\\\u00') > 0";
  }

  bool IsWanted(const TextItem& item, const ChunkSource& source) const {
    return item.start_unix_nano >= filter_.range.start_unix_nano &&
           item.start_unix_nano < filter_.range.end_unix_nano &&
           (!filter_.trace_id || item.trace_id == *filter_.trace_id) &&
           (filter_.service.empty() || source.service == filter_.service);
  }

  template <typename Numbers>
  void TakeRow(RowReader& rows, Numbers& numbers, std::vector<Found>& found) {
    TextItem item;
    item.group = rows.Number<int64_t>();
    item.stored_unix_ms = rows.Number<int64_t>();
    const std::string_view owner = rows.FixedString(32);
    item.trace_id = TraceId::FromBytes(owner.substr(0, 16));
    item.span_id = SpanId::FromBytes(owner.substr(16, 8));
    std::memcpy(&item.start_unix_nano, owner.data() + 24, sizeof item.start_unix_nano);
    const ChunkSource source = ParseChunkSourceUntrusted(rows.String());
    const std::string_view text = rows.String();
    if (!IsWanted(item, source) || !matcher_.Match(text, matches_)) return;
    const auto [at, is_new] =
        numbers.try_emplace({item.group, item.stored_unix_ms, item.trace_id, item.span_id}, found.size());
    if (!is_new) {
      found[at->second].item.occurrences += matches_.size();
      return;
    }
    item.place = source.place;
    item.field = source.field;
    item.service = source.service;
    item.name = source.name;
    item.occurrences = matches_.size();
    found.push_back({std::move(item), text});
  }

  // The calls that the spans are; where the filter asks for calls, others go.
  Status AddCalls(std::vector<TextItem>& items) {
    for (size_t begin = 0; begin < items.size(); begin += kSpansAStatement) {
      const size_t count = std::min(kSpansAStatement, items.size() - begin);
      TELLTALE_RETURN_IF_ERROR(AddCallsOf(std::span(items).subspan(begin, count)));
    }
    if (AsksCalls(filter_)) std::erase_if(items, [](const TextItem& item) { return item.call == nullptr; });
    return {};
  }

  Status AddCallsOf(std::span<TextItem> items) {
    std::string spans, traces;
    for (const TextItem& item : items) {
      if (IsOfLog(item)) {
        traces += (traces.empty() ? "unhex('" : ", unhex('") + item.trace_id.Hex() + "')";
      } else {
        spans += (spans.empty() ? "(fromUnixTimestamp64Nano(" : ", (fromUnixTimestamp64Nano(") +
                 std::to_string(item.start_unix_nano) + ", 'UTC'), unhex('" + item.trace_id.Hex() +
                 "'), unhex('" + item.span_id.Hex() + "'))";
      }
    }
    std::map<std::pair<TraceId, SpanId>, const CallRow*> calls;
    if (!spans.empty())
      TELLTALE_RETURN_IF_ERROR(ReadCallsWhere("(start, trace_id, span_id) IN (" + spans + ")", calls));
    if (!traces.empty()) TELLTALE_RETURN_IF_ERROR(ReadCallsWhere("trace_id IN (" + traces + ")", calls));
    for (TextItem& item : items) {
      const auto call = calls.find({item.trace_id, item.span_id});
      if (call != calls.end()) item.call = call->second;
    }
    return {};
  }

  Status KeepWhatTheQueryLeaves(std::vector<TextItem>& items) {
    if (!search_.filter.query || items.empty()) return {};
    const auto [oldest, newest] = std::ranges::minmax_element(items, {}, &TextItem::start_unix_nano);
    const TimeRange around = traceql::Widened(
        {.start_unix_nano = oldest->start_unix_nano, .end_unix_nano = newest->start_unix_nano},
        traceql::kTraceReachNano);
    std::set<TraceId> traces;
    for (const TextItem& item : items) traces.insert(item.trace_id);
    const std::vector<TraceId> ids(traces.begin(), traces.end());
    std::set<std::pair<TraceId, SpanId>> left;
    for (size_t begin = 0; begin < ids.size(); begin += kTracesAStatement) {
      const auto some = std::span(ids).subspan(begin, std::min(kTracesAStatement, ids.size() - begin));
      TELLTALE_ASSIGN_OR_RETURN(
          auto more, SpansLeftOf(engine_, *search_.filter.query, {some.begin(), some.end()}, around));
      left.merge(more);
    }
    // A log record may belong to a trace and to no span of it.
    std::erase_if(items, [&](const TextItem& item) {
      if (!item.span_id.IsZero()) return !left.contains({item.trace_id, item.span_id});
      const auto at = left.lower_bound({item.trace_id, SpanId()});
      return at == left.end() || at->first != item.trace_id;
    });
    return {};
  }

  template <typename Calls>
  Status ReadCallsWhere(const std::string& which, Calls& calls) {
    CallFilter filter = filter_;
    filter.range = {};
    filter.trace_id.reset();
    filter.service.clear();  // asked of the text itself
    // The newest revision of each, and then what the filter says of it.
    Statement sql("SELECT ");
    sql << CallFactNames() << " FROM (SELECT " << CallFactNames() << ", prompt FROM calls WHERE " << which
        << " ORDER BY revision DESC LIMIT 1 BY trace_id, span_id) WHERE 1";
    AddCallConditions(filter, sql);
    TELLTALE_ASSIGN_OR_RETURN(CallRows rows, ReadCallFacts(engine_, sql.Take("max_threads = 1")));
    page_.calls.push_back(std::move(rows));
    for (const CallRow& row : page_.calls.back().rows) calls[{row.trace_id, row.span_id}] = &row;
    return {};
  }

  Engine& engine_;
  const TextSearch& search_;
  CallFilter filter_;
  TextMatcher matcher_;
  std::vector<TextMatch> matches_;
  TextPage page_;
  size_t bytes_read_ = 0;
};

}  // namespace

Result<TextPage> SearchText(Engine& engine, const TextSearch& search) {
  return Search(engine, search).Run();
}

}  // namespace telltale
