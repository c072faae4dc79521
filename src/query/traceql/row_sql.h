// Expressions over the fields of a span, as SQL over one row.
//
//   RowSql row(RowSource::kSpan, parameters, nullptr);
//   if (row.Reads(condition)) sql << row.Condition(condition);          // exactly
//   else                      sql << row.AtMost(condition);             // holds wherever it may hold
//
// Every condition is 0 or 1, never NULL: what is not there compares with nothing, so that
// `.a != "x"` does not hold on a span without `.a`, and `!(.a = "x")` does.
//
// Thread safety  One thread at a time.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/traceql/field_sql.h"
#include "traceql/ast.h"

namespace telltale::traceql {

class RowSql {
 public:
  RowSql(RowSource source, SqlParameters& parameters, const std::set<std::string>* keys_of_no_resource)
      : fields_(source, parameters, keys_of_no_resource), keys_of_no_resource_(keys_of_no_resource) {}

  // True when a row tells every field of it.
  bool Reads(const FieldExpression& expression);

  // REQUIRES of the next three: Reads(expression).
  std::string Condition(const FieldExpression& expression);
  std::string Number(const FieldExpression& expression);  // Nullable(Float64)
  std::string Typed(const FieldExpression& expression);   // FieldReading::typed

  // Of a row of `spans`: a condition that holds on every row on which the expression holds. What
  // calls say is looked up in `calls`, over the range that the statement has.
  std::string AtMost(const FieldExpression& expression) { return Bound(expression, true); }

  // False once AtMost had to leave something out: it then holds on more rows than the expression.
  bool is_exact() const { return is_exact_; }

  const JoinsNeeded& joins() const { return fields_.joins(); }

 private:
  struct Operand;

  std::string Bound(const FieldExpression& expression, bool at_most);
  std::string BoundOf(const LogicalExpression& logical, bool at_most);
  std::string InCalls(const std::vector<const FieldExpression*>& conditions, LogicalOperator op);
  std::string InRoots(const FieldExpression& condition);
  bool IsOfCalls(const FieldExpression& expression);

  std::string Compare(const ComparisonExpression& comparison);
  std::string CompareNil(const FieldExpression& other, bool is_there);
  std::string CompareWithPattern(ComparisonOperator op, const FieldExpression& value,
                                 const FieldExpression& pattern);
  std::string CompareOperands(ComparisonOperator op, const Operand& left, const Operand& right);
  std::string CompareModel(ComparisonOperator op, const Operand& model, const Operand& other);
  std::string EqualsId(const FieldExpression& left, const FieldExpression& right);
  std::string EqualsAttribute(const AttributeField& field, const Literal& literal);

  Operand Read(const FieldExpression& expression);
  FieldReading ReadField(const FieldExpression& expression);
  std::string There(const FieldExpression& expression);
  std::string Boolean(const FieldExpression& expression);
  std::string Arithmetic(const ArithmeticExpression& arithmetic);

  FieldSql fields_;
  const std::set<std::string>* const keys_of_no_resource_;
  bool is_exact_ = true;
};

// Every field that an expression reads.
void VisitFields(const FieldExpression& expression, const std::function<void(const FieldExpression&)>& visit);

}  // namespace telltale::traceql
