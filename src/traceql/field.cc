// What is said of one span: the part of the parser between braces.
#include <cmath>
#include <limits>
#include <memory>

#include "traceql/parser.h"

namespace telltale::traceql {
namespace {

constexpr uint64_t kIntegerMax = std::numeric_limits<int64_t>::max();

bool IsStructural(Operator op) {
  return op >= Operator::kDescendant;
}

SourceRange Over(SourceRange first, SourceRange last) {
  return {first.begin, last.end};
}

// -x, where x is a number.
bool Negate(Literal& literal) {
  if (auto* integer = std::get_if<int64_t>(&literal)) {
    if (*integer == std::numeric_limits<int64_t>::min()) return false;
    *integer = -*integer;
  } else if (auto* real = std::get_if<double>(&literal)) {
    *real = -*real;
  } else if (auto* duration = std::get_if<Duration>(&literal)) {
    duration->nano = -duration->nano;
  } else {
    return false;
  }
  return true;
}

ValueType TypeOfField(const FieldExpression& expression) {
  if (const auto* field = std::get_if<IntrinsicField>(&expression.node)) return InfoOf(field->intrinsic).type;
  if (const auto* field = std::get_if<CallFieldReference>(&expression.node)) return InfoOf(field->field).type;
  return ValueType::kAny;
}

void Append(FieldExpression operand, LogicalOperator op, std::vector<FieldExpression>& operands) {
  auto* chain = std::get_if<LogicalExpression>(&operand.node);
  if (chain == nullptr || chain->op != op) {
    operands.push_back(std::move(operand));
    return;
  }
  if (operands.empty()) {
    operands = std::move(chain->operands);
    return;
  }
  for (FieldExpression& inner : chain->operands) operands.push_back(std::move(inner));
}

}  // namespace

std::optional<Parser::Field> Parser::ParseField(int level_min) {
  std::optional<Field> left = ParseOperand();
  if (!left) return std::nullopt;
  while (At(LexemeKind::kOperator)) {
    const int level = LevelOf(next_.op);
    if (level < level_min || level == 0 || IsStructural(next_.op)) break;
    const Lexeme op = Take();
    if (!Enter(op.range)) return std::nullopt;
    if (level == kComparisonLevel) beside_ = WordSetOf(TypeOfField(left->expression));
    std::optional<Field> right = ParseField(level == kPowerLevel ? level : level + 1);
    beside_.reset();
    Leave();
    if (!right) return std::nullopt;
    left = Combine(op, std::move(*left), std::move(*right));
    if (!left) return std::nullopt;
  }
  return left;
}

std::optional<Parser::Field> Parser::Combine(const Lexeme& op, Field left, Field right) {
  Field made;
  made.expression.range = Over(left.expression.range, right.expression.range);
  made.height = std::max(left.height, right.height) + 1;
  if (const auto logical = LogicalOf(op.op)) {
    const auto levels = [&](const Field& side) {
      const auto* chain = std::get_if<LogicalExpression>(&side.expression.node);
      return side.height + (chain != nullptr && chain->op == *logical ? 0 : 1);
    };
    made.height = std::max(levels(left), levels(right));
    LogicalExpression chain{.op = *logical, .operands = {}};
    Append(std::move(left.expression), *logical, chain.operands);
    Append(std::move(right.expression), *logical, chain.operands);
    made.expression.node = std::move(chain);
  } else if (const auto arithmetic = ArithmeticOf(op.op)) {
    made.expression.node =
        ArithmeticExpression{*arithmetic, std::make_unique<FieldExpression>(std::move(left.expression)),
                             std::make_unique<FieldExpression>(std::move(right.expression))};
  } else {
    made.expression.node = ComparisonExpression{
        *ComparisonOf(op.op), std::make_unique<FieldExpression>(std::move(left.expression)),
        std::make_unique<FieldExpression>(std::move(right.expression))};
  }
  if (!FitsDepth(made.height, op.range)) return std::nullopt;
  return made;
}

std::optional<Parser::Field> Parser::ParseOperand() {
  std::optional<FieldExpression> leaf;
  switch (next_.kind) {
    case LexemeKind::kOpenParenthesis:
      return ParseInParentheses();
    case LexemeKind::kOperator:
      if (At(Operator::kSubtract) || At(Operator::kNot)) return ParseUnary();
      if (At(Operator::kEqual) && last_.end == next_.range.begin && text_[last_.begin] == '=')
        return FailExpected("a value", "equal is a single =");
      if (At(Operator::kGreater) && last_.end == next_.range.begin && text_[last_.begin] == '<')
        return FailExpected("a value", "not equal is !=");
      return FailExpected("a value");
    case LexemeKind::kString:
    case LexemeKind::kInteger:
    case LexemeKind::kReal:
    case LexemeKind::kDuration: {
      std::optional<Literal> literal = ParseLiteral();
      if (!literal) return std::nullopt;
      return Field{{.node = std::move(*literal), .range = last_}};
    }
    case LexemeKind::kWord:
      leaf = ParseWord();
      break;
    case LexemeKind::kColonName:
      leaf = ParseColonName();
      break;
    case LexemeKind::kAttribute:
      leaf = ParseAttribute();
      break;
    case LexemeKind::kCallField:
      leaf = ParseCallField();
      break;
    case LexemeKind::kDottedName: {
      const size_t point = next_.text.find('.');
      const std::string scope = next_.text.substr(0, point);
      if (scope == "trace")
        return Fail(next_.range, "a trace has no attributes",
                    "trace:duration, trace:rootName ... have a colon");
      constexpr std::string_view kScopes[] = {"span",   "resource", "event", "link", "instrumentation",
                                              "parent", "call"};
      const std::string_view near = NearestName(scope, kScopes);
      return Fail(next_.range, "unknown scope `" + scope + "`",
                  near.empty() ? "an attribute has a point or a scope before it: ." + next_.text + ", span." +
                                     next_.text
                               : std::string(near) + next_.text.substr(point) + "?");
    }
    default:
      return FailExpected("a value");
  }
  if (!leaf) return std::nullopt;
  return Field{std::move(*leaf)};
}

std::optional<Parser::Field> Parser::ParseInParentheses() {
  const Lexeme open = Take();
  if (!Enter(open.range)) return std::nullopt;
  std::optional<Field> inner = ParseField();
  if (!inner) return std::nullopt;
  if (!At(LexemeKind::kCloseParenthesis)) return FailExpected("`)` or an operator", HintBehindValue());
  inner->expression.range = Over(open.range, Take().range);
  Leave();
  return inner;
}

// A sign before a number belongs to the number, elsewhere it is an operator that holds all of
// a product: -a * b is -(a * b).
std::optional<Parser::Field> Parser::ParseUnary() {
  const Lexeme sign = Take();
  const bool minus = sign.op == Operator::kSubtract;
  if (minus && At(LexemeKind::kInteger) && next_.integer == kIntegerMax + 1) {
    std::optional<Literal> least = ParseNumber(true);
    if (!least) return std::nullopt;
    return Field{{.node = std::move(*least), .range = Over(sign.range, last_)}};
  }
  if (!Enter(sign.range)) return std::nullopt;
  std::optional<Field> operand = ParseField(kMultiplicativeLevel);
  Leave();
  if (!operand) return std::nullopt;
  const SourceRange range = Over(sign.range, operand->expression.range);
  if (auto* literal = std::get_if<Literal>(&operand->expression.node);
      minus && literal != nullptr && Negate(*literal)) {
    operand->expression.range = range;
    return operand;
  }
  Field made;
  made.height = operand->height + 1;
  made.expression.range = range;
  made.expression.node = UnaryExpression{minus ? UnaryOperator::kMinus : UnaryOperator::kNot,
                                         std::make_unique<FieldExpression>(std::move(operand->expression))};
  if (!FitsDepth(made.height, sign.range)) return std::nullopt;
  return made;
}

std::optional<Literal> Parser::ParseNumber(bool negative) {
  const Lexeme lexeme = Take();
  if (lexeme.kind == LexemeKind::kReal) return Literal(negative ? -lexeme.real : lexeme.real);
  if (lexeme.kind == LexemeKind::kDuration) return Literal(Duration{negative ? -lexeme.nano : lexeme.nano});
  if (negative && lexeme.integer == kIntegerMax + 1) return Literal(std::numeric_limits<int64_t>::min());
  if (lexeme.integer > kIntegerMax) {
    return Fail(lexeme.range, "the number " + std::to_string(lexeme.integer) + " does not fit into 64 bits",
                "with a point it is a real number");
  }
  const auto value = static_cast<int64_t>(lexeme.integer);
  return Literal(negative ? -value : value);
}

// A literal that may have a sign, where no expression can stand.
std::optional<Literal> Parser::ParseLiteral() {
  if (At(LexemeKind::kString)) return Literal(Take().text);
  const bool negative = At(Operator::kSubtract);
  if (negative) Take();
  if (At(LexemeKind::kInteger) || At(LexemeKind::kReal) || At(LexemeKind::kDuration))
    return ParseNumber(negative);
  if (negative) return FailExpected("a number");
  if (AtWord("true") || AtWord("false")) return Literal(Take().text == "true");
  return FailExpected("a number, a string, true or false");
}

std::optional<FieldExpression> Parser::ParseWord() {
  FieldExpression leaf{.node = {}, .range = next_.range};
  const std::string& word = next_.text;
  if (word == "true" || word == "false") {
    leaf.node = Literal(word == "true");
  } else if (word == "nil") {
    leaf.node = Literal(Nil{});
  } else if (word == "maxInt") {
    leaf.node = Literal(std::numeric_limits<int64_t>::max());
  } else if (word == "minInt") {
    leaf.node = Literal(std::numeric_limits<int64_t>::min());
  } else if (const IntrinsicInfo* info = FindIntrinsic(word)) {
    leaf.node = IntrinsicField{.intrinsic = info->intrinsic};
  } else {
    bool known = false;
    for (const WordSet set :
         {WordSet::kStatus, WordSet::kSpanKind, WordSet::kCallKind, WordSet::kCostStatus}) {
      const auto number = FindWord(set, word);
      if (!number) continue;
      leaf.node = Literal(Word{set, *number});
      known = true;
      break;
    }
    if (!known) return FailUnknownWord(next_);
  }
  Take();
  return leaf;
}

std::nullopt_t Parser::FailUnknownWord(const Lexeme& word) {
  if (beside_) {
    const std::string_view near = NearestName(word.text, WordsOf(*beside_));
    return Fail(word.range,
                "unknown " + std::string(ValueTypeName(TypeOf(*beside_)).substr(2)) + " `" +
                    TextOf(word.range) + "`: it is " + WordList(*beside_),
                near.empty() ? "" : std::string(near) + "?");
  }
  const std::string message = "unknown name `" + TextOf(word.range) + "`";
  if (word.text == "and" || word.text == "AND") return Fail(word.range, message, "and is &&");
  if (word.text == "or" || word.text == "OR") return Fail(word.range, message, "or is ||");
  if (word.text == "not" || word.text == "NOT") return Fail(word.range, message, "not is !");
  if (word.text == "null") return Fail(word.range, message, "what is not there is nil");
  if (FindScope(word.text) || word.text == "call")
    return Fail(word.range, "a scope alone is no value", word.text + ".NAME is an attribute of it");
  if (const std::string_view near = NearestIntrinsic(word.text); !near.empty())
    return Fail(word.range, message, std::string(near) + "?");
  return Fail(word.range, message,
              "an attribute has a point or a scope before it: ." + word.text + ", span." + word.text +
                  "; a string stands in quotes: \"" + word.text + "\"");
}

std::optional<FieldExpression> Parser::ParseColonName() {
  const IntrinsicInfo* info = FindIntrinsic(next_.text);
  if (info == nullptr) return FailUnknownIntrinsic();
  return FieldExpression{.node = IntrinsicField{.intrinsic = info->intrinsic}, .range = Take().range};
}

// The right name in the wrong scope first, then a name that looks alike.
std::nullopt_t Parser::FailUnknownIntrinsic() {
  const std::string message = "unknown intrinsic `" + TextOf(next_.range) + "`";
  const size_t colon = next_.text.find(':');
  const std::string_view scope = std::string_view(next_.text).substr(0, colon);
  const std::string_view name = std::string_view(next_.text).substr(colon);
  for (const IntrinsicInfo& info : Intrinsics()) {
    if (name.size() > 1 &&
        (info.text.ends_with(name) || info.alias.ends_with(name) || info.text == name.substr(1)))
      return Fail(next_.range, message, std::string(info.text) + "?");
  }
  if (const std::string_view near = NearestIntrinsic(next_.text); !near.empty())
    return Fail(next_.range, message, std::string(near) + "?");
  if (scope == "trace")
    return Fail(next_.range, message,
                "there are trace:id, trace:duration, trace:rootName and trace:rootService");
  return Fail(next_.range, message,
              "an attribute has a point: " + std::string(scope) + "." + std::string(name.substr(1)));
}

// Why something else than an operator may stand behind a value.
std::string Parser::HintBehindValue() const {
  if (AtWord("and") || AtWord("AND")) return "and is &&";
  if (AtWord("or") || AtWord("OR")) return "or is ||";
  if (At(LexemeKind::kOperator) && next_.op >= Operator::kDescendant)
    return "relations stand between sets of spans: { ... } " + TextOf(next_.range) + " { ... }";
  const bool value = At(LexemeKind::kAttribute) || At(LexemeKind::kWord) || At(LexemeKind::kColonName) ||
                     At(LexemeKind::kCallField);
  return value ? "conditions are joined by && or ||" : "";
}

std::optional<FieldExpression> Parser::ParseAttribute() {
  if (next_.of_parent && !next_.quoted && next_.scope == AttributeScope::kAny) {
    if (const IntrinsicInfo* info = FindIntrinsic(next_.text)) {
      if (!info->of_parent) {
        return Fail(next_.range, "`parent.` cannot be followed by `" + next_.text + "`",
                    "an attribute of that name stands in quotes: parent.\"" + next_.text + "\"");
      }
      return FieldExpression{.node = IntrinsicField{info->intrinsic, true}, .range = Take().range};
    }
  }
  Lexeme lexeme = Take();
  return FieldExpression{.node = AttributeField{lexeme.scope, lexeme.of_parent, std::move(lexeme.text)},
                         .range = lexeme.range};
}

std::optional<FieldExpression> Parser::ParseCallField() {
  const CallFieldInfo* info = FindCallField(next_.text);
  if (info == nullptr) {
    const std::string_view near = NearestCallField(next_.text);
    return Fail(next_.range, "a call has no field `" + next_.text + "`",
                near.empty()
                    ? "fields are call.model, call.kind, call.cost, call.input_tokens ...; an attribute is "
                      ".call." +
                          next_.text
                    : "call." + std::string(near) + "?");
  }
  return FieldExpression{.node = CallFieldReference{info->field}, .range = Take().range};
}

// `( field, field ... )`
std::optional<std::vector<Parser::Field>> Parser::ParseFieldList() {
  if (!Expect(LexemeKind::kOpenParenthesis, "`(`")) return std::nullopt;
  std::vector<Field> fields;
  do {
    if (!fields.empty()) Take();
    if (At(LexemeKind::kCloseParenthesis)) return FailExpected("a field", "as in (name, span.http.route)");
    std::optional<Field> field = ParseField();
    if (!field) return std::nullopt;
    fields.push_back(std::move(*field));
  } while (At(LexemeKind::kComma));
  if (!Expect(LexemeKind::kCloseParenthesis, "`,`, `)` or an operator")) return std::nullopt;
  return fields;
}

}  // namespace telltale::traceql
