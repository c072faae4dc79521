#include "query/traceql/tags.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "query/statement.h"
#include "query/traceql/field_sql.h"
#include "query/traceql/sql_pieces.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

using traceql::AttributeField;
using traceql::AttributeScope;
using traceql::CallFieldReference;
using traceql::ElementOf;
using traceql::FieldExpression;
using traceql::FieldReading;
using traceql::FieldSql;
using traceql::Intrinsic;
using traceql::IntrinsicField;
using traceql::RowSource;
using traceql::SqlParameters;
using traceql::SqlPiece;

// These reads stop after a few granules: a second thread only reads what is thrown away.
constexpr std::string_view kNewestFirst = "max_threads = 1, query_plan_optimize_lazy_materialization = 0";
// Texts of resources and scopes that are looked at.
constexpr size_t kTextsMax = 10'000;

// The condition that a span may be one that the query leaves; nullopt: every span may.
Result<std::optional<SqlPiece>> ConditionOf(Engine& engine, const TagQuestion& question) {
  if (question.query == nullptr) return std::nullopt;
  const traceql::Plan& plan = question.query->plan();
  TELLTALE_ASSIGN_OR_RETURN(const auto keys, traceql::KeysOfNoResource(engine, plan, question.range));
  SqlPiece piece = traceql::DriverOf(plan, traceql::DriverForm::kAlone, keys).piece;
  if (piece.text == "1") return std::nullopt;
  return piece;
}

void AddCondition(const std::optional<SqlPiece>& condition, const TimeRange& range, Statement& sql) {
  sql.AndRange(range);
  if (condition) traceql::AddPiece(*condition, range, sql << " AND ");
}

// --- names -----------------------------------------------------------------------------

// Adds the attribute keys of a stored resource or scope. What is not such a text has none.
void AddKeysOf(std::string_view text, simdjson::dom::parser& parser, std::set<std::string>& keys) {
  simdjson::dom::element json;
  simdjson::dom::array attributes;
  if (parser.parse(text.data(), text.size()).get(json) != simdjson::SUCCESS) return;
  if (json["attributes"].get_array().get(attributes) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element attribute : attributes) {
    std::string_view key;
    if (attribute["key"].get_string().get(key) == simdjson::SUCCESS) keys.emplace(key);
  }
}

std::vector<std::string> FirstOf(const std::set<std::string>& keys, size_t limit) {
  std::vector<std::string> first;
  for (const std::string& key : keys) {
    if (first.size() == limit) break;
    first.push_back(key);
  }
  return first;
}

std::vector<std::string> ReadTexts(RowReader& rows) {
  std::vector<std::string> texts;
  for (size_t left = rows.Length(); left > 0; --left) texts.emplace_back(rows.String());
  return texts;
}

Status AddSpanNames(Engine& engine, const TagQuestion& question, const std::optional<SqlPiece>& condition,
                    TagNames& names) {
  Statement sql("SELECT arraySort(groupUniqArrayArray(");
  sql << std::to_string(question.limit) << ")(keys)), groupUniqArray(" << std::to_string(kTextsMax)
      << ")(resource), groupUniqArray(" << std::to_string(kTextsMax)
      << ")(scope) FROM (SELECT mapKeys(attrs) AS keys, resource, scope FROM spans WHERE 1";
  AddCondition(condition, question.range, sql);
  sql << " ORDER BY start DESC LIMIT " << std::to_string(kTagNameSpans) << ")";
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take(kNewestFirst)));
  RowReader rows(result.bytes);
  if (rows.done()) return {};
  names.span = ReadTexts(rows);
  simdjson::dom::parser parser;
  std::set<std::string> of_resources;
  for (const std::string& text : ReadTexts(rows)) AddKeysOf(text, parser, of_resources);
  names.resource = FirstOf(of_resources, question.limit);
  std::set<std::string> of_scopes;
  for (const std::string& text : ReadTexts(rows)) AddKeysOf(text, parser, of_scopes);
  names.instrumentation = FirstOf(of_scopes, question.limit);
  return {};
}

Result<std::vector<std::string>> ElementNames(Engine& engine, std::string_view column,
                                              const TagQuestion& question,
                                              const std::optional<SqlPiece>& condition) {
  Statement sql("SELECT arraySort(groupUniqArrayArray(");
  sql << std::to_string(question.limit)
      << ")(arrayMap(attribute -> JSONExtractString(attribute, 'key'), JSONExtractArrayRaw(element, "
         "'attributes')))) FROM (SELECT "
      << column << " AS elements FROM spans WHERE " << column << " != ''";
  AddCondition(condition, question.range, sql);
  sql << " ORDER BY start DESC LIMIT " << std::to_string(kTagElementSpans)
      << ") ARRAY JOIN JSONExtractArrayRaw(elements) AS element";
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take(kNewestFirst)));
  RowReader rows(result.bytes);
  if (rows.done()) return std::vector<std::string>();
  return ReadTexts(rows);
}

// --- values ----------------------------------------------------------------------------

// Where the values of a field are read.
struct Place {
  RowSource source = RowSource::kSpan;
  std::optional<RowSource> reading = std::nullopt;  // another than the source's
  std::string_view distinct;                        // columns of few texts that alone tell it; may be empty
};

std::optional<Place> PlaceOf(const IntrinsicField& field) {
  switch (field.intrinsic) {
    case Intrinsic::kName:
      return Place{.distinct = "name"};
    case Intrinsic::kStatusMessage:
    case Intrinsic::kEventName:
      return Place{};
    case Intrinsic::kRootName:
      return Place{.source = RowSource::kRoot, .distinct = "name"};
    case Intrinsic::kRootService:
      return Place{.source = RowSource::kRoot, .distinct = "service"};
    case Intrinsic::kInstrumentationName:
    case Intrinsic::kInstrumentationVersion:
      return Place{.distinct = "scope"};
    default:
      return std::nullopt;
  }
}

Place PlaceOf(const AttributeField& field) {
  if (field.scope == AttributeScope::kInstrumentation) return Place{.distinct = "scope"};
  if (field.scope != AttributeScope::kResource) return Place{};
  if (field.key != "service.name") return Place{.distinct = "resource"};
  // The column alone tells it, as it does in a row of calls.
  return Place{.reading = RowSource::kCall, .distinct = "service"};
}

class ValueLister {
 public:
  ValueLister(Engine& engine, const TagQuestion& question, std::optional<SqlPiece> condition)
      : engine_(engine), question_(question), condition_(std::move(condition)) {}

  template <typename Field>
  Result<std::vector<std::string>> List(const Field& field, const Place& place) {
    // Those of the condition begin otherwise.
    SqlParameters parameters("v");
    FieldSql fields(place.reading.value_or(place.source), parameters, nullptr);
    const std::optional<FieldReading> reading = fields.Read(field);
    if (!reading) return std::vector<std::string>();
    Statement sql("SELECT typed FROM (");
    AddTyped(*reading, place, sql);
    sql << ") WHERE substring(typed, 1, 1) IN ('s', 'i', 'd', 'b') AND length(typed) > 1 AND length(typed) "
           "<= "
        << std::to_string(kTagValueBytesMax + 1) << " GROUP BY typed ORDER BY count() DESC, typed LIMIT "
        << std::to_string(question_.limit);
    sql.Parameters(parameters.list());
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(sql.Take(kNewestFirst)));
    std::vector<std::string> values;
    for (RowReader rows(result.bytes); !rows.done();) values.emplace_back(rows.String());
    return values;
  }

 private:
  void AddTyped(const FieldReading& reading, const Place& place, Statement& sql) {
    sql << "SELECT " << reading.typed << " AS typed FROM (";
    if (!place.distinct.empty()) {
      // Grouped, and not DISTINCT: of names and services the store then knows the groups.
      sql << "SELECT " << place.distinct << " FROM ";
      // A filter reads more than the column: then the newest spans have to do.
      if (condition_) AddNewest(place.distinct, "1", place, sql << "(");
      if (!condition_) AddRows(place, sql << "spans WHERE 1");
      sql << (condition_ ? ")" : "") << " GROUP BY " << place.distinct << " LIMIT "
          << std::to_string(kTextsMax) << ")";
      return;
    }
    if (reading.of == ElementOf::kRow) {
      AddNewest("*", reading.there, place, sql);
      sql << ")";
      return;
    }
    const std::string_view column = reading.of == ElementOf::kEvents ? "events" : "links";
    AddNewest(column, std::string(column) + " != ''", place, sql);
    sql << ") ARRAY JOIN " << traceql::ElementsOf(reading.of) << " AS " << traceql::kElement;
  }

  void AddNewest(std::string_view columns, std::string_view there, const Place& place, Statement& sql) {
    const bool is_call = place.source == RowSource::kCall;
    sql << "SELECT " << columns << " FROM " << (is_call ? "calls" : "spans") << " WHERE " << there;
    AddRows(place, sql);
    sql << " ORDER BY start DESC LIMIT " << std::to_string(kTagValueSpans);
  }

  void AddRows(const Place& place, Statement& sql) {
    if (place.source == RowSource::kRoot) sql << " AND parent_id = toFixedString('', 8)";
    if (place.source != RowSource::kCall) return AddCondition(condition_, question_.range, sql);
    sql.AndRange(question_.range);
    if (!condition_) return;
    sql << " AND (trace_id, span_id) IN (SELECT trace_id, span_id FROM spans WHERE 1";
    AddCondition(condition_, question_.range, sql);
    sql << " ORDER BY start DESC LIMIT " << std::to_string(kTagValueSpans) << ")";
  }

  Engine& engine_;
  const TagQuestion& question_;
  const std::optional<SqlPiece> condition_;
};

}  // namespace

Result<TagNames> ListTagNames(Engine& engine, const TagQuestion& question) {
  TELLTALE_ASSIGN_OR_RETURN(const auto condition, ConditionOf(engine, question));
  TagNames names;
  TELLTALE_RETURN_IF_ERROR(AddSpanNames(engine, question, condition, names));
  TELLTALE_ASSIGN_OR_RETURN(names.event, ElementNames(engine, "events", question, condition));
  TELLTALE_ASSIGN_OR_RETURN(names.link, ElementNames(engine, "links", question, condition));
  return names;
}

Result<std::vector<std::string>> ListTagValues(Engine& engine, const FieldExpression& field,
                                               const TagQuestion& question) {
  TELLTALE_ASSIGN_OR_RETURN(auto condition, ConditionOf(engine, question));
  ValueLister lister(engine, question, std::move(condition));
  if (const auto* call = std::get_if<CallFieldReference>(&field.node)) {
    if (traceql::IsNumber(traceql::InfoOf(call->field).type)) return std::vector<std::string>();
    return lister.List(*call, {.source = RowSource::kCall});
  }
  if (const auto* intrinsic = std::get_if<IntrinsicField>(&field.node)) {
    const std::optional<Place> place = PlaceOf(*intrinsic);
    if (!place) return std::vector<std::string>();
    IntrinsicField own = *intrinsic;
    own.of_parent = false;
    return lister.List(own, *place);
  }
  AttributeField own = std::get<AttributeField>(field.node);
  own.of_parent = false;
  if (own.scope != AttributeScope::kAny) return lister.List(own, PlaceOf(own));
  // Each place by itself: its index would be of no use to a condition on both.
  own.scope = AttributeScope::kSpan;
  TELLTALE_ASSIGN_OR_RETURN(std::vector<std::string> values, lister.List(own, PlaceOf(own)));
  own.scope = AttributeScope::kResource;
  TELLTALE_ASSIGN_OR_RETURN(const std::vector<std::string> more, lister.List(own, PlaceOf(own)));
  for (const std::string& value : more) {
    if (values.size() < question.limit && std::ranges::find(values, value) == values.end())
      values.push_back(value);
  }
  return values;
}

}  // namespace telltale
