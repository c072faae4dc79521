// A query's tree as text, one node a line: for golden files, and to tell whether two trees
// are equal. Ranges are left out, types are shown where they are known.
//
//   filter
//     = boolean
//       status
//       error
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "traceql/ast.h"
#include "traceql/format.h"

namespace telltale::traceql {

class TreeText {
 public:
  static std::string Of(const Query& query) {
    TreeText tree;
    tree.Nodes(query.stages, 0);
    if (query.metric) tree.Node(*query.metric, 0);
    for (const SeriesStage& series : query.series) tree.Node(series, 0);
    for (const Hint& hint : query.hints) tree.Line(0, "hint " + hint.name + " = " + Format(hint.value));
    return std::move(tree.text_);
  }

 private:
  void Line(size_t depth, std::string_view text) {
    text_.append(depth * 2, ' ').append(text).push_back('\n');
  }

  static std::string_view TypeName(ValueType type) {
    constexpr std::string_view kNames[] = {"any",      "nil",      "boolean",    "integer",
                                           "real",     "duration", "string",     "status",
                                           "spankind", "callkind", "coststatus", "span"};
    return kNames[static_cast<size_t>(type)];
  }

  static std::string Leaf(const FieldExpression& expression) {
    std::string text;
    if (std::holds_alternative<Literal>(expression.node)) text = "literal ";
    if (const auto* field = std::get_if<IntrinsicField>(&expression.node))
      text = field->of_parent ? "intrinsic of parent " : "intrinsic ";
    if (const auto* field = std::get_if<AttributeField>(&expression.node)) {
      text = field->of_parent ? "attribute of parent " : "attribute ";
      text += std::string(field->scope == AttributeScope::kAny ? "any" : ScopeName(field->scope)) + " <" +
              field->key + ">";
      return text;
    }
    if (std::holds_alternative<CallFieldReference>(expression.node)) text = "field ";
    return text + Format(expression) + " : " + std::string(TypeName(expression.type));
  }

  void Node(const FieldExpression& expression, size_t depth) {
    const std::string type = " : " + std::string(TypeName(expression.type));
    if (const auto* unary = std::get_if<UnaryExpression>(&expression.node)) {
      Line(depth, (unary->op == UnaryOperator::kMinus ? "minus" : "not") + type);
      Node(*unary->operand, depth + 1);
    } else if (const auto* arithmetic = std::get_if<ArithmeticExpression>(&expression.node)) {
      Line(depth, std::string(OperatorText(arithmetic->op)) + type);
      Node(*arithmetic->left, depth + 1);
      Node(*arithmetic->right, depth + 1);
    } else if (const auto* comparison = std::get_if<ComparisonExpression>(&expression.node)) {
      Line(depth, OperatorText(comparison->op));
      Node(*comparison->left, depth + 1);
      Node(*comparison->right, depth + 1);
    } else if (const auto* logical = std::get_if<LogicalExpression>(&expression.node)) {
      Line(depth, OperatorText(logical->op));
      for (const FieldExpression& operand : logical->operands) Node(operand, depth + 1);
    } else {
      Line(depth, Leaf(expression));
    }
  }

  void Node(const SpansetFilter& filter, size_t depth) {
    Line(depth, filter.condition ? "filter" : "filter: all");
    if (filter.condition) Node(*filter.condition, depth + 1);
  }

  void Node(const SpansetExpression& spans, size_t depth) {
    if (const auto* filter = std::get_if<SpansetFilter>(&spans.node)) {
      Node(*filter, depth);
    } else if (const auto* chain = std::get_if<SpansetLogical>(&spans.node)) {
      Line(depth, "spans " + std::string(OperatorText(chain->op)));
      for (const SpansetExpression& operand : chain->operands) Node(operand, depth + 1);
    } else if (const auto* both = std::get_if<SpansetStructural>(&spans.node)) {
      constexpr std::string_view kRelations[] = {"child", "descendant", "parent", "ancestor", "sibling"};
      constexpr std::string_view kForms[] = {"", "no ", "union "};
      Line(depth, "relation " + std::string(kForms[static_cast<size_t>(both->form)]) +
                      std::string(kRelations[static_cast<size_t>(both->relation)]));
      Node(*both->left, depth + 1);
      Node(*both->right, depth + 1);
    } else {
      Line(depth, "pipeline");
      Nodes(std::get<SpansetPipeline>(spans.node).stages, depth + 1);
    }
  }

  void Node(const Aggregate& aggregate, size_t depth) {
    constexpr std::string_view kNames[] = {"count", "avg", "min", "max", "sum"};
    Line(depth, "aggregate " + std::string(kNames[static_cast<size_t>(aggregate.function)]));
    if (aggregate.argument) Node(*aggregate.argument, depth + 1);
  }

  void Node(const ScalarExpression& number, size_t depth) {
    if (const auto* literal = std::get_if<Literal>(&number.node)) {
      Line(depth, "literal " + Format(*literal));
    } else if (const auto* aggregate = std::get_if<Aggregate>(&number.node)) {
      Node(*aggregate, depth);
    } else if (const auto* both = std::get_if<ScalarArithmetic>(&number.node)) {
      Line(depth, OperatorText(both->op));
      Node(*both->left, depth + 1);
      Node(*both->right, depth + 1);
    } else {
      const auto& pipeline = std::get<ScalarPipeline>(number.node);
      Line(depth, "number of pipeline");
      Nodes(pipeline.stages, depth + 1);
      Node(pipeline.aggregate, depth + 1);
    }
  }

  void Fields(std::string_view name, const std::vector<FieldExpression>& fields, size_t depth) {
    Line(depth, name);
    for (const FieldExpression& field : fields) Node(field, depth + 1);
  }

  void Node(const Stage& stage, size_t depth) {
    if (const auto* spans = std::get_if<SpansetExpression>(&stage.node)) {
      Node(*spans, depth);
    } else if (const auto* filter = std::get_if<ScalarFilter>(&stage.node)) {
      Line(depth, "numbers " + std::string(OperatorText(filter->op)));
      Node(filter->left, depth + 1);
      Node(filter->right, depth + 1);
    } else if (const auto* group = std::get_if<GroupBy>(&stage.node)) {
      Fields("by", group->keys, depth);
    } else if (const auto* select = std::get_if<Select>(&stage.node)) {
      Fields("select", select->fields, depth);
    } else {
      Line(depth, "coalesce");
    }
  }

  void Nodes(const std::vector<Stage>& stages, size_t depth) {
    for (const Stage& stage : stages) Node(stage, depth);
  }

  void Node(const MetricStage& metric, size_t depth) {
    constexpr std::string_view kNames[] = {
        "rate",          "count_over_time",    "sum_over_time",       "avg_over_time", "min_over_time",
        "max_over_time", "quantile_over_time", "histogram_over_time", "compare"};
    Line(depth, "metric " + std::string(kNames[static_cast<size_t>(metric.function)]));
    if (metric.argument) Node(*metric.argument, depth + 1);
    for (const double quantile : metric.quantiles) Line(depth + 1, "quantile " + Format(Literal(quantile)));
    if (metric.compare) {
      Node(metric.compare->selection, depth + 1);
      Line(depth + 1, "top " + std::to_string(metric.compare->top));
      if (const auto& window = metric.compare->window) {
        Line(depth + 1, "from " + std::to_string(window->start_unix_nano) + " to " +
                            std::to_string(window->end_unix_nano));
      }
    }
    if (!metric.by.empty()) Fields("by", metric.by, depth + 1);
  }

  void Node(const SeriesStage& series, size_t depth) {
    if (const auto* top = std::get_if<SeriesTop>(&series.node)) {
      Line(depth, (top->largest ? "largest " : "smallest ") + std::to_string(top->count));
    } else {
      const auto& filter = std::get<SeriesFilter>(series.node);
      Line(depth, "series " + std::string(OperatorText(filter.op)) + " " + Format(filter.value));
    }
  }

  std::string text_;
};

}  // namespace telltale::traceql
