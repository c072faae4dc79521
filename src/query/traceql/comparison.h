// A comparison of two numbers, as TraceQL has it: NaN, which stands for nil, compares with nothing.
//
// Thread safety  Pure.
#pragma once

#include <cmath>

#include "traceql/ast.h"

namespace telltale::traceql {

// False for patterns.
inline bool Holds(ComparisonOperator op, double left, double right) {
  if (std::isnan(left) || std::isnan(right)) return false;
  switch (op) {
    case ComparisonOperator::kEqual:
      return left == right;
    case ComparisonOperator::kNotEqual:
      return left != right;
    case ComparisonOperator::kLess:
      return left < right;
    case ComparisonOperator::kLessOrEqual:
      return left <= right;
    case ComparisonOperator::kGreater:
      return left > right;
    case ComparisonOperator::kGreaterOrEqual:
      return left >= right;
    case ComparisonOperator::kMatches:
    case ComparisonOperator::kNotMatches:
      break;
  }
  return false;
}

}  // namespace telltale::traceql
