// Full text: which spans brought a text first that has these words.
//
//   TELLTALE_ASSIGN_OR_RETURN(TextQuery query, ParseTextQueryUntrusted(words));
//   TELLTALE_ASSIGN_OR_RETURN(TextPage page, SearchText(engine, {.query = query, .filter = {.range =
//   range}})); for (const TextItem& item : page.items) Show(item.service, item.snippet);
//
// The words are those of one message: of one text of content/, which is kept once a day and
// belongs to the span that brought it first that day. A span is one item for all that it brought
// at one time.
//
// The newest groups of text (content/word_groups.h) that have the words are read and compared,
// a few at a time, until the page is full: what is found is there, and a common word costs what
// a page of it takes.
//
// Ownership      Texts of an item are its own; those of its call point into the page.
// Failure        As Engine::Query.
// Limits         kTextBytesMax of text are read for a page, kTextSpansMax spans sorted by cost; a
//                search that ends there says how far back it got.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "content/content_keeper.h"
#include "query/call_rows.h"
#include "query/calls.h"
#include "query/cursor.h"
#include "query/text_query.h"
#include "query/text_snippet.h"
#include "query/traceql/search.h"
#include "store/engine.h"

namespace telltale {

inline constexpr size_t kTextBytesMax = 96'000'000;
inline constexpr size_t kTextSpansMax = 10'000;

enum class TextOrder : uint8_t { kNewest, kCost };

// Which spans' text: a conjunction, to which other conditions on spans can be added.
struct TextFilter {
  CallFilter calls;                                   // its range is that of the spans' start
  std::shared_ptr<const TraceQuery> query = nullptr;  // TraceQL: it leaves the span
};

struct TextSearch {
  TextQuery query;
  TextFilter filter;
  TextOrder order = TextOrder::kNewest;
  size_t limit = 20;
  std::optional<TextCursor> cursor;  // kNewest; its time range replaces the filter's
  size_t bytes_max = kTextBytesMax;
};

struct TextItem {
  TraceId trace_id;
  SpanId span_id;
  int64_t start_unix_nano = 0;  // of the span, or the time of the log record
  int64_t stored_unix_ms = 0;
  int64_t group = 0;
  std::string service;
  std::string name;
  ChunkPlace place = ChunkPlace::kNone;
  std::string field;  // key of the attribute; of a body, the event's name
  std::string role;   // who speaks, where the text says so
  TextSnippet snippet;
  uint64_t occurrences = 0;       // in all that the span brought
  const CallRow* call = nullptr;  // null: the span is no call
};

struct TextPage {
  std::vector<TextItem> items;
  std::optional<TextCursor> next;
  // Set where a limit ended the search: older text was not looked at.
  std::optional<int64_t> searched_back_to_unix_nano;
  std::vector<CallRows> calls;  // what the items point into
};

Result<TextPage> SearchText(Engine& engine, const TextSearch& search);

}  // namespace telltale
