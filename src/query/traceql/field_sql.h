// What a field of a query is in SQL: for each kind of value that it can have, an expression
// over the columns of one row.
//
//   FieldSql fields(RowSource::kSpan, parameters);
//   std::optional<FieldReading> reading = fields.Read(field);   // nullopt: the row does not tell it
//   sql << reading->number << " > 3";
//
// Rows come from three places:
//
//   kSpan    a row of `spans`: what the span, its resource, scope, events and links say
//   kJoined  the same with its parent, its call and its trace beside it (JoinedRows)
//   kCall    a row of `calls`: what the call says, and the span's name, times and service
//   kRoot    a row of `spans` that is the root of its trace: what is said of the root
//
// Thread safety  One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "query/traceql/sql_pieces.h"
#include "traceql/ast.h"

namespace telltale::traceql {

enum class RowSource : uint8_t { kSpan, kJoined, kCall, kRoot };

// Events and links are many: a condition on one holds if it holds for any of them.
enum class ElementOf : uint8_t { kRow, kEvents, kLinks };

// Expressions; an empty one: the field never has such a value.
struct FieldReading {
  ElementOf of = ElementOf::kRow;  // else the expressions read `element`, a JSON object
  std::string there;               // UInt8
  std::string number;              // Nullable number; of closed lists their numbers, of durations ns
  std::string text;                // Nullable(String)
  std::string boolean;             // Nullable(UInt8)
  // String: empty for nil, else a letter of ValueType (trace/batch.h) and the value's text.
  std::string typed;
};

// What JoinedRows has to join.
struct JoinsNeeded {
  bool parent = false;
  bool children = false;
  bool parent_children = false;
  bool trace = false;
  std::set<std::string_view> call_columns;  // of kCallColumns; empty: none
};

// The element that expressions of events and links are about.
inline constexpr std::string_view kElement = "element";
// The array of them, as JSON objects.
std::string_view ElementsOf(ElementOf of);

class FieldSql {
 public:
  // `keys_of_no_resource`: attributes that no resource in the range has, so that `.key` is the span's.
  FieldSql(RowSource source, SqlParameters& parameters, const std::set<std::string>* keys_of_no_resource)
      : source_(source), parameters_(parameters), keys_of_no_resource_(keys_of_no_resource) {}

  std::optional<FieldReading> Read(const IntrinsicField& field);
  std::optional<FieldReading> Read(const AttributeField& field);
  std::optional<FieldReading> Read(const CallFieldReference& field);

  const JoinsNeeded& joins() const { return joins_; }
  SqlParameters& parameters() { return parameters_; }
  RowSource source() const { return source_; }
  bool MayBeOfResource(const AttributeField& field) const;

 private:
  FieldReading OfMap(std::string_view columns, std::string_view key);
  FieldReading OfJson(std::string_view json, std::string_view key);
  FieldReading OfService(std::string_view columns);
  FieldReading AttributeOf(std::string_view columns, const AttributeField& field);
  std::optional<FieldReading> OfRoot(const IntrinsicField& field);
  std::optional<FieldReading> OfParent(const IntrinsicField& field);

  const RowSource source_;
  SqlParameters& parameters_;
  const std::set<std::string>* const keys_of_no_resource_;
  JoinsNeeded joins_;
};

// A list of words as SQL, by number.
std::string WordsSql(WordSet set);

}  // namespace telltale::traceql
