// An Engine for tests: keeps the questions, answers them in order with canned rows.
//
//   FakeEngine engine;
//   engine.Answer(Rows().String("checkout").Number<uint64_t>(3));
//   ... ask ...
//   EXPECT_EQ(engine.asked[0].sql, "SELECT ...");
//
// A question without an answer gets no rows.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/engine.h"
#include "trace/ids.h"

namespace telltale {

// Writes RowBinary.
class Rows {
 public:
  template <typename T>
  Rows& Number(T number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  Rows& Length(uint64_t length) {
    for (; length >= 0x80; length >>= 7) bytes_ += static_cast<char>(length | 0x80);
    bytes_ += static_cast<char>(length);
    return *this;
  }
  Rows& String(std::string_view text) {
    Length(text.size());
    bytes_ += text;
    return *this;
  }
  template <size_t kSize>
  Rows& Bytes(const Id<kSize>& id) {
    bytes_ += id.view();
    return *this;
  }

  Rows& Append(const Rows& more) {
    bytes_ += more.bytes_;
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

template <size_t kSize>
Id<kSize> IdOf(uint8_t last) {
  Id<kSize> id;
  id.bytes.back() = last;
  return id;
}

struct FakeAttribute {
  std::string key;
  char type = 's';
  std::string text;
};

// A row of SpanRowsStatement.
struct FakeSpan {
  TraceId trace_id = IdOf<16>(1);
  SpanId span_id = IdOf<8>(1);
  SpanId parent_id;
  int64_t start = 1'700'000'000'000'000'000;
  int64_t duration = 2'000'000;
  std::string service = "shop";
  std::string name = "GET /cart";
  std::string status_message;
  std::string trace_state;
  std::vector<FakeAttribute> attributes;
  std::string events;
  std::string links;
  uint64_t resource_hash = 1;
  uint64_t scope_hash = 1;
  std::string resource = R"({"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]})";
  std::string scope = R"({"name":"http","version":"1.2"})";
  uint32_t flags = 0;
  uint32_t dropped_attributes = 0;
  uint32_t dropped_events = 0;
  uint32_t dropped_links = 0;
  uint8_t kind = 2;
  uint8_t status = 0;
};

inline void AddSpanRow(const FakeSpan& span, Rows& rows) {
  rows.Bytes(span.trace_id).Bytes(span.span_id).Bytes(span.parent_id);
  rows.Number(span.start).Number(span.duration);
  rows.String(span.service).String(span.name).String(span.status_message).String(span.trace_state);
  rows.Length(span.attributes.size());
  std::string types;
  for (const FakeAttribute& attribute : span.attributes) {
    rows.String(attribute.key).String(attribute.text);
    types += attribute.type;
  }
  rows.String(types).String(span.events).String(span.links);
  rows.Number(span.resource_hash).Number(span.scope_hash).String(span.resource).String(span.scope);
  rows.Number(span.flags)
      .Number(span.dropped_attributes)
      .Number(span.dropped_events)
      .Number(span.dropped_links);
  rows.Number(span.kind).Number(span.status);
}

inline Rows SpanRows(const std::vector<FakeSpan>& spans) {
  Rows rows;
  for (const FakeSpan& span : spans) AddSpanRow(span, rows);
  return rows;
}

// A reader that finds nothing wrong with any statement and answers with what it is given.
struct FakeReader final : SqlReader {
  struct Script {
    Analysis analysis{.statements = 1, .only_reads = true};
    std::string tree = "SelectWithUnionQuery (children 1)\n ExpressionList\n";
    std::vector<std::string> pieces;
    std::optional<Error> error;  // after the pieces
    SqlStatistics statistics;
  };
  explicit FakeReader(Script script) : script_(std::move(script)) {}

  Result<Analysis> Analyse(std::string_view) override { return script_.analysis; }
  Result<std::string> Canonical(std::string_view sql) override { return std::string(sql); }
  Result<std::string> SyntaxTree(std::string_view, std::span<const SqlParameter>) override {
    return script_.tree;
  }
  Result<SqlStatistics> Stream(const Run&, const std::function<bool(std::string_view)>& take) override {
    for (const std::string& piece : script_.pieces) {
      if (!take(piece)) return script_.statistics;
    }
    if (script_.error) return std::unexpected(*script_.error);
    return script_.statistics;
  }

 private:
  const Script script_;
};

class FakeEngine final : public Engine {
 public:
  void Answer(const Rows& rows) { answers_.emplace_back(QueryResult{.bytes = rows.bytes()}); }
  void AnswerError(Error error) { answers_.emplace_back(std::unexpected(std::move(error))); }

  Status Insert(BlockKind, std::span<const std::string_view>, std::string_view) override { return {}; }
  Status Execute(const std::string&) override { return {}; }
  Result<QueryResult> Query(const QueryRequest& request) override {
    asked.push_back(request);
    if (answers_.empty()) return QueryResult{};
    Result<QueryResult> answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  Result<std::unique_ptr<SqlReader>> OpenReader(const SqlReaderLimits& limits) override {
    reader_limits = limits;
    return std::make_unique<FakeReader>(reader);
  }

  std::vector<QueryRequest> asked;
  FakeReader::Script reader;
  SqlReaderLimits reader_limits;  // of the last one

 private:
  std::deque<Result<QueryResult>> answers_;
};

// "name=value name=value", in the order of the statement.
inline std::string ParametersOf(const QueryRequest& request) {
  std::string text;
  for (const QueryParameter& parameter : request.parameters) {
    text += (text.empty() ? "" : " ") + parameter.name + "=" + parameter.value;
  }
  return text;
}

}  // namespace telltale
