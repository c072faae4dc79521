#include "query/traceql/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "query/statement.h"
#include "query/traceql/row_sql.h"
#include "store/row_reader.h"
#include "traceql/parse.h"

namespace telltale {
namespace traceql {

Result<std::set<std::string>> KeysOfNoResource(Engine& engine, const Plan& plan, const TimeRange& range) {
  std::set<std::string> keys = plan.UnscopedKeys();
  keys.erase("service.name");
  if (keys.empty()) return keys;
  SqlParameters parameters;
  Statement sql("SELECT ");
  bool first = true;
  for (const std::string& key : keys) {
    sql << (std::exchange(first, false) ? "" : ", ") << "max(position(resource, "
        << parameters.Text(KeyValueBeginning(key)) << ") > 0)";
  }
  sql << " FROM spans WHERE 1";
  sql.AndRange(range).Parameters(parameters.list());
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take("max_threads = 1")));
  RowReader rows(result.bytes);
  std::erase_if(keys, [&](const std::string&) { return rows.Number<uint8_t>() != 0; });
  return keys;
}

namespace {

std::string AnyOf(const Plan& plan, const std::set<size_t>& conditions, RowSql& row) {
  std::vector<std::string> parts;
  for (const size_t index : conditions) {
    const FieldExpression* condition = plan.conditions()[index];
    parts.push_back(condition != nullptr ? row.AtMost(*condition) : "1");
  }
  if (parts.empty() || std::ranges::find(parts, "1") != parts.end()) return "1";
  return parts.size() == 1 ? parts[0] : fmt::format("({})", fmt::join(parts, " OR "));
}

}  // namespace

SqlPiece AnyOf(const Plan& plan, const std::set<size_t>& conditions,
               const std::set<std::string>& keys_of_no_resource) {
  SqlParameters parameters;
  RowSql row(RowSource::kSpan, parameters, &keys_of_no_resource);
  SqlPiece piece{.text = AnyOf(plan, conditions, row), .parameters = {}};
  piece.parameters = parameters.list();
  return piece;
}

DriverCondition DriverOf(const Plan& plan, DriverForm form,
                         const std::set<std::string>& keys_of_no_resource) {
  SqlParameters parameters;
  RowSql row(RowSource::kSpan, parameters, &keys_of_no_resource);
  const auto any_of = [&](const std::set<size_t>& conditions) { return AnyOf(plan, conditions, row); };
  DriverCondition driver;
  driver.piece.text = any_of(plan.driver());
  if (form == DriverForm::kWithNeeds) {
    for (const std::set<size_t>& need : plan.needs()) {
      std::string condition = any_of(need);
      if (condition == "1") continue;
      // The other spans of a trace, and their calls, may lie outside of the range.
      std::ranges::replace(condition, kRangeMark, kTracesRangeMark);
      driver.piece.text += fmt::format(" AND trace_id IN (SELECT trace_id FROM spans WHERE {}{})", condition,
                                       kTracesRangeMark);
    }
  }
  driver.piece.parameters = parameters.list();
  driver.is_exact = plan.only_filter() != nullptr && row.is_exact();
  return driver;
}

}  // namespace traceql

namespace {

using traceql::DriverForm;
using traceql::Plan;
using traceql::Spanset;
using traceql::TraceTable;

// Traces that are read whole at a time.
constexpr size_t kBatchMin = 20;
constexpr size_t kBatchMax = 200;
// Traces that are named one by one in a statement.
constexpr size_t kListedMax = 2'000;

bool IsIn(const TimeRange& range, int64_t unix_nano) {
  return unix_nano >= range.start_unix_nano && unix_nano < range.end_unix_nano;
}

class Searcher {
 public:
  Searcher(Engine& engine, const TraceQuery& query, const TraceQlSearch& search)
      : engine_(engine),
        query_(query),
        plan_(query.plan()),
        search_(search),
        range_(search.cursor ? search.cursor->range : search.filter.range),
        cursor_(search.cursor) {}

  Result<TraceQlPage> Run() {
    TELLTALE_ASSIGN_OR_RETURN(keys_of_no_resource_, traceql::KeysOfNoResource(engine_, plan_, range_));
    TELLTALE_RETURN_IF_ERROR(UseDriver(DriverForm::kAlone));
    if (is_exact_ && search_.spans_max == 0) return Direct();
    size_t candidates = 0;
    for (DriverForm form = DriverForm::kAlone;;) {
      const size_t batch = std::clamp(2 * search_.limit, kBatchMin, kBatchMax);
      TELLTALE_ASSIGN_OR_RETURN(const FoundTraces found,
                                FindTraces(engine_, {.filter = filter_, .limit = batch, .cursor = cursor_}));
      TELLTALE_RETURN_IF_ERROR(Take(found.traces));
      candidates += found.traces.size();
      if (page_.traces.size() > search_.limit) {
        Cut();
        break;
      }
      page_.next = found.next;
      cursor_ = found.next;
      if (!cursor_ || candidates >= kCandidatesMax) break;
      // Matches are rare: only traces that have all that is needed.
      if (form == DriverForm::kAlone && !plan_.needs().empty()) {
        TELLTALE_ASSIGN_OR_RETURN(const bool listed, RunOverListed());
        if (listed) break;
        form = DriverForm::kWithNeeds;
        TELLTALE_RETURN_IF_ERROR(UseDriver(form));
      }
    }
    TELLTALE_RETURN_IF_ERROR(AddShown());
    return std::move(page_);
  }

 private:
  Status UseDriver(DriverForm form) {
    traceql::DriverCondition driver = traceql::DriverOf(plan_, form, keys_of_no_resource_);
    filter_ = search_.filter;
    filter_.range = range_;
    filter_.condition = std::make_shared<const traceql::SqlPiece>(std::move(driver.piece));
    is_exact_ = driver.is_exact;
    return {};
  }

  // Where few traces have what is needed, they are named, whatever the driver takes. False
  // where they are many.
  Result<bool> RunOverListed() {
    std::optional<std::vector<TraceId>> ids;
    for (const std::set<size_t>& need : plan_.needs()) {
      TELLTALE_ASSIGN_OR_RETURN(const auto some, TracesThatHave(need));
      if (!some) continue;
      if (ids) {
        std::vector<TraceId> both;
        std::ranges::set_intersection(*ids, *some, std::back_inserter(both));
        ids = std::move(both);
      } else {
        ids = *some;
      }
    }
    if (!ids) return false;
    page_.next = std::nullopt;
    if (ids->empty()) return true;
    TELLTALE_ASSIGN_OR_RETURN(const std::vector<MatchRow> candidates, NewestOf(*ids));
    const size_t batch = std::clamp(2 * search_.limit, kBatchMin, kBatchMax);
    for (size_t begin = 0; begin < candidates.size(); begin += batch) {
      const auto first = candidates.begin() + static_cast<ptrdiff_t>(begin);
      TELLTALE_RETURN_IF_ERROR(
          Take({first, first + static_cast<ptrdiff_t>(std::min(batch, candidates.size() - begin))}));
      if (page_.traces.size() <= search_.limit) continue;
      Cut();
      break;
    }
    return true;
  }

  // In order; nullopt where they are more than kListedMax.
  Result<std::optional<std::vector<TraceId>>> TracesThatHave(const std::set<size_t>& need) {
    const traceql::SqlPiece condition = AnyOf(plan_, need, keys_of_no_resource_);
    const TimeRange range = traceql::Widened(range_, traceql::kTraceReachNano);
    Statement sql("SELECT DISTINCT trace_id FROM spans WHERE ");
    AddPiece(condition, range, sql);
    sql.AndRange(range) << " LIMIT " << std::to_string(kListedMax + 1);
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(sql.Take("max_threads = 1")));
    std::vector<TraceId> ids;
    for (RowReader rows(result.bytes); !rows.done();) ids.push_back(TraceId::FromBytes(rows.FixedString(16)));
    if (ids.size() > kListedMax) return std::nullopt;
    std::ranges::sort(ids);
    return ids;
  }

  // Where each of them stands, newest first, from the cursor on.
  Result<std::vector<MatchRow>> NewestOf(const std::vector<TraceId>& ids) {
    Statement sql("SELECT trace_id, max(start) AS newest FROM spans WHERE trace_id IN (");
    sql.Ids(ids) << ")";
    sql.AndRange(range_);
    AddFilterConditions(filter_, range_, sql);
    sql << " GROUP BY trace_id ORDER BY newest DESC, trace_id DESC";
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(sql.Take("max_threads = 1")));
    std::vector<MatchRow> rows;
    for (RowReader reader(result.bytes); !reader.done();) {
      const MatchRow row = ReadMatchRow(reader);
      const bool is_after = !cursor_ || std::pair(row.start_unix_nano, row.trace_id) <
                                            std::pair(cursor_->last.start_unix_nano, cursor_->last.trace_id);
      if (is_after) rows.push_back(row);
    }
    return rows;
  }

  // The condition is all there is to the query.
  Result<TraceQlPage> Direct() {
    TELLTALE_ASSIGN_OR_RETURN(
        FoundTraces found,
        FindTraces(engine_, {.filter = filter_, .limit = search_.limit, .cursor = search_.cursor}));
    for (const MatchRow& match : found.traces) page_.traces.push_back({.match = match, .sets = {}});
    page_.next = found.next;
    return std::move(page_);
  }

  // One more than the limit was found: the page ends before it.
  void Cut() {
    page_.traces.resize(search_.limit);
    page_.next = SearchCursor{.range = range_, .last = {}};
    if (page_.traces.empty()) return;
    const MatchRow& last = page_.traces.back().match;
    page_.next->last = {.start_unix_nano = last.start_unix_nano, .trace_id = last.trace_id};
  }

  Status Take(const std::vector<MatchRow>& found) {
    if (found.empty()) return {};
    std::vector<TraceId> ids;
    for (const MatchRow& match : found) ids.push_back(match.trace_id);
    traceql::KeyTexts texts;
    SpanFilter beside = search_.filter;
    beside.condition = nullptr;
    TELLTALE_ASSIGN_OR_RETURN(const std::vector<TraceTable> tables,
                              ReadTraceTables(engine_, plan_,
                                              {.ids = ids,
                                               .range = RangeAround(found),
                                               .filter = &beside,
                                               .keys_of_no_resource = &keys_of_no_resource_},
                                              texts));
    std::map<TraceId, const TraceTable*> by_id;
    for (const TraceTable& table : tables) by_id.emplace(table.trace_id, &table);
    for (const MatchRow& match : found) {
      const auto at = by_id.find(match.trace_id);
      if (at == by_id.end()) continue;
      const std::vector<Spanset> sets = Evaluate(query_.query(), plan_, *at->second);
      if (!Counts(*at->second, sets)) continue;
      page_.traces.push_back({.match = match, .sets = {}});
      if (search_.spans_max > 0) AddSets(*at->second, sets, texts);
      if (page_.traces.size() > search_.limit) break;
    }
    return {};
  }

  bool Counts(const TraceTable& table, const std::vector<Spanset>& sets) const {
    return std::ranges::any_of(sets, [&](const Spanset& set) {
      return std::ranges::any_of(set.spans, [&](uint32_t span) {
        return table.spans[span].in_filter && IsIn(range_, table.spans[span].start_unix_nano);
      });
    });
  }

  void AddSets(const TraceTable& table, const std::vector<Spanset>& sets, const traceql::KeyTexts& texts) {
    TraceMatch& trace = page_.traces.back();
    const std::vector<traceql::WalkNumbers> walk =
        shows_walk_ ? NumberWalk(table) : std::vector<traceql::WalkNumbers>();
    for (const Spanset& set : sets) {
      SpansetMatch& match = trace.sets.emplace_back();
      match.matched = set.spans.size();
      for (const auto& [name, key] : set.keys) match.attributes.emplace_back(name, texts.TextOf(key));
      for (const auto& [name, number] : set.numbers)
        match.attributes.emplace_back(name, "d" + fmt::format("{}", number));
      for (size_t i = 0; i < std::min(set.spans.size(), search_.spans_max); ++i) {
        const traceql::SpanFacts& facts = table.spans[set.spans[i]];
        SpanMatch& span = match.spans.emplace_back();
        span.span_id = facts.span_id;
        span.start_unix_nano = facts.start_unix_nano;
        span.duration_nano = facts.duration_nano;
        if (shows_walk_) walks_.emplace(std::pair(table.trace_id, facts.span_id), walk[set.spans[i]]);
      }
    }
  }

  // What the query shows of the spans of the page, in one read.
  Status AddShown() {
    std::vector<traceql::SpanPlace> places;
    std::vector<MatchRow> traces;
    for (const TraceMatch& trace : page_.traces) {
      traces.push_back(trace.match);
      for (const SpansetMatch& set : trace.sets) {
        for (const SpanMatch& span : set.spans) places.push_back({trace.match.trace_id, span.span_id});
      }
    }
    if (places.empty()) return {};
    TELLTALE_ASSIGN_OR_RETURN(std::vector<std::vector<std::string>> shown,
                              ReadShown(engine_, plan_, places, RangeAround(traces)));
    size_t at = 0;
    for (TraceMatch& trace : page_.traces) {
      for (SpansetMatch& set : trace.sets) {
        for (SpanMatch& span : set.spans) {
          span.shown = std::move(shown[at++]);
          AddWalk(trace.match.trace_id, span);
        }
      }
    }
    return {};
  }

  void AddWalk(const TraceId& trace_id, SpanMatch& span) const {
    const auto at = walks_.find(std::pair(trace_id, span.span_id));
    if (at == walks_.end()) return;
    for (size_t i = 0; i < plan_.shown().size(); ++i) {
      const auto* field = std::get_if<traceql::IntrinsicField>(&plan_.shown()[i]->node);
      if (field == nullptr) continue;
      if (field->intrinsic == traceql::Intrinsic::kNestedSetLeft)
        span.shown[i] = "i" + std::to_string(at->second.left);
      if (field->intrinsic == traceql::Intrinsic::kNestedSetRight)
        span.shown[i] = "i" + std::to_string(at->second.right);
      if (field->intrinsic == traceql::Intrinsic::kNestedSetParent)
        span.shown[i] = "i" + std::to_string(at->second.parent);
    }
  }

  static bool ShowsWalk(const Plan& plan) {
    return std::ranges::any_of(plan.shown(), [](const traceql::FieldExpression* field) {
      const auto* intrinsic = std::get_if<traceql::IntrinsicField>(&field->node);
      return intrinsic != nullptr && (intrinsic->intrinsic == traceql::Intrinsic::kNestedSetLeft ||
                                      intrinsic->intrinsic == traceql::Intrinsic::kNestedSetRight ||
                                      intrinsic->intrinsic == traceql::Intrinsic::kNestedSetParent);
    });
  }

  Engine& engine_;
  const TraceQuery& query_;
  const Plan& plan_;
  const TraceQlSearch& search_;
  const TimeRange range_;
  std::optional<SearchCursor> cursor_;
  const bool shows_walk_ = ShowsWalk(plan_);
  std::set<std::string> keys_of_no_resource_;
  SpanFilter filter_;
  bool is_exact_ = false;
  TraceQlPage page_;
  std::map<std::pair<TraceId, SpanId>, traceql::WalkNumbers> walks_;
};

}  // namespace

Result<std::shared_ptr<const TraceQuery>> TraceQuery::Parse(std::string_view text) {
  TELLTALE_ASSIGN_OR_RETURN(traceql::Query parsed, ParseTraceQl(text));
  auto query = std::make_shared<const TraceQuery>(std::move(parsed));
  TELLTALE_RETURN_IF_ERROR(query->plan().Check());
  return query;
}

Result<TraceQlPage> SearchTraces(Engine& engine, const TraceQuery& query, const TraceQlSearch& search) {
  if (query.is_metric()) {
    return Fail(ErrorCode::kInvalidInput,
                "query: its answer is a series over time, and traces were asked for",
                "take the metric off the end of it");
  }
  return Searcher(engine, query, search).Run();
}

}  // namespace telltale
