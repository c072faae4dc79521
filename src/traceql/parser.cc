#include "traceql/parser.h"

#include <algorithm>
#include <iterator>

#include "traceql/check.h"
#include "traceql/parse.h"

namespace telltale {
namespace traceql {
namespace {

// Of brackets, signs and right sides, each of which calls the parser anew. The formatter writes
// at most two of them for a level of the tree, so that what it writes is read again.
constexpr int kNestingMax = 2 * kTraceQlDepthMax + 8;

constexpr size_t kShownMax = 40;  // bytes of a lexeme that a message shows

constexpr std::string_view kMetricNames[] = {
    "rate",          "count_over_time",    "sum_over_time",       "avg_over_time", "min_over_time",
    "max_over_time", "quantile_over_time", "histogram_over_time", "compare"};
constexpr std::string_view kAggregateNames[] = {"count", "avg", "min", "max", "sum"};

// Offset of the first byte that is not UTF-8; the size when all is well.
size_t FirstBrokenCharacter(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto first = static_cast<unsigned char>(text[at]);
    const size_t size = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
    if (size == 0 || at + size > text.size()) return at;
    for (size_t i = 1; i < size; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      const bool second = i == 1;
      const unsigned char least = second && first == 0xE0 ? 0xA0 : second && first == 0xF0 ? 0x90 : 0x80;
      const unsigned char most = second && first == 0xED ? 0x9F : second && first == 0xF4 ? 0x8F : 0xBF;
      if (byte < least || byte > most) return at;
    }
    at += size;
  }
  return at;
}

}  // namespace

int LevelOf(Operator op) {
  switch (op) {
    case Operator::kNot:
      return 0;
    case Operator::kAnd:
    case Operator::kOr:
      return kLogicalLevel;
    case Operator::kAdd:
    case Operator::kSubtract:
      return kAdditiveLevel;
    case Operator::kMultiply:
    case Operator::kDivide:
    case Operator::kModulo:
      return kMultiplicativeLevel;
    case Operator::kPower:
      return kPowerLevel;
    default:
      return kComparisonLevel;
  }
}

std::optional<ArithmeticOperator> ArithmeticOf(Operator op) {
  if (op < Operator::kAdd || op > Operator::kPower) return std::nullopt;
  return static_cast<ArithmeticOperator>(static_cast<int>(op) - static_cast<int>(Operator::kAdd));
}

std::optional<ComparisonOperator> ComparisonOf(Operator op) {
  if (op < Operator::kEqual || op > Operator::kNotMatches) return std::nullopt;
  return static_cast<ComparisonOperator>(static_cast<int>(op) - static_cast<int>(Operator::kEqual));
}

std::optional<LogicalOperator> LogicalOf(Operator op) {
  if (op == Operator::kAnd) return LogicalOperator::kAnd;
  if (op == Operator::kOr) return LogicalOperator::kOr;
  return std::nullopt;
}

std::optional<MetricFunction> FindMetric(std::string_view word) {
  const auto* found = std::ranges::find(kMetricNames, word);
  if (found == std::end(kMetricNames)) return std::nullopt;
  return static_cast<MetricFunction>(found - std::begin(kMetricNames));
}

std::string_view MetricName(MetricFunction function) {
  return kMetricNames[static_cast<size_t>(function)];
}

std::optional<AggregateFunction> FindAggregate(std::string_view word) {
  const auto* found = std::ranges::find(kAggregateNames, word);
  if (found == std::end(kAggregateNames)) return std::nullopt;
  return static_cast<AggregateFunction>(found - std::begin(kAggregateNames));
}

std::string_view AggregateName(AggregateFunction function) {
  return kAggregateNames[static_cast<size_t>(function)];
}

Parser::Parser(std::string_view text) : text_(text), lexer_(text), next_(lexer_.Next()) {}

Lexeme Parser::Take() {
  Lexeme taken = std::move(next_);
  last_ = taken.range;
  next_ = lexer_.Next();
  return taken;
}

std::optional<Lexeme> Parser::Expect(LexemeKind kind, std::string_view what) {
  if (!At(kind)) return FailExpected(what);
  return Take();
}

std::string Parser::TextOf(SourceRange range) const {
  std::string text(text_.substr(range.begin, range.end - range.begin));
  if (text.size() > kShownMax) {
    size_t size = kShownMax;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    text = text.substr(0, size) + "...";
  }
  std::ranges::replace_if(text, [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; }, ' ');
  return text;
}

std::string Parser::Found() const {
  return At(LexemeKind::kEnd) ? "the end of the query" : "`" + TextOf(next_.range) + "`";
}

std::nullopt_t Parser::Fail(SourceRange range, std::string message, std::string hint) {
  if (!error_) {
    error_ = {.offset = range.begin,
              .length = range.end - range.begin,
              .message = std::move(message),
              .hint = std::move(hint)};
  }
  return std::nullopt;
}

// A lexeme that is none says itself what is wrong with it.
std::nullopt_t Parser::FailExpected(std::string_view what, std::string hint) {
  if (At(LexemeKind::kInvalid)) return Fail(next_.range, next_.message, next_.hint);
  return Fail(next_.range, "expected " + std::string(what) + ", found " + Found(), std::move(hint));
}

bool Parser::FitsDepth(int height, SourceRange range) {
  if (height <= kTraceQlDepthMax) return true;
  Fail(range, "the query is nested deeper than " + std::to_string(kTraceQlDepthMax) + " levels");
  error_->code = ErrorCode::kOverLimit;
  return false;
}

bool Parser::Enter(SourceRange range) {
  if (++nesting_ <= kNestingMax) return true;
  return FitsDepth(nesting_, range);
}

}  // namespace traceql

std::expected<traceql::Query, TraceQlError> ParseTraceQlUntrusted(std::string_view text) {
  if (text.size() > kTraceQlTextMax) {
    return std::unexpected(TraceQlError{.code = ErrorCode::kOverLimit,
                                        .offset = kTraceQlTextMax,
                                        .length = text.size() - kTraceQlTextMax,
                                        .message = "the query has " + std::to_string(text.size()) +
                                                   " bytes: the limit is " +
                                                   std::to_string(kTraceQlTextMax)});
  }
  if (const size_t broken = traceql::FirstBrokenCharacter(text); broken < text.size()) {
    return std::unexpected(
        TraceQlError{.offset = broken, .length = 1, .message = "the query is not UTF-8 from here on"});
  }
  traceql::Parser parser(text);
  std::optional<traceql::Query> query = parser.ParseQuery();
  if (!query) return std::unexpected(parser.error());
  if (std::optional<TraceQlError> error = traceql::CheckTypes(text, *query)) return std::unexpected(*error);
  return std::move(*query);
}

Result<traceql::Query> ParseTraceQl(std::string_view text) {
  auto query = ParseTraceQlUntrusted(text);
  if (!query) return std::unexpected(ToError(text, query.error()));
  return std::move(*query);
}

}  // namespace telltale
