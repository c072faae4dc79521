#include "query/traceql/plan.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "base/overloaded.h"
#include "query/traceql/comparison.h"
#include "query/traceql/row_sql.h"
#include "traceql/format.h"

namespace telltale::traceql {
namespace {

std::optional<Intrinsic> IntrinsicOf(const FieldExpression& expression) {
  const auto* field = std::get_if<IntrinsicField>(&expression.node);
  return field != nullptr ? std::optional(field->intrinsic) : std::nullopt;
}

bool IsWalkNumber(const FieldExpression& expression) {
  const auto intrinsic = IntrinsicOf(expression);
  return intrinsic == Intrinsic::kNestedSetLeft || intrinsic == Intrinsic::kNestedSetRight;
}

bool IsNestedSetParent(const FieldExpression& expression) {
  return IntrinsicOf(expression) == Intrinsic::kNestedSetParent;
}

// `nestedSetParent < 0`: says only whether there is a parent, whose number is from 1 on.
bool OnlyFindsRoots(const ComparisonExpression& comparison) {
  const bool field_left = IsNestedSetParent(*comparison.left);
  const FieldExpression& other = field_left ? *comparison.right : *comparison.left;
  double number = 0;
  if (const auto* literal = std::get_if<Literal>(&other.node)) {
    if (const auto* integer = std::get_if<int64_t>(literal)) {
      number = static_cast<double>(*integer);
    } else if (const auto* real = std::get_if<double>(literal)) {
      number = *real;
    } else {
      return false;
    }
  } else if (const auto* unary = std::get_if<UnaryExpression>(&other.node)) {
    const auto* inner = std::get_if<Literal>(&unary->operand->node);
    const auto* integer = inner != nullptr ? std::get_if<int64_t>(inner) : nullptr;
    if (integer == nullptr) return false;
    number = -static_cast<double>(*integer);
  } else {
    return false;
  }
  const auto holds = [&](double parent) {
    return field_left ? Holds(comparison.op, parent, number) : Holds(comparison.op, number, parent);
  };
  constexpr double kFarthest = 1e18;
  return number <= 1 && (holds(1) == holds(kFarthest));
}

// nullptr: everything in it can be told.
const FieldExpression* FindUntold(const FieldExpression& expression) {
  if (IsWalkNumber(expression) || IsNestedSetParent(expression)) return &expression;
  return std::visit(Overloaded{[](const Literal&) -> const FieldExpression* { return nullptr; },
                               [](const UnaryExpression& unary) { return FindUntold(*unary.operand); },
                               [](const ArithmeticExpression& both) {
                                 const FieldExpression* untold = FindUntold(*both.left);
                                 return untold != nullptr ? untold : FindUntold(*both.right);
                               },
                               [](const ComparisonExpression& both) -> const FieldExpression* {
                                 const bool has_parent =
                                     IsNestedSetParent(*both.left) || IsNestedSetParent(*both.right);
                                 if (has_parent && OnlyFindsRoots(both)) return nullptr;
                                 const FieldExpression* untold = FindUntold(*both.left);
                                 return untold != nullptr ? untold : FindUntold(*both.right);
                               },
                               [](const LogicalExpression& chain) -> const FieldExpression* {
                                 for (const FieldExpression& operand : chain.operands) {
                                   if (const FieldExpression* untold = FindUntold(operand)) return untold;
                                 }
                                 return nullptr;
                               },
                               [](const auto&) -> const FieldExpression* { return nullptr; }},
                    expression.node);
}

bool IsOfEvent(const FieldExpression& field) {
  if (const auto* attribute = std::get_if<AttributeField>(&field.node))
    return attribute->scope == AttributeScope::kEvent;
  const auto intrinsic = IntrinsicOf(field);
  return intrinsic == Intrinsic::kEventName || intrinsic == Intrinsic::kEventTimeSinceStart;
}

bool IsOfLink(const FieldExpression& field) {
  if (const auto* attribute = std::get_if<AttributeField>(&field.node))
    return attribute->scope == AttributeScope::kLink;
  const auto intrinsic = IntrinsicOf(field);
  return intrinsic == Intrinsic::kLinkTraceId || intrinsic == Intrinsic::kLinkSpanId;
}

// A comparison of an event with a link: which event, with which link?
bool ComparesEventWithLink(const FieldExpression& expression) {
  if (const auto* chain = std::get_if<LogicalExpression>(&expression.node))
    return std::ranges::any_of(chain->operands, ComparesEventWithLink);
  if (const auto* unary = std::get_if<UnaryExpression>(&expression.node))
    return ComparesEventWithLink(*unary->operand);
  bool event = false;
  bool link = false;
  VisitFields(expression, [&](const FieldExpression& field) {
    event = event || IsOfEvent(field);
    link = link || IsOfLink(field);
  });
  return event && link;
}

}  // namespace

Plan::Plan(const Query& query) {
  const Reach reach = ReachOf(query.stages);
  driver_ = reach.result;
  for (const std::set<size_t>& need : reach.needs) {
    const bool known = need == driver_ || std::ranges::find(needs_, need) != needs_.end();
    if (!known) needs_.push_back(need);
  }
  if (query.metric) {
    if (query.metric->argument) AddNumber(*query.metric->argument);
    for (const FieldExpression& key : query.metric->by) {
      key_index_.emplace(&key, keys_.size());
      keys_.push_back(&key);
    }
    if (query.metric->compare) Add(query.metric->compare->selection);
  }
  FindOnlyFilter(query);
}

void Plan::FindOnlyFilter(const Query& query) {
  const auto* spans = std::get_if<SpansetExpression>(&query.stages.front().node);
  if (spans == nullptr) return;
  const auto* filter = std::get_if<SpansetFilter>(&spans->node);
  const auto leaves_alone = [](const Stage& stage) {
    return std::holds_alternative<Select>(stage.node) || std::holds_alternative<Coalesce>(stage.node);
  };
  if (filter != nullptr && std::all_of(query.stages.begin() + 1, query.stages.end(), leaves_alone))
    only_filter_ = filter;
}

size_t Plan::Add(const SpansetFilter& filter) {
  const size_t index = conditions_.size();
  conditions_.push_back(filter.condition ? &*filter.condition : nullptr);
  filters_.emplace(&filter, index);
  if (filter.condition) VisitFields(*filter.condition, [&](const FieldExpression& field) { Show(field); });
  return index;
}

void Plan::AddNumber(const FieldExpression& argument) {
  number_index_.emplace(&argument, numbers_.size());
  numbers_.push_back(&argument);
}

void Plan::Show(const FieldExpression& field) {
  if (shown_names_.insert(Format(field)).second) shown_.push_back(&field);
}

void Plan::Add(const Aggregate& aggregate) {
  if (aggregate.argument) AddNumber(*aggregate.argument);
}

void Plan::AddScalar(const ScalarExpression& number) {
  std::visit(Overloaded{[](const Literal&) {}, [&](const Aggregate& aggregate) { Add(aggregate); },
                        [&](const ScalarArithmetic& both) {
                          AddScalar(*both.left);
                          AddScalar(*both.right);
                        },
                        [&](const ScalarPipeline& pipeline) {
                          ReachOf(pipeline.stages);  // its conditions count, what they reach does not
                          Add(pipeline.aggregate);
                        }},
             number.node);
}

Plan::Reach Plan::ReachOf(const SpansetExpression& spans) {
  return std::visit(Overloaded{[&](const SpansetFilter& filter) {
                                 const size_t index = Add(filter);
                                 return Reach{.result = {index}, .needs = {{index}}};
                               },
                               [&](const SpansetLogical& chain) {
                                 Reach reach;
                                 for (const SpansetExpression& operand : chain.operands) {
                                   Reach inner = ReachOf(operand);
                                   reach.result.merge(inner.result);
                                   if (chain.op == LogicalOperator::kAnd)
                                     std::ranges::move(inner.needs, std::back_inserter(reach.needs));
                                 }
                                 if (chain.op == LogicalOperator::kOr) reach.needs = {reach.result};
                                 return reach;
                               },
                               [&](const SpansetStructural& both) {
                                 Reach left = ReachOf(*both.left);
                                 Reach reach = ReachOf(*both.right);
                                 if (both.form != RelationForm::kNone)
                                   std::ranges::move(left.needs, std::back_inserter(reach.needs));
                                 if (both.form == RelationForm::kUnion) reach.result.merge(left.result);
                                 return reach;
                               },
                               [&](const SpansetPipeline& pipeline) { return ReachOf(pipeline.stages); }},
                    spans.node);
}

Plan::Reach Plan::ReachOf(const std::vector<Stage>& stages) {
  Reach reach;
  for (size_t at = 0; at < stages.size(); ++at) {
    std::visit(Overloaded{[&](const SpansetExpression& spans) {
                            Reach inner = ReachOf(spans);
                            if (at == 0) {
                              reach = std::move(inner);
                            } else {
                              std::ranges::move(inner.needs, std::back_inserter(reach.needs));
                            }
                          },
                          [&](const ScalarFilter& filter) {
                            AddScalar(filter.left);
                            AddScalar(filter.right);
                          },
                          [&](const GroupBy& group) {
                            for (const FieldExpression& key : group.keys) {
                              key_index_.emplace(&key, keys_.size());
                              keys_.push_back(&key);
                            }
                          },
                          [&](const Select& select) {
                            for (const FieldExpression& field : select.fields) Show(field);
                          },
                          [](const Coalesce&) {}},
               stages[at].node);
  }
  // An empty one says nothing of the result.
  return reach;
}

std::set<std::string> Plan::UnscopedKeys() const {
  std::set<std::string> keys;
  const auto add = [&](const FieldExpression& field) {
    const auto* attribute = std::get_if<AttributeField>(&field.node);
    if (attribute != nullptr && attribute->scope == AttributeScope::kAny) keys.insert(attribute->key);
  };
  for (const auto* list : {&conditions_, &numbers_, &keys_, &shown_}) {
    for (const FieldExpression* expression : *list) {
      if (expression != nullptr) VisitFields(*expression, add);
    }
  }
  return keys;
}

Status Plan::Check() const {
  if (conditions_.size() > kConditionsMax) {
    return Fail(ErrorCode::kOverLimit,
                "query: it has " + std::to_string(conditions_.size()) + " filters: at most 64 are possible",
                "put conditions into one filter with || and &&");
  }
  for (const auto* list : {&conditions_, &numbers_, &keys_}) {
    for (const FieldExpression* expression : *list) {
      if (expression == nullptr) continue;
      if (const FieldExpression* untold = FindUntold(*expression)) {
        return Fail(ErrorCode::kInvalidInput,
                    "query: `" + Format(*untold) +
                        "` cannot be compared: places in the walk are numbered "
                        "when a trace is read",
                    "nestedSetParent < 0 finds roots; select(" + Format(*untold) + ") shows it");
      }
      if (ComparesEventWithLink(*expression)) {
        return Fail(ErrorCode::kInvalidInput,
                    "query: `" + Format(*expression) + "` compares an event with a link",
                    "compare each of them with a value");
      }
    }
  }
  return {};
}

}  // namespace telltale::traceql
