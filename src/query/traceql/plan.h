// What a query asks of the store: the conditions that it puts on spans, the numbers and values
// that it reads of them, and which traces can match at all.
//
//   { call.kind = llm } >> { status = error } | avg(duration) > 1s
//   conditions[0] conditions[1]                 numbers[0]
//
//   driver    {1}         what every span of the result satisfies one of
//   needs     {0}, {1}    of each, a trace must have some span that satisfies one of them
//
//   Plan plan(query);
//   TELLTALE_RETURN_IF_ERROR(plan.Check());
//
// Ownership      The query must outlive it.
// Thread safety  Immutable once made.
// Failure        Check: kInvalidInput for what the language has and the store cannot tell.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "traceql/ast.h"

namespace telltale::traceql {

inline constexpr size_t kConditionsMax = 64;  // their bits are one number

class Plan {
 public:
  explicit Plan(const Query& query);

  Status Check() const;

  // nullptr: every span.
  const std::vector<const FieldExpression*>& conditions() const { return conditions_; }
  const std::vector<const FieldExpression*>& numbers() const { return numbers_; }
  // Keys of by().
  const std::vector<const FieldExpression*>& keys() const { return keys_; }
  // What the answer shows of a span: fields of conditions and of select(), each once.
  const std::vector<const FieldExpression*>& shown() const { return shown_; }

  size_t IndexOf(const SpansetFilter& filter) const { return filters_.at(&filter); }
  size_t NumberOf(const FieldExpression& argument) const { return number_index_.at(&argument); }
  size_t KeyOf(const FieldExpression& key) const { return key_index_.at(&key); }

  // Any of these conditions holds on every span of the result; empty: nothing is known.
  const std::set<size_t>& driver() const { return driver_; }
  // Besides the driver.
  const std::vector<std::set<size_t>>& needs() const { return needs_; }

  // `{ condition }` and nothing behind it that takes spans away or splits them.
  const SpansetFilter* only_filter() const { return only_filter_; }

  // Attributes of spans or, where they have none, of resources.
  std::set<std::string> UnscopedKeys() const;

 private:
  struct Reach {
    std::set<size_t> result;
    std::vector<std::set<size_t>> needs;
  };

  size_t Add(const SpansetFilter& filter);
  void AddNumber(const FieldExpression& argument);
  void Show(const FieldExpression& field);
  Reach ReachOf(const SpansetExpression& spans);
  Reach ReachOf(const std::vector<Stage>& stages);
  void AddScalar(const ScalarExpression& number);
  void Add(const Aggregate& aggregate);
  void FindOnlyFilter(const Query& query);

  std::vector<const FieldExpression*> conditions_;
  std::vector<const FieldExpression*> numbers_;
  std::vector<const FieldExpression*> keys_;
  std::vector<const FieldExpression*> shown_;
  std::set<std::string> shown_names_;
  std::map<const SpansetFilter*, size_t> filters_;
  std::map<const FieldExpression*, size_t> number_index_;
  std::map<const FieldExpression*, size_t> key_index_;
  std::set<size_t> driver_;
  std::vector<std::set<size_t>> needs_;
  const SpansetFilter* only_filter_ = nullptr;
};

}  // namespace telltale::traceql
