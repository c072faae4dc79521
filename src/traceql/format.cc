#include "traceql/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/overloaded.h"
#include "traceql/parser.h"

namespace telltale::traceql {
namespace {

constexpr Operator kRelationOperators[3][5] = {
    {Operator::kGreater, Operator::kDescendant, Operator::kLess, Operator::kAncestor, Operator::kSibling},
    {Operator::kNoChild, Operator::kNoDescendant, Operator::kNoParent, Operator::kNoAncestor,
     Operator::kNotMatches},
    {Operator::kUnionChild, Operator::kUnionDescendant, Operator::kUnionParent, Operator::kUnionAncestor,
     Operator::kUnionSibling},
};

// Always with a point or an exponent, so that it reads back as a real number.
std::string TextOf(double real) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), real).ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// 1d12h, 1m30.5s, 1.5ms: the largest units first, a fraction only in the last.
std::string TextOf(Duration duration) {
  struct Unit {
    std::string_view text;
    uint64_t nano;
  };
  constexpr uint64_t kSecond = 1'000'000'000;
  constexpr Unit kWhole[] = {{"d", 86'400 * kSecond}, {"h", 3'600 * kSecond}, {"m", 60 * kSecond}};
  constexpr Unit kFraction[] = {{"s", kSecond}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}};

  std::string text = duration.nano < 0 ? "-" : "";
  uint64_t rest =
      duration.nano < 0 ? -static_cast<uint64_t>(duration.nano) : static_cast<uint64_t>(duration.nano);
  if (rest == 0) return "0s";
  for (const Unit& unit : kWhole) {
    if (rest >= unit.nano) text += std::to_string(rest / unit.nano).append(unit.text);
    rest %= unit.nano;
  }
  for (const Unit& unit : kFraction) {
    if (rest < unit.nano) continue;
    text += std::to_string(rest / unit.nano);
    if (uint64_t below = rest % unit.nano; below != 0) {
      std::string digits = std::to_string(below + unit.nano).substr(1);  // with leading zeros
      digits.erase(digits.find_last_not_of('0') + 1);
      text += "." + digits;
    }
    return text.append(unit.text);
  }
  return text;
}

// Bytes of the well-formed character at `at`, 0: there is none.
size_t CharacterSize(std::string_view text, size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const size_t size = first < 0x80   ? 1
                      : first < 0xC2 ? 0
                      : first < 0xE0 ? 2
                      : first < 0xF0 ? 3
                      : first < 0xF5 ? 4
                                     : 0;
  if (size == 0 || at + size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 0;
  }
  // Forms that are too long, halves of pairs, and what is behind the last code point.
  const auto second = size > 1 ? static_cast<unsigned char>(text[at + 1]) : 0;
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
    return 0;
  return size;
}

bool IsPrintableUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t size = CharacterSize(text, at);
    if (size == 0 || static_cast<unsigned char>(text[at]) < 0x20 || text[at] == 0x7F) return false;
    at += size;
  }
  return true;
}

// Backticks where escapes would be in the way, as in most regular expressions.
std::string TextOf(std::string_view string) {
  if (string.find_first_of("\\\"") != std::string_view::npos && string.find('`') == std::string_view::npos &&
      IsPrintableUtf8(string))
    return "`" + std::string(string) + "`";
  std::string text = "\"";
  for (size_t at = 0; at < string.size();) {
    const char byte = string[at];
    const size_t size = CharacterSize(string, at);
    if (byte == '"' || byte == '\\') {
      text += '\\';
      text += byte;
    } else if (byte == '\n') {
      text += "\\n";
    } else if (byte == '\t') {
      text += "\\t";
    } else if (byte == '\r') {
      text += "\\r";
    } else if (size == 0 || static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) {
      std::array<char, 5> escape;
      std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned char>(byte));
      text += escape.data();
    } else {
      text += string.substr(at, size);
    }
    at += std::max<size_t>(size, 1);
  }
  return text + "\"";
}

std::string TextOf(const AttributeField& field) {
  std::string text = field.of_parent ? "parent." : "";
  if (field.scope != AttributeScope::kAny) {
    text += ScopeName(field.scope);
    text += '.';
  } else if (!field.of_parent) {
    text += '.';
  }
  bool plain = IsPlainKey(field.key);
  if (field.scope == AttributeScope::kAny && field.of_parent) {
    // What would be read as a scope or an intrinsic of the parent.
    plain = plain && FindIntrinsic(field.key) == nullptr;
    for (const std::string_view scope :
         {"span.", "resource.", "event.", "link.", "instrumentation.", "call."})
      plain = plain && !field.key.starts_with(scope);
  } else if (field.scope == AttributeScope::kAny) {
    plain = plain && (field.key[0] < '0' || field.key[0] > '9');  // .5 is a number
  }
  if (plain) return text + field.key;
  text += '"';
  for (const char byte : field.key) {
    if (byte == '"' || byte == '\\') text += '\\';
    text += byte;
  }
  return text + '"';
}

bool IsNegative(const Literal& literal) {
  if (const auto* integer = std::get_if<int64_t>(&literal)) return *integer < 0;
  if (const auto* real = std::get_if<double>(&literal)) return std::signbit(*real);
  if (const auto* duration = std::get_if<Duration>(&literal)) return duration->nano < 0;
  return false;
}

Operator OperatorOf(ArithmeticOperator op) {
  return static_cast<Operator>(static_cast<int>(Operator::kAdd) + static_cast<int>(op));
}

// What an expression is to the operator above it; a leaf is tighter than all of them.
int LevelOf(const FieldExpression& expression) {
  return std::visit(Overloaded{[](const Literal& literal) {
                                 return IsNegative(literal) ? int{kUnaryLevel} : kPowerLevel + 1;
                               },
                               [](const UnaryExpression&) { return int{kUnaryLevel}; },
                               [](const ArithmeticExpression& both) { return LevelOf(OperatorOf(both.op)); },
                               [](const ComparisonExpression&) { return int{kComparisonLevel}; },
                               [](const LogicalExpression&) { return int{kLogicalLevel}; },
                               [](const auto&) { return kPowerLevel + 1; }},
                    expression.node);
}

int LevelOf(const ScalarExpression& number) {
  const auto* both = std::get_if<ScalarArithmetic>(&number.node);
  return both == nullptr ? kPowerLevel + 1 : LevelOf(OperatorOf(both->op));
}

// Only where they are needed, and around what stands beside an operator of its own level that
// few people would read as the language does: a && b || c, (a = b) = c.
bool NeedsParentheses(int level, int level_above, bool right) {
  if (level != level_above) return level < level_above;
  if (level == kLogicalLevel || level == kComparisonLevel) return true;
  return right == (level != kPowerLevel);
}

class Printer {
 public:
  std::string Take() { return std::move(text_); }

  void Print(const FieldExpression& expression);
  void Print(const SpansetFilter& filter);
  void Print(const SpansetExpression& spans);
  void Print(const ScalarExpression& number);
  void Print(const Aggregate& aggregate);
  void Print(const Stage& stage);
  void Print(const std::vector<Stage>& stages);
  void Print(const MetricStage& metric);
  void Print(const SeriesStage& series);
  void Print(const std::vector<Hint>& hints);
  void Print(std::string_view text) { text_ += text; }

 private:
  template <typename Node>
  void Operand(const Node& node, bool parentheses) {
    if (parentheses) Print("(");
    Print(node);
    if (parentheses) Print(")");
  }
  void Fields(const std::vector<FieldExpression>& fields);
  template <typename Both>
  void Arithmetic(const Both& both);

  std::string text_;
};

void Printer::Fields(const std::vector<FieldExpression>& fields) {
  bool first = true;
  for (const FieldExpression& field : fields) {
    if (!first) Print(", ");
    first = false;
    Print(field);
  }
}

template <typename Both>
void Printer::Arithmetic(const Both& both) {
  const int level = LevelOf(OperatorOf(both.op));
  Operand(*both.left, NeedsParentheses(LevelOf(*both.left), level, false));
  Print(" ");
  Print(OperatorText(both.op));
  Print(" ");
  Operand(*both.right, NeedsParentheses(LevelOf(*both.right), level, true));
}

void Printer::Print(const FieldExpression& expression) {
  std::visit(Overloaded{[&](const Literal& literal) { Print(Format(literal)); },
                        [&](const IntrinsicField& field) {
                          if (field.of_parent) Print("parent.");
                          Print(InfoOf(field.intrinsic).text);
                        },
                        [&](const AttributeField& field) { Print(TextOf(field)); },
                        [&](const CallFieldReference& field) {
                          Print("call.");
                          Print(InfoOf(field.field).name);
                        },
                        [&](const UnaryExpression& unary) {
                          Print(unary.op == UnaryOperator::kMinus ? "-" : "!");
                          const int level = LevelOf(*unary.operand);
                          Operand(*unary.operand, level != kUnaryLevel && level <= kPowerLevel);
                        },
                        [&](const ArithmeticExpression& both) { Arithmetic(both); },
                        [&](const ComparisonExpression& both) {
                          Operand(*both.left, NeedsParentheses(LevelOf(*both.left), kComparisonLevel, false));
                          Print(" ");
                          Print(OperatorText(both.op));
                          Print(" ");
                          Operand(*both.right,
                                  NeedsParentheses(LevelOf(*both.right), kComparisonLevel, true));
                        },
                        [&](const LogicalExpression& chain) {
                          bool first = true;
                          for (const FieldExpression& operand : chain.operands) {
                            if (!first) Print(std::string(" ").append(OperatorText(chain.op)) + " ");
                            first = false;
                            Operand(operand, NeedsParentheses(LevelOf(operand), kLogicalLevel, false));
                          }
                        }},
             expression.node);
}

void Printer::Print(const SpansetFilter& filter) {
  if (!filter.condition) return Print("{ }");
  Print("{ ");
  Print(*filter.condition);
  Print(" }");
}

void Printer::Print(const SpansetExpression& spans) {
  std::visit(Overloaded{[&](const SpansetFilter& filter) { Print(filter); },
                        [&](const SpansetLogical& chain) {
                          bool first = true;
                          for (const SpansetExpression& operand : chain.operands) {
                            if (!first) Print(std::string(" ").append(OperatorText(chain.op)) + " ");
                            first = false;
                            Operand(operand, std::holds_alternative<SpansetLogical>(operand.node));
                          }
                        },
                        [&](const SpansetStructural& both) {
                          Operand(*both.left, std::holds_alternative<SpansetLogical>(both.left->node));
                          Print(std::string(" ").append(OperatorText(both.relation, both.form)) + " ");
                          Operand(*both.right,
                                  std::holds_alternative<SpansetLogical>(both.right->node) ||
                                      std::holds_alternative<SpansetStructural>(both.right->node));
                        },
                        [&](const SpansetPipeline& pipeline) {
                          Print("(");
                          Print(pipeline.stages);
                          Print(")");
                        }},
             spans.node);
}

void Printer::Print(const ScalarExpression& number) {
  std::visit(Overloaded{[&](const Literal& literal) { Print(Format(literal)); },
                        [&](const Aggregate& aggregate) { Print(aggregate); },
                        [&](const ScalarArithmetic& both) { Arithmetic(both); },
                        [&](const ScalarPipeline& pipeline) {
                          Print("(");
                          Print(pipeline.stages);
                          Print(" | ");
                          Print(pipeline.aggregate);
                          Print(")");
                        }},
             number.node);
}

void Printer::Print(const Aggregate& aggregate) {
  Print(AggregateName(aggregate.function));
  Print("(");
  if (aggregate.argument) Print(*aggregate.argument);
  Print(")");
}

void Printer::Print(const Stage& stage) {
  std::visit(Overloaded{[&](const SpansetExpression& spans) { Print(spans); },
                        [&](const ScalarFilter& filter) {
                          Print(filter.left);
                          Print(std::string(" ").append(OperatorText(filter.op)) + " ");
                          Print(filter.right);
                        },
                        [&](const GroupBy& group) {
                          Print("by(");
                          Fields(group.keys);
                          Print(")");
                        },
                        [&](const Select& select) {
                          Print("select(");
                          Fields(select.fields);
                          Print(")");
                        },
                        [&](Coalesce) { Print("coalesce()"); }},
             stage.node);
}

void Printer::Print(const std::vector<Stage>& stages) {
  bool first = true;
  for (const Stage& stage : stages) {
    if (!first) Print(" | ");
    first = false;
    Print(stage);
  }
}

void Printer::Print(const MetricStage& metric) {
  Print(MetricName(metric.function));
  Print("(");
  if (metric.argument) Print(*metric.argument);
  for (const double quantile : metric.quantiles) {
    std::string text = TextOf(quantile);
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    Print(", " + text);
  }
  if (metric.compare) {
    const CompareArguments& compare = *metric.compare;
    Print(compare.selection);
    if (compare.top != CompareArguments{}.top || compare.window) Print(", " + std::to_string(compare.top));
    if (compare.window) {
      Print(", " + std::to_string(compare.window->start_unix_nano));
      Print(", " + std::to_string(compare.window->end_unix_nano));
    }
  }
  Print(")");
  if (metric.by.empty()) return;
  Print(" by (");
  Fields(metric.by);
  Print(")");
}

void Printer::Print(const SeriesStage& series) {
  std::visit(Overloaded{[&](const SeriesTop& top) {
                          Print(top.largest ? "topk(" : "bottomk(");
                          Print(std::to_string(top.count) + ")");
                        },
                        [&](const SeriesFilter& filter) {
                          Print(std::string(OperatorText(filter.op)) + " " + Format(filter.value));
                        }},
             series.node);
}

void Printer::Print(const std::vector<Hint>& hints) {
  Print("with (");
  for (const Hint& hint : hints) {
    if (&hint != &hints.front()) Print(", ");
    Print(hint.name + " = " + Format(hint.value));
  }
  Print(")");
}

template <typename Node>
std::string OneLine(const Node& node) {
  Printer printer;
  printer.Print(node);
  return printer.Take();
}

size_t Width(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

// Breaks what is too long for a line: pipelines at their pipes, sets of spans at their
// operators, conditions at && and ||. What has none of these stays long.
class LinePrinter {
 public:
  explicit LinePrinter(size_t line_max) : line_max_(line_max) {}

  std::string Print(const Query& query) {
    for (const Stage& stage : query.stages) {
      if (&stage != &query.stages.front()) text_ += "\n| ";
      Print(stage, 0);
    }
    if (query.metric) text_ += "\n| " + OneLine(*query.metric);
    for (const SeriesStage& series : query.series)
      text_ += (std::holds_alternative<SeriesTop>(series.node) ? "\n| " : " ") + OneLine(series);
    if (!query.hints.empty()) text_ += "\n" + OneLine(query.hints);
    return std::move(text_);
  }

 private:
  template <typename Node>
  bool Fits(const Node& node, size_t indent) {
    std::string line = OneLine(node);
    if (indent + Width(line) > line_max_) return false;
    text_ += line;
    return true;
  }
  std::string Break(size_t indent) const { return "\n" + std::string(indent, ' '); }

  void Print(const Stage& stage, size_t indent) {
    const auto* spans = std::get_if<SpansetExpression>(&stage.node);
    if (spans == nullptr) {
      text_ += OneLine(stage);
    } else {
      Print(*spans, indent);
    }
  }

  void Print(const SpansetExpression& spans, size_t indent) {
    if (Fits(spans, indent)) return;
    std::visit(Overloaded{[&](const SpansetFilter& filter) { Print(filter, indent); },
                          [&](const SpansetLogical& chain) {
                            for (const SpansetExpression& operand : chain.operands) {
                              if (&operand != &chain.operands.front())
                                text_ += Break(indent).append(OperatorText(chain.op)) + " ";
                              Operand(operand, std::holds_alternative<SpansetLogical>(operand.node), indent);
                            }
                          },
                          [&](const SpansetStructural& both) {
                            Operand(*both.left, std::holds_alternative<SpansetLogical>(both.left->node),
                                    indent);
                            text_ += Break(indent).append(OperatorText(both.relation, both.form)) + " ";
                            Operand(*both.right,
                                    std::holds_alternative<SpansetLogical>(both.right->node) ||
                                        std::holds_alternative<SpansetStructural>(both.right->node),
                                    indent);
                          },
                          [&](const SpansetPipeline& pipeline) {
                            text_ += "(" + Break(indent + 2);
                            for (const Stage& stage : pipeline.stages) {
                              if (&stage != &pipeline.stages.front()) text_ += Break(indent + 2) + "| ";
                              Print(stage, indent + 2);
                            }
                            text_ += Break(indent) + ")";
                          }},
               spans.node);
  }

  void Operand(const SpansetExpression& spans, bool parentheses, size_t indent) {
    if (!parentheses) return Print(spans, indent);
    text_ += "(" + Break(indent + 2);
    Print(spans, indent + 2);
    text_ += Break(indent) + ")";
  }

  void Print(const SpansetFilter& filter, size_t indent) {
    text_ += "{" + Break(indent + 2);
    if (filter.condition) Print(*filter.condition, indent + 2);
    text_ += Break(indent) + "}";
  }

  void Print(const FieldExpression& expression, size_t indent) {
    if (Fits(expression, indent)) return;
    const auto* chain = std::get_if<LogicalExpression>(&expression.node);
    if (chain == nullptr) {
      text_ += OneLine(expression);
      return;
    }
    for (const FieldExpression& operand : chain->operands) {
      const bool parentheses = std::holds_alternative<LogicalExpression>(operand.node);
      if (parentheses) text_ += "(" + Break(indent + 2);
      Print(operand, indent + (parentheses ? 2 : 0));
      if (parentheses) text_ += Break(indent) + ")";
      if (&operand != &chain->operands.back())
        text_ += std::string(" ").append(OperatorText(chain->op)) + Break(indent);
    }
  }

  size_t line_max_;
  std::string text_;
};

}  // namespace

std::string Format(const FieldExpression& expression) {
  return OneLine(expression);
}

std::string Format(const Literal& literal) {
  return std::visit(
      Overloaded{[](Nil) { return std::string("nil"); },
                 [](bool value) { return std::string(value ? "true" : "false"); },
                 [](int64_t value) { return std::to_string(value); },
                 [](double value) { return TextOf(value); }, [](Duration value) { return TextOf(value); },
                 [](const std::string& value) { return TextOf(std::string_view(value)); },
                 [](Word value) { return std::string(WordsOf(value.set)[value.number]); }},
      literal);
}

std::string_view OperatorText(ArithmeticOperator op) {
  return OperatorText(OperatorOf(op));
}
std::string_view OperatorText(ComparisonOperator op) {
  return OperatorText(static_cast<Operator>(static_cast<int>(Operator::kEqual) + static_cast<int>(op)));
}
std::string_view OperatorText(LogicalOperator op) {
  return OperatorText(op == LogicalOperator::kAnd ? Operator::kAnd : Operator::kOr);
}
std::string_view OperatorText(Relation relation, RelationForm form) {
  return OperatorText(kRelationOperators[static_cast<size_t>(form)][static_cast<size_t>(relation)]);
}

}  // namespace telltale::traceql

namespace telltale {

std::string FormatTraceQl(const traceql::Query& query) {
  traceql::Printer printer;
  printer.Print(query.stages);
  if (query.metric) {
    printer.Print(" | ");
    printer.Print(*query.metric);
  }
  for (const traceql::SeriesStage& series : query.series) {
    printer.Print(std::holds_alternative<traceql::SeriesTop>(series.node) ? " | " : " ");
    printer.Print(series);
  }
  if (!query.hints.empty()) {
    printer.Print(" ");
    printer.Print(query.hints);
  }
  return printer.Take();
}

std::string FormatTraceQlLines(const traceql::Query& query, size_t line_max) {
  std::string line = FormatTraceQl(query);
  if (traceql::Width(line) <= line_max) return line;
  return traceql::LinePrinter(line_max).Print(query);
}

}  // namespace telltale
