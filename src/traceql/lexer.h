// The lexemes of a query, one after the other. What is no lexeme comes as one of kind
// kInvalid that says why; the lexer goes on behind it, so that half-written text can be
// looked at too.
//
//   Lexer lexer("{ span.http.status = 500 }");
//   for (Lexeme lexeme = lexer.Next(); lexeme.kind != LexemeKind::kEnd; lexeme = lexer.Next()) ...
//
// Ownership      The text must outlive the lexer; lexemes own what is in them.
// Thread safety  One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "traceql/ast.h"
#include "traceql/fields.h"

namespace telltale::traceql {

enum class LexemeKind : uint8_t {
  kEnd,
  kInvalid,
  kOpenBrace,
  kCloseBrace,
  kOpenParenthesis,
  kCloseParenthesis,
  kComma,
  kPipe,
  kOperator,
  kString,
  kInteger,
  kReal,
  kDuration,
  kWord,        // name, rate, error
  kColonName,   // span:duration
  kAttribute,   // .key, span.key, parent.resource."a key"
  kCallField,   // call.model
  kDottedName,  // http.status: a name with dots whose first part is no scope
};

enum class Operator : uint8_t {
  kAnd,
  kOr,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kMatches,
  kNotMatches,  // !~ between strings; between sets of spans: no sibling
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kPower,
  kDescendant,
  kAncestor,
  kSibling,
  kNoChild,
  kNoParent,
  kNoDescendant,
  kNoAncestor,
  kUnionChild,
  kUnionParent,
  kUnionDescendant,
  kUnionAncestor,
  kUnionSibling,
};

struct Lexeme {
  LexemeKind kind = LexemeKind::kEnd;
  SourceRange range;
  Operator op = Operator::kAnd;
  std::string text;  // a word; an attribute's or call field's key; a string's bytes
  AttributeScope scope = AttributeScope::kAny;
  bool of_parent = false;
  bool quoted = false;    // a part of the key stood in quotes
  bool unclosed = false;  // kInvalid: a string, a quoted key or a comment that the text ends in
  uint64_t integer = 0;   // kInteger: without its sign, which is a lexeme of its own
  double real = 0;
  int64_t nano = 0;
  LexemeKind meant = LexemeKind::kInvalid;  // kInvalid: what it began as
  std::string message;                      // kInvalid
  std::string hint;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  Lexeme Next();

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool SkipSpace(Lexeme& lexeme);
  Lexeme Read(Lexeme lexeme);
  void Symbol(Lexeme& lexeme);
  void Number(Lexeme& lexeme);
  void DurationBehind(size_t begin, Lexeme& lexeme);
  void QuotedString(Lexeme& lexeme);
  bool Escape(Lexeme& lexeme);
  void RawString(Lexeme& lexeme);
  void Name(Lexeme& lexeme);
  void Scoped(std::string_view scope, Lexeme& lexeme);
  void OfParent(Lexeme& lexeme);
  bool Key(Lexeme& lexeme);
  bool QuotedPart(Lexeme& lexeme);
  void Invalid(Lexeme& lexeme, std::string message, std::string hint = {});

  std::string_view text_;
  size_t at_ = 0;
};

// The text of an operator, and of what the formatter writes around it.
std::string_view OperatorText(Operator op);

// True if the attribute's key reads back without quotes.
bool IsPlainKey(std::string_view key);

}  // namespace telltale::traceql
