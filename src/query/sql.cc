#include "query/sql.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/counters.h"
#include "json/tree.h"
#include "query/sql_ast.h"
#include "query/sql_dialect.h"
#include "query/sql_error.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

// The first line of each piece names the columns, the second their types.
constexpr std::string_view kFormat = "JSONCompactEachRowWithNamesAndTypes";

constexpr std::string_view kOnlySelect =
    "only a SELECT may stand here: without FORMAT, INTO OUTFILE and SETTINGS";

constexpr std::string_view kSchemaHint =
    "what there is to select from: telltale sql --schema, or GET /api/v1/sql/schema";

std::unexpected<Error> Refuse(std::string_view why, std::string_view hint = {}) {
  return Fail(ErrorCode::kInvalidInput, "check the statement: " + std::string(why), std::string(hint));
}

std::string_view WithoutEnd(std::string_view text) {
  const size_t last = text.find_last_not_of(" \t\r\n;");
  return text.substr(0, last == text.npos ? 0 : last + 1);
}

std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

Result<std::vector<std::string>> ReadTexts(std::string_view json) {
  JsonTree tree;
  if (!tree.ParseUntrusted(json) || !tree.root().is_array())
    return Fail(ErrorCode::kInternal, "read the engine's answer: no list of columns");
  std::vector<std::string> texts;
  Arena arena;
  for (const JsonValue item : tree.root().items()) texts.emplace_back(item.Text(arena));
  return texts;
}

// Takes pieces of the engine's answer until the limits.
class Collector {
 public:
  Collector(const SqlQuestion& question, SqlAnswer& answer) : question_(question), answer_(answer) {}

  bool Take(std::string_view piece) {
    const std::string_view names = TakeLine(piece);
    const std::string_view types = TakeLine(piece);
    if (names_.empty()) {
      names_ = names;
      types_ = types;
    }
    while (!piece.empty()) {
      if (!TakeRow(TakeLine(piece))) return false;
    }
    return true;
  }

  Status Finish() {
    if (names_.empty()) return Fail(ErrorCode::kInternal, "read the engine's answer: it is empty");
    TELLTALE_ASSIGN_OR_RETURN(std::vector<std::string> names, ReadTexts(names_));
    TELLTALE_ASSIGN_OR_RETURN(std::vector<std::string> types, ReadTexts(types_));
    types.resize(names.size());
    for (size_t i = 0; i < names.size(); ++i)
      answer_.columns.push_back({.name = std::move(names[i]), .type = std::move(types[i])});
    return {};
  }

 private:
  bool TakeRow(std::string_view row) {
    if (answer_.row_count == question_.rows_max || answer_.rows.size() + row.size() > question_.bytes_max) {
      answer_.truncated = true;
      return false;
    }
    if (answer_.row_count++ > 0) answer_.rows += ',';
    answer_.rows += row;
    return true;
  }

  const SqlQuestion& question_;
  SqlAnswer& answer_;
  std::string names_;
  std::string types_;
};

// Also notes the engine's number for the error, where somebody asks for it.
template <typename T>
Result<T> Said(std::string_view what, Result<T> result, SqlFault* fault = nullptr) {
  if (result) return result;
  if (fault != nullptr) {
    const EngineErrorCode code = ReadEngineErrorCodeUntrusted(result.error().message);
    fault->number = code.number;
    fault->name = code.name;
  }
  return std::unexpected(SayEngineErrorUntrusted(result.error(), what));
}

// Cuts one document of lines, whose pieces end anywhere, into pieces as the embedded engine makes them: with
// the two lines of the head before whole lines.
class WholeLines {
 public:
  explicit WholeLines(std::function<bool(std::string_view)> take) : take_(std::move(take)) {}

  bool Take(std::string_view piece) {
    waiting_ += piece;
    if (head_.empty()) {
      const size_t first = waiting_.find('\n');
      const size_t second = first == waiting_.npos ? first : waiting_.find('\n', first + 1);
      if (second == waiting_.npos) return true;
      head_ = waiting_.substr(0, second + 1);
      waiting_.erase(0, second + 1);
    }
    const size_t end = waiting_.rfind('\n');
    if (end == waiting_.npos && headed_) return true;
    headed_ = true;
    const size_t size = end == waiting_.npos ? 0 : end + 1;
    const bool wanted = take_(head_ + waiting_.substr(0, size));
    waiting_.erase(0, size);
    return wanted;
  }

 private:
  const std::function<bool(std::string_view)> take_;
  std::string head_;
  std::string waiting_;
  bool headed_ = false;
};

// Of an error that is ours, what the engine would have called it.
void NameFault(SqlFault& fault) {
  const auto name = [&](int number, std::string_view text) {
    fault.number = number;
    fault.name = text;
  };
  switch (fault.error.code) {
    case ErrorCode::kInvalidInput:
      if (fault.error.message.contains(kOnlySelect)) return name(164, "READONLY");
      return name(497, "ACCESS_DENIED");
    case ErrorCode::kNotFound:
      return name(60, "UNKNOWN_TABLE");
    case ErrorCode::kUnavailable:
      return name(202, "TOO_MANY_SIMULTANEOUS_QUERIES");
    case ErrorCode::kOverLimit:
      return name(396, "TOO_MANY_ROWS_OR_BYTES");
    default:
      return name(49, "LOGICAL_ERROR");
  }
}

constexpr std::string_view kCheck = "check the statement";
constexpr std::string_view kAnswer = "answer the statement";

}  // namespace

// One of the statements that may run at a time.
class Sql::Turn {
 public:
  static Result<std::unique_ptr<Turn>> Take(Sql& sql) {
    MutexLock lock(sql.mu_);
    if (sql.running_ >= sql.statements_max_) {
      return Fail(ErrorCode::kUnavailable,
                  "answer the statement: " + std::to_string(sql.statements_max_) + " others are running",
                  "try again when one has ended");
    }
    ++sql.running_;
    return std::make_unique<Turn>(sql);
  }
  explicit Turn(Sql& sql) : sql_(sql) {}
  ~Turn() {
    MutexLock lock(sql_.mu_);
    --sql_.running_;
  }
  Turn(const Turn&) = delete;

 private:
  Sql& sql_;
};

Result<std::shared_ptr<const Sql::Facts>> Sql::EngineFacts() {
  {
    MutexLock lock(mu_);
    if (facts_ != nullptr) return facts_;
  }
  TELLTALE_ASSIGN_OR_RETURN(
      const QueryResult result,
      engine_.Query({.sql = "SELECT version() AS text UNION ALL SELECT lower(name) FROM system.functions"}));
  auto facts = std::make_shared<Facts>();
  for (RowReader rows(result.bytes); !rows.done();) {
    const std::string_view text = rows.String();
    // A version has points in it, a name has none.
    if (text.contains('.')) {
      facts->version = text;
    } else {
      facts->functions.emplace(text);
    }
  }
  if (facts->functions.empty())
    return Fail(ErrorCode::kInternal, "list the engine's functions: it named none");
  MutexLock lock(mu_);
  facts_ = std::move(facts);
  return facts_;
}

// The first two gates. Gives what is to run: the statement in brackets, which nothing that belongs
// to the end of a statement can stand in, such as FORMAT.
Result<std::string> Sql::Admit(SqlReader& reader, const std::string& given,
                               std::span<const SqlParameter> parameters, SqlFault* fault) {
  if (given.size() > kSqlTextBytesMax)
    return Refuse("it has more than " + std::to_string(kSqlTextBytesMax) + " bytes");
  if (given.contains('\0')) return Refuse("it has a zero byte");
  const std::string text(WithoutEnd(given));
  if (text.empty()) return Refuse("it is empty", "SELECT service, count() FROM spans GROUP BY service");
  TELLTALE_ASSIGN_OR_RETURN(const auto facts, EngineFacts());

  TELLTALE_ASSIGN_OR_RETURN(const SqlReader::Analysis as_given, reader.Analyse(text));
  if (as_given.statements == 0) {
    if (const auto spelled = Said(kCheck, reader.Canonical(text), fault); !spelled) return spelled;
    return Refuse(kOnlySelect, kSchemaHint);
  }
  if (as_given.statements > 1) return Refuse("it is more than one statement", "send them one by one");
  if (!as_given.only_reads) return Refuse(kOnlySelect, kSchemaHint);
  std::string statement = "(" + text + "\n)";
  TELLTALE_ASSIGN_OR_RETURN(const SqlReader::Analysis in_brackets, reader.Analyse(statement));
  if (in_brackets.statements != 1 || !in_brackets.only_reads) return Refuse(kOnlySelect, kSchemaHint);

  TELLTALE_ASSIGN_OR_RETURN(const std::string canonical, Said(kCheck, reader.Canonical(statement), fault));
  TELLTALE_RETURN_IF_ERROR(CheckNamesUntrusted(canonical));
  TELLTALE_ASSIGN_OR_RETURN(const std::string tree,
                            Said(kCheck, reader.SyntaxTree(statement, parameters), fault));
  TELLTALE_RETURN_IF_ERROR(CheckSyntaxTreeUntrusted(tree, facts->functions));
  return statement;
}

Result<SqlAnswer> Sql::Ask(const SqlQuestion& question) {
  TELLTALE_ASSIGN_OR_RETURN(const std::unique_ptr<Turn> turn, Turn::Take(*this));
  TELLTALE_ASSIGN_OR_RETURN(const std::unique_ptr<SqlReader> reader,
                            engine_.OpenReader({.seconds_max = question.seconds_max,
                                                .rows_max = question.rows_max + 1,
                                                .cancelled = question.cancelled}));
  const Result<std::string> statement = Admit(*reader, question.text, {}, nullptr);
  if (!statement) {
    if (statement.error().code == ErrorCode::kInvalidInput) Count(Counter::kSqlStatementsRefused);
    return std::unexpected(statement.error());
  }
  SqlAnswer answer;
  Collector collector(question, answer);
  WholeLines lines([&](std::string_view piece) { return collector.Take(piece); });
  const bool in_one = reader->answers_in_one();
  TELLTALE_ASSIGN_OR_RETURN(
      answer.statistics,
      Said(kAnswer, reader->Stream({.sql = *statement, .format = kFormat}, [&](std::string_view piece) {
        return in_one ? lines.Take(piece) : collector.Take(piece);
      })));
  TELLTALE_RETURN_IF_ERROR(collector.Finish());
  return answer;
}

// What is run of a client's question.
struct Sql::Prepared {
  std::string statement;
  const SqlFormat* format = nullptr;
  bool whole = false;
};

Result<Sql::Prepared> Sql::Prepare(const SqlStreamQuestion& question, SqlFault& fault) {
  if (question.text.size() > kSqlTextBytesMax) {
    fault = {.error = {}, .number = 62, .name = "SYNTAX_ERROR"};
    return Refuse("it has more than " + std::to_string(kSqlTextBytesMax) + " bytes");
  }
  const std::string text(WithoutEnd(question.text));
  if (text.empty() || text.contains('\0')) {
    fault = {.error = {}, .number = 62, .name = "SYNTAX_ERROR"};
    return Refuse(text.empty() ? "it is empty" : "it has a zero byte");
  }
  // Of its own: how the answer is written is a matter of the connection that it runs on.
  TELLTALE_ASSIGN_OR_RETURN(const std::unique_ptr<SqlReader> reader,
                            engine_.OpenReader({.cancelled = question.cancelled}));
  TELLTALE_ASSIGN_OR_RETURN(const SqlReader::Analysis analysis, reader->Analyse(text));
  if (analysis.statements == 1 && !analysis.only_reads) return Refuse(kOnlySelect, kSchemaHint);
  TELLTALE_ASSIGN_OR_RETURN(const std::string canonical, Said(kCheck, reader->Canonical(text), &fault));
  TELLTALE_ASSIGN_OR_RETURN(const auto facts, EngineFacts());
  TELLTALE_ASSIGN_OR_RETURN(
      const ClientStatement statement,
      ReadClientStatementUntrusted(canonical, question.parameters, {.version = facts->version}));

  Prepared prepared;
  const std::string& name = statement.format.empty() ? question.default_format : statement.format;
  prepared.format = FindSqlFormat(name);
  if (prepared.format == nullptr) {
    fault = {.error = {}, .number = 73, .name = "UNKNOWN_FORMAT"};
    return Fail(ErrorCode::kInvalidInput, "Unknown format " + name.substr(0, 100),
                "docs/reference/clickhouse.md lists the formats");
  }
  prepared.whole = statement.has_totals || prepared.format->join == SqlFormat::Join::kWhole;
  TELLTALE_ASSIGN_OR_RETURN(prepared.statement, Admit(*reader, statement.sql, question.parameters, &fault));
  return prepared;
}

namespace {

// Of what a whole answer may be made of; Pretty shows so few rows that it needs no such limit.
void LimitWhole(const SqlFormat& format, std::vector<SqlSetting>& settings) {
  if (format.name.starts_with("Pretty") && format.name != "PrettyJSONEachRow") return;
  uint64_t bytes_max = kSqlWholeBytesMax;
  const auto given = std::ranges::find(settings, "max_result_bytes", &SqlSetting::name);
  if (given != settings.end()) {
    const uint64_t bytes = std::strtoull(given->value.c_str(), nullptr, 10);
    if (bytes > 0) bytes_max = std::min(bytes_max, bytes);
    settings.erase(given);
  }
  settings.push_back({.name = "max_result_bytes", .value = std::to_string(bytes_max)});
}

// Between the engine and the sink.
class Pieces {
 public:
  Pieces(const SqlFormat& format, bool whole, SqlSink& sink) : joiner_(format), whole_(whole), sink_(sink) {}

  bool Take(std::string_view piece) {
    if (whole_) return TakeWhole(piece);
    std::string joined;
    joined.reserve(piece.size() + 1);
    status_ = joiner_.Add(piece, joined);
    wanted_ = status_ && (joined.empty() || sink_.Write(std::move(joined)));
    return wanted_;
  }

  Status Finish(const SqlStatistics& statistics) {
    TELLTALE_RETURN_IF_ERROR(status_);
    std::string end;
    if (!whole_) joiner_.Finish(statistics, end);
    if (wanted_ && !end.empty()) sink_.Write(std::move(end));
    return {};
  }
  uint64_t rows() const { return joiner_.rows(); }

 private:
  bool TakeWhole(std::string_view piece) {
    constexpr size_t kPieceBytes = 256u << 10;
    for (; wanted_ && !piece.empty(); piece.remove_prefix(std::min(kPieceBytes, piece.size())))
      wanted_ = sink_.Write(std::string(piece.substr(0, kPieceBytes)));
    return wanted_;
  }

  SqlJoiner joiner_;
  const bool whole_;
  SqlSink& sink_;
  Status status_;
  bool wanted_ = true;
};

}  // namespace

Result<SqlStatistics> Sql::StreamPrepared(const SqlStreamQuestion& question, SqlSink& sink, SqlFault& fault) {
  TELLTALE_ASSIGN_OR_RETURN(const std::unique_ptr<Turn> turn, Turn::Take(*this));
  const Result<Prepared> prepared = Prepare(question, fault);
  if (!prepared) {
    if (prepared.error().code == ErrorCode::kInvalidInput) Count(Counter::kSqlStatementsRefused);
    return std::unexpected(prepared.error());
  }
  // As the server of this engine has it, where POST /api/v1/sql has another.
  std::vector<SqlSetting> settings = {
      {.name = "output_format_json_quote_64bit_integers", .value = "0"},
      {.name = "output_format_json_escape_forward_slashes", .value = "1"},
      {.name = "output_format_arrow_low_cardinality_as_dictionary", .value = "0"},
  };
  settings.insert(settings.end(), question.settings.begin(), question.settings.end());
  if (prepared->whole) LimitWhole(*prepared->format, settings);
  TELLTALE_ASSIGN_OR_RETURN(const std::unique_ptr<SqlReader> reader,
                            engine_.OpenReader({.seconds_max = question.seconds_max,
                                                .memory_bytes_max = question.memory_bytes_max,
                                                .settings = std::move(settings),
                                                .cancelled = question.cancelled}));
  sink.Begin(*prepared->format);
  Pieces pieces(*prepared->format, prepared->whole || reader->answers_in_one(), sink);
  TELLTALE_ASSIGN_OR_RETURN(SqlStatistics statistics,
                            Said(kAnswer,
                                 reader->Stream({.sql = prepared->statement,
                                                 .format = prepared->format->name,
                                                 .parameters = question.parameters,
                                                 .whole = prepared->whole},
                                                [&](std::string_view piece) { return pieces.Take(piece); }),
                                 &fault));
  TELLTALE_RETURN_IF_ERROR(pieces.Finish(statistics));
  statistics.rows_answered = pieces.rows();
  return statistics;
}

std::expected<SqlStatistics, SqlFault> Sql::Stream(const SqlStreamQuestion& question, SqlSink& sink) {
  SqlFault fault;
  auto streamed = StreamPrepared(question, sink, fault);
  if (streamed) return *streamed;
  fault.error = streamed.error();
  if (fault.number == 0) NameFault(fault);
  return std::unexpected(std::move(fault));
}

}  // namespace telltale
