#include "query/traceql/row_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>

#include "base/overloaded.h"
#include "content/content_keeper.h"
#include "json/writer.h"

namespace telltale::traceql {
namespace {

std::string_view SqlOf(ComparisonOperator op) {
  switch (op) {
    case ComparisonOperator::kEqual:
      return "=";
    case ComparisonOperator::kNotEqual:
      return "!=";
    case ComparisonOperator::kLess:
      return "<";
    case ComparisonOperator::kLessOrEqual:
      return "<=";
    case ComparisonOperator::kGreater:
      return ">";
    case ComparisonOperator::kGreaterOrEqual:
      return ">=";
    case ComparisonOperator::kMatches:
    case ComparisonOperator::kNotMatches:
      break;
  }
  return "=";
}

bool IsPattern(ComparisonOperator op) {
  return op == ComparisonOperator::kMatches || op == ComparisonOperator::kNotMatches;
}

bool IsOrder(ComparisonOperator op) {
  return !IsPattern(op) && op != ComparisonOperator::kEqual && op != ComparisonOperator::kNotEqual;
}

template <typename Node>
const Node* As(const FieldExpression& expression) {
  return std::get_if<Node>(&expression.node);
}

bool IsNil(const FieldExpression& expression) {
  const auto* literal = As<Literal>(expression);
  return literal != nullptr && std::holds_alternative<Nil>(*literal);
}

bool IsModel(const FieldExpression& expression) {
  const auto* field = As<CallFieldReference>(expression);
  return field != nullptr && field->field == CallField::kModel;
}

// The whole value, in which a dot is no line break: Go's rules, not the engine's.
std::string WholeValue(const std::string& pattern) {
  return "^(?-s:" + pattern + ")$";
}

std::string InElements(std::string_view condition, ElementOf of) {
  if (of == ElementOf::kRow) return std::string(condition);
  return fmt::format("({} != '' AND arrayExists({} -> {}, {}))",
                     of == ElementOf::kEvents ? "events" : "links", kElement, condition, ElementsOf(of));
}

// Each way in which an attribute of this number is written in the map.
std::vector<std::string> SpellingsOf(double number) {
  std::vector<std::string> spellings(1);
  AppendJsonDouble(number, spellings[0]);
  constexpr double kIntegersMax = 9e15;
  if (number == std::trunc(number) && std::abs(number) < kIntegersMax) {
    std::string integer = std::to_string(static_cast<int64_t>(number));
    if (integer != spellings[0]) spellings.push_back(std::move(integer));
  }
  return spellings;
}

// What is compared with an attribute without regard to its type: what the map holds, and its letter.
struct Spelled {
  std::vector<std::string> texts;
  std::string_view letters;
};

std::optional<Spelled> SpellingsOf(const Literal& literal) {
  using Found = std::optional<Spelled>;
  return std::visit(Overloaded{[](const std::string& text) { return Found(Spelled{{text}, "'s'"}); },
                               [](bool truth) { return Found(Spelled{{truth ? "true" : "false"}, "'b'"}); },
                               [](int64_t number) {
                                 Spelled spelled{SpellingsOf(static_cast<double>(number)), "'i', 'd'"};
                                 const std::string exact = std::to_string(number);
                                 if (std::ranges::find(spelled.texts, exact) == spelled.texts.end())
                                   spelled.texts.push_back(exact);
                                 return Found(std::move(spelled));
                               },
                               [](double number) { return Found(Spelled{SpellingsOf(number), "'i', 'd'"}); },
                               [](Duration duration) {
                                 return Found(Spelled{{std::to_string(duration.nano)}, "'i', 'd'"});
                               },
                               [](const auto&) { return Found(); }},
                    literal);
}

}  // namespace

// One side of a comparison; an empty text: it never has such a value.
struct RowSql::Operand {
  ElementOf of = ElementOf::kRow;
  std::string there;
  std::string number;
  std::string text;
  std::string boolean;

  bool is_always_there() const { return there == "1"; }
};

void VisitFields(const FieldExpression& expression,
                 const std::function<void(const FieldExpression&)>& visit) {
  std::visit(Overloaded{[](const Literal&) {},
                        [&](const UnaryExpression& unary) { VisitFields(*unary.operand, visit); },
                        [&](const ArithmeticExpression& both) {
                          VisitFields(*both.left, visit);
                          VisitFields(*both.right, visit);
                        },
                        [&](const ComparisonExpression& both) {
                          VisitFields(*both.left, visit);
                          VisitFields(*both.right, visit);
                        },
                        [&](const LogicalExpression& chain) {
                          for (const FieldExpression& operand : chain.operands) VisitFields(operand, visit);
                        },
                        [&](const auto&) { visit(expression); }},
             expression.node);
}

bool RowSql::Reads(const FieldExpression& expression) {
  // Looking must leave no parameters and no joins behind.
  SqlParameters unused;
  FieldSql fields(fields_.source(), unused, keys_of_no_resource_);
  bool reads = true;
  VisitFields(expression, [&](const FieldExpression& field) {
    reads = reads && std::visit(
                         [&](const auto& node) {
                           using Node = std::remove_cvref_t<decltype(node)>;
                           if constexpr (requires { fields.Read(node); }) {
                             return fields.Read(node).has_value();
                           } else {
                             static_assert(!std::is_same_v<Node, AttributeField>);
                             return false;
                           }
                         },
                         field.node);
  });
  return reads;
}

FieldReading RowSql::ReadField(const FieldExpression& expression) {
  return std::visit(
      [&](const auto& node) {
        if constexpr (requires { fields_.Read(node); }) return fields_.Read(node).value_or(FieldReading{});
        return FieldReading{};
      },
      expression.node);
}

RowSql::Operand RowSql::Read(const FieldExpression& expression) {
  Operand operand;
  SqlParameters& parameters = fields_.parameters();
  const auto read_literal =
      Overloaded{[](Nil) {},
                 [&](bool truth) { operand.boolean = truth ? "1" : "0"; },
                 [&](int64_t number) { operand.number = parameters.Integer(number); },
                 [&](double number) { operand.number = parameters.Real(number); },
                 [&](Duration duration) { operand.number = parameters.Integer(duration.nano); },
                 [&](const std::string& text) { operand.text = parameters.Text(text); },
                 [&](Word word) { operand.number = std::to_string(word.number); }};
  const auto read_inner = [&](const FieldExpression& inner) {
    Operand read = Read(inner);
    if (operand.of == ElementOf::kRow) operand.of = read.of;
    return read.number.empty() ? std::string("NULL") : std::move(read.number);
  };
  std::visit(Overloaded{[&](const Literal& literal) {
                          std::visit(read_literal, literal);
                          operand.there = "1";
                        },
                        [&](const UnaryExpression& unary) {
                          if (unary.op == UnaryOperator::kMinus) {
                            operand.number = "(-" + read_inner(*unary.operand) + ")";
                          } else {
                            operand.boolean = Condition(expression);
                          }
                        },
                        [&](const ArithmeticExpression& both) {
                          const std::string left = "toFloat64(" + read_inner(*both.left) + ")";
                          const std::string right = "toFloat64(" + read_inner(*both.right) + ")";
                          switch (both.op) {
                            case ArithmeticOperator::kAdd:
                              operand.number = fmt::format("({} + {})", left, right);
                              break;
                            case ArithmeticOperator::kSubtract:
                              operand.number = fmt::format("({} - {})", left, right);
                              break;
                            case ArithmeticOperator::kMultiply:
                              operand.number = fmt::format("({} * {})", left, right);
                              break;
                            case ArithmeticOperator::kDivide:
                              operand.number = fmt::format("({} / {})", left, right);
                              break;
                            case ArithmeticOperator::kModulo:
                              operand.number = fmt::format("({0} - {1} * trunc({0} / {1}))", left, right);
                              break;
                            case ArithmeticOperator::kPower:
                              operand.number = fmt::format("pow({}, {})", left, right);
                              break;
                          }
                        },
                        [&](const ComparisonExpression&) { operand.boolean = Condition(expression); },
                        [&](const LogicalExpression&) { operand.boolean = Condition(expression); },
                        [&](const auto&) {
                          FieldReading field = ReadField(expression);
                          operand = {.of = field.of,
                                     .there = std::move(field.there),
                                     .number = std::move(field.number),
                                     .text = std::move(field.text),
                                     .boolean = std::move(field.boolean)};
                        }},
             expression.node);
  return operand;
}

std::string RowSql::Condition(const FieldExpression& expression) {
  return std::visit(
      Overloaded{[](const Literal& literal) {
                   const bool* truth = std::get_if<bool>(&literal);
                   return std::string(truth != nullptr && *truth ? "1" : "0");
                 },
                 [&](const UnaryExpression& unary) { return "NOT " + Condition(*unary.operand); },
                 [&](const ComparisonExpression& comparison) { return Compare(comparison); },
                 [&](const LogicalExpression& chain) {
                   std::string text = "(";
                   for (const FieldExpression& operand : chain.operands) {
                     if (text.size() > 1) text += chain.op == LogicalOperator::kAnd ? " AND " : " OR ";
                     text += Condition(operand);
                   }
                   return text + ")";
                 },
                 [](const ArithmeticExpression&) { return std::string("0"); },
                 [&](const auto&) {
                   const FieldReading field = ReadField(expression);
                   if (field.boolean.empty()) return std::string("0");
                   return InElements(fmt::format("ifNull({}, 0)", field.boolean), field.of);
                 }},
      expression.node);
}

std::string RowSql::Number(const FieldExpression& expression) {
  const Operand operand = Read(expression);
  if (operand.number.empty()) return "CAST(NULL, 'Nullable(Float64)')";
  if (operand.of == ElementOf::kRow) return fmt::format("CAST({}, 'Nullable(Float64)')", operand.number);
  // Of several events the first that tells it.
  return fmt::format(
      "arrayElementOrNull(arrayFilter(number -> isNotNull(number), arrayMap({} -> CAST({}, "
      "'Nullable(Float64)'), {})), 1)",
      kElement, operand.number, ElementsOf(operand.of));
}

std::string RowSql::Typed(const FieldExpression& expression) {
  const FieldReading field = ReadField(expression);
  if (!field.typed.empty()) {
    if (field.of == ElementOf::kRow) return fmt::format("toString({})", field.typed);
    return fmt::format("arrayFirst(value -> value != '', arrayMap({} -> toString({}), {}))", kElement,
                       field.typed, ElementsOf(field.of));
  }
  const Operand operand = Read(expression);
  if (!operand.boolean.empty())
    return InElements(fmt::format("if(ifNull({}, 0), 'btrue', 'bfalse')", operand.boolean), ElementOf::kRow);
  if (!operand.text.empty()) return fmt::format("ifNull(concat('s', {}), '')", operand.text);
  return fmt::format("ifNull(concat('d', toString({})), '')", Number(expression));
}

std::string RowSql::CompareNil(const FieldExpression& other, bool is_there) {
  const Operand operand = Read(other);
  std::string there = operand.there;
  if (there.empty()) {
    const std::string& value = !operand.number.empty() ? operand.number
                               : !operand.text.empty() ? operand.text
                                                       : operand.boolean;
    there = value.empty() ? "0" : fmt::format("isNotNull({})", value);
  }
  there = InElements(fmt::format("({})", there), operand.of);
  return is_there ? there : "NOT " + there;
}

std::string RowSql::Compare(const ComparisonExpression& comparison) {
  const FieldExpression& left = *comparison.left;
  const FieldExpression& right = *comparison.right;
  const ComparisonOperator op = comparison.op;
  if (IsNil(left) || IsNil(right))
    return CompareNil(IsNil(left) ? right : left, op == ComparisonOperator::kNotEqual);
  if (op == ComparisonOperator::kEqual) {
    if (std::string fast = EqualsId(left, right); !fast.empty()) return fast;
    const auto* attribute = As<AttributeField>(As<AttributeField>(left) != nullptr ? left : right);
    const auto* literal = As<Literal>(As<Literal>(left) != nullptr ? left : right);
    if (attribute != nullptr && literal != nullptr) {
      std::string fast = EqualsAttribute(*attribute, *literal);
      if (!fast.empty()) return fast;
    }
  }
  if (IsPattern(op)) return CompareWithPattern(op, left, right);
  if (IsModel(left) && As<Literal>(right) != nullptr) return CompareModel(op, Read(left), Read(right));
  if (IsModel(right) && As<Literal>(left) != nullptr) return CompareModel(op, Read(right), Read(left));
  return CompareOperands(op, Read(left), Read(right));
}

// The pattern is a literal on the right: the parser sees to that.
std::string RowSql::CompareWithPattern(ComparisonOperator op, const FieldExpression& value,
                                       const FieldExpression& pattern) {
  const auto* literal = As<Literal>(pattern);
  const auto* text = literal != nullptr ? std::get_if<std::string>(literal) : nullptr;
  if (text == nullptr) return "0";
  Operand matcher{.there = "1"};
  matcher.text = fields_.parameters().Text(WholeValue(*text));
  return IsModel(value) ? CompareModel(op, Read(value), matcher) : CompareOperands(op, Read(value), matcher);
}

std::string RowSql::CompareOperands(ComparisonOperator op, const Operand& left, const Operand& right) {
  std::vector<std::string> ways;
  const bool can_be_null = !left.is_always_there() || !right.is_always_there();
  const auto add_way = [&](std::string way) {
    ways.push_back(can_be_null ? fmt::format("ifNull({}, 0)", way) : std::move(way));
  };
  if (IsPattern(op)) {
    if (!left.text.empty() && !right.text.empty()) {
      add_way(fmt::format("{}match({}, {})", op == ComparisonOperator::kMatches ? "" : "NOT ", left.text,
                          right.text));
    }
  } else {
    const auto add = [&](const std::string& a, const std::string& b) {
      if (!a.empty() && !b.empty()) add_way(fmt::format("{} {} {}", a, SqlOf(op), b));
    };
    add(left.number, right.number);
    add(left.text, right.text);
    if (!IsOrder(op)) add(left.boolean, right.boolean);
  }
  if (ways.empty()) return "0";
  std::string condition =
      ways.size() == 1 ? std::move(ways[0]) : fmt::format("({})", fmt::join(ways, " OR "));
  // That it is there is what the store has an index for.
  for (const Operand* operand : {&left, &right}) {
    if (operand->there.starts_with("mapContains(attrs"))
      condition = fmt::format("({} AND {})", operand->there, condition);
  }
  return InElements(condition, left.of != ElementOf::kRow ? left.of : right.of);
}

// The model asked for or the one that answered: either may match; for `!=` neither may.
std::string RowSql::CompareModel(ComparisonOperator op, const Operand& model, const Operand& other) {
  const bool negated = op == ComparisonOperator::kNotEqual || op == ComparisonOperator::kNotMatches;
  const std::string_view prefix = fields_.source() == RowSource::kJoined ? "c_" : "";
  const auto compare = [&](std::string_view column) {
    if (IsPattern(op)) return fmt::format("match(toString({}{}), {})", prefix, column, other.text);
    return fmt::format("{}{} {} {}", prefix, column, negated ? "=" : SqlOf(op), other.text);
  };
  if (other.text.empty()) return "0";
  return fmt::format("({} AND {}({} OR {}))", model.there, negated ? "NOT " : "", compare("request_model"),
                     compare("response_model"));
}

// Ids have an index as bytes, not as digits.
std::string RowSql::EqualsId(const FieldExpression& left, const FieldExpression& right) {
  const auto* field = As<IntrinsicField>(As<IntrinsicField>(left) != nullptr ? left : right);
  const auto* literal = As<Literal>(As<Literal>(left) != nullptr ? left : right);
  const auto* text = literal != nullptr ? std::get_if<std::string>(literal) : nullptr;
  if (field == nullptr || text == nullptr) return {};
  const auto equals = [&](std::string_view column, size_t digits) {
    // Zeros at the front may be left out, as Tempo leaves them out.
    if (text->empty() || text->size() > digits ||
        text->find_first_not_of("0123456789abcdef") != std::string::npos)
      return std::string();
    return fmt::format("{} = unhex('{}{}')", column, std::string(digits - text->size(), '0'), *text);
  };
  if (field->intrinsic == Intrinsic::kTraceId) return equals("trace_id", 32);
  if (field->intrinsic == Intrinsic::kSpanId) return equals("span_id", 16);
  return {};
}

// Comparisons that the store's indexes over keys and values answer; empty: not one of those.
std::string RowSql::EqualsAttribute(const AttributeField& field, const Literal& literal) {
  if (field.of_parent || fields_.source() == RowSource::kCall) return {};
  const bool on_span = field.scope == AttributeScope::kAny || field.scope == AttributeScope::kSpan;
  if (!on_span && field.scope != AttributeScope::kResource) return {};
  const auto spelled = SpellingsOf(literal);
  if (!spelled) return {};
  SqlParameters& parameters = fields_.parameters();

  std::string of_resource;
  const auto* text = std::get_if<std::string>(&literal);
  if (fields_.MayBeOfResource(field)) {
    if (text == nullptr) return {};
    if (field.key == "service.name") {
      of_resource = "service = " + parameters.Text(*text);
    } else {
      std::string value = KeyValueBeginning(field.key) + "{\"stringValue\":";
      AppendJsonString(*text, value);
      of_resource = fmt::format("position(resource, {}) > 0", parameters.Text(value + "}}"));
    }
  }
  if (!on_span) return of_resource;

  const std::string key = parameters.Text(field.key);
  const std::string letter = fmt::format("substring(attr_types, indexOf(mapKeys(attrs), {}), 1)", key);
  std::string equal;
  for (const std::string& spelling : spelled->texts) {
    equal += fmt::format("{}attrs[{}] = {}", equal.empty() ? "" : " OR ", key, parameters.Text(spelling));
  }
  if (spelled->texts.size() > 1) equal = "(" + equal + ")";
  // A map answers '' for a key that it does not have.
  if (text != nullptr && text->empty()) equal = fmt::format("mapContains(attrs, {}) AND {}", key, equal);
  std::string of_span = fmt::format("({} AND {} IN ({}))", equal, letter, spelled->letters);
  if (text != nullptr && text->size() >= kKeptBytesMin) {
    // A large value is kept as references that begin alike wherever it was sent.
    of_span =
        fmt::format("(mapContains(attrs, {0}) AND ({1} OR ({2} = 'S' AND startsWith(attrs[{0}], {3}))))", key,
                    of_span, letter, parameters.Text(KeptBeginning(*text)));
  }
  if (of_resource.empty()) return of_span;
  return fmt::format("({} OR (NOT mapContains(attrs, {}) AND {}))", of_span, key, of_resource);
}

// --- what holds at most, or at least --------------------------------------------------------

bool RowSql::IsOfCalls(const FieldExpression& expression) {
  if (As<ComparisonExpression>(expression) == nullptr && As<CallFieldReference>(expression) == nullptr)
    return false;
  bool has_call = false;
  VisitFields(expression, [&](const FieldExpression& field) {
    has_call = has_call || As<CallFieldReference>(field) != nullptr;
  });
  SqlParameters unused;
  return has_call && RowSql(RowSource::kCall, unused, nullptr).Reads(expression);
}

// Conditions that never hold without a call.
std::string RowSql::InCalls(const std::vector<const FieldExpression*>& conditions, LogicalOperator op) {
  RowSql calls(RowSource::kCall, fields_.parameters(), nullptr);
  std::string text;
  for (const FieldExpression* condition : conditions) {
    if (!text.empty()) text += op == LogicalOperator::kAnd ? " AND " : " OR ";
    text += calls.Condition(*condition);
  }
  return fmt::format(
      "(trace_id, span_id) IN (SELECT trace_id, span_id FROM calls FINAL WHERE ({}){} SETTINGS "
      "do_not_merge_across_partitions_select_final = 1)",
      text, kRangeMark);
}

// A condition on the root of the trace.
std::string RowSql::InRoots(const FieldExpression& condition) {
  RowSql roots(RowSource::kRoot, fields_.parameters(), nullptr);
  return fmt::format(
      "trace_id IN (SELECT trace_id FROM spans WHERE parent_id = toFixedString('', 8) AND {}{})",
      roots.Condition(condition), kTracesRangeMark);
}

std::string RowSql::BoundOf(const LogicalExpression& logical, bool at_most) {
  std::vector<const FieldExpression*> of_calls;
  std::vector<std::string> parts;
  for (const FieldExpression& operand : logical.operands) {
    const auto* comparison = As<ComparisonExpression>(operand);
    const bool is_nil_test = comparison != nullptr && (IsNil(*comparison->left) || IsNil(*comparison->right));
    if (!is_nil_test && !Reads(operand) && IsOfCalls(operand)) {
      of_calls.push_back(&operand);
    } else {
      parts.push_back(Bound(operand, at_most));
    }
  }
  if (!of_calls.empty()) parts.push_back(InCalls(of_calls, logical.op));
  // What is left out of a chain says nothing, or everything.
  const bool is_and = logical.op == LogicalOperator::kAnd;
  if (std::ranges::find(parts, is_and ? "0" : "1") != parts.end()) return is_and ? "0" : "1";
  std::erase(parts, is_and ? "1" : "0");
  if (parts.empty()) return is_and ? "1" : "0";
  if (parts.size() == 1) return parts[0];
  return fmt::format("({})", fmt::join(parts, is_and ? " AND " : " OR "));
}

std::string RowSql::Bound(const FieldExpression& expression, bool at_most) {
  if (Reads(expression)) return Condition(expression);
  if (const auto* chain = As<LogicalExpression>(expression)) return BoundOf(*chain, at_most);
  if (const auto* unary = As<UnaryExpression>(expression);
      unary != nullptr && unary->op == UnaryOperator::kNot) {
    const std::string operand = Bound(*unary->operand, !at_most);
    return operand == "0" ? "1" : operand == "1" ? "0" : "NOT " + operand;
  }
  const auto* comparison = As<ComparisonExpression>(expression);
  if (IsOfCalls(expression)) {
    const bool left_nil = comparison != nullptr && IsNil(*comparison->left);
    const bool is_nil_test = left_nil || (comparison != nullptr && IsNil(*comparison->right));
    if (is_nil_test && comparison->op == ComparisonOperator::kEqual) {
      RowSql calls(RowSource::kCall, fields_.parameters(), nullptr);
      return fmt::format(
          "(trace_id, span_id) NOT IN (SELECT trace_id, span_id FROM calls FINAL WHERE {}{} SETTINGS "
          "do_not_merge_across_partitions_select_final = 1)",
          calls.CompareNil(left_nil ? *comparison->right : *comparison->left, true), kRangeMark);
    }
    return InCalls({&expression}, LogicalOperator::kAnd);
  }
  is_exact_ = false;
  SqlParameters unused;
  if (at_most && comparison != nullptr && RowSql(RowSource::kRoot, unused, nullptr).Reads(expression))
    return InRoots(expression);
  return at_most ? "1" : "0";
}

}  // namespace telltale::traceql
