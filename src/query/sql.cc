#include "query/sql.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/counters.h"
#include "json/tree.h"
#include "query/sql_ast.h"
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

template <typename T>
Result<T> Said(std::string_view what, Result<T> result) {
  if (result) return result;
  return std::unexpected(SayEngineErrorUntrusted(result.error(), what));
}

constexpr std::string_view kCheck = "check the statement";
constexpr std::string_view kAnswer = "answer the statement";

}  // namespace

Result<std::shared_ptr<const Sql::Names>> Sql::Functions() {
  {
    MutexLock lock(mu_);
    if (functions_ != nullptr) return functions_;
  }
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result,
                            engine_.Query({.sql = "SELECT lower(name) FROM system.functions"}));
  auto names = std::make_shared<Names>();
  for (RowReader rows(result.bytes); !rows.done();) names->emplace(rows.String());
  if (names->empty()) return Fail(ErrorCode::kInternal, "list the engine's functions: it named none");
  MutexLock lock(mu_);
  functions_ = std::move(names);
  return functions_;
}

// The first two gates. Gives what is to run: the statement in brackets, which nothing that belongs
// to the end of a statement can stand in, such as FORMAT.
Result<std::string> Sql::Admit(SqlReader& reader, const std::string& given) {
  if (given.size() > kSqlTextBytesMax)
    return Refuse("it has more than " + std::to_string(kSqlTextBytesMax) + " bytes");
  if (given.contains('\0')) return Refuse("it has a zero byte");
  const std::string text(WithoutEnd(given));
  if (text.empty()) return Refuse("it is empty", "SELECT service, count() FROM spans GROUP BY service");
  TELLTALE_ASSIGN_OR_RETURN(const auto functions, Functions());

  TELLTALE_ASSIGN_OR_RETURN(const SqlReader::Analysis as_given, reader.Analyse(text));
  if (as_given.statements == 0) {
    if (const auto spelled = Said(kCheck, reader.Canonical(text)); !spelled) return spelled;
    return Refuse(kOnlySelect, kSchemaHint);
  }
  if (as_given.statements > 1) return Refuse("it is more than one statement", "send them one by one");
  if (!as_given.only_reads) return Refuse(kOnlySelect, kSchemaHint);
  std::string statement = "(" + text + "\n)";
  TELLTALE_ASSIGN_OR_RETURN(const SqlReader::Analysis in_brackets, reader.Analyse(statement));
  if (in_brackets.statements != 1 || !in_brackets.only_reads) return Refuse(kOnlySelect, kSchemaHint);

  TELLTALE_ASSIGN_OR_RETURN(const std::string canonical, Said(kCheck, reader.Canonical(statement)));
  TELLTALE_RETURN_IF_ERROR(CheckNamesUntrusted(canonical));
  TELLTALE_ASSIGN_OR_RETURN(const std::string tree, Said(kCheck, reader.SyntaxTree(statement)));
  TELLTALE_RETURN_IF_ERROR(CheckSyntaxTreeUntrusted(tree, *functions));
  return statement;
}

Result<SqlAnswer> Sql::Ask(const SqlQuestion& question) {
  {
    MutexLock lock(mu_);
    if (running_ >= kSqlStatementsMax) {
      return Fail(ErrorCode::kUnavailable,
                  "answer the statement: " + std::to_string(kSqlStatementsMax) + " others are running",
                  "try again when one has ended");
    }
    ++running_;
  }
  struct Turn {
    ~Turn() {
      MutexLock lock(sql.mu_);
      --sql.running_;
    }
    Sql& sql;
  } const turn{*this};

  TELLTALE_ASSIGN_OR_RETURN(const std::unique_ptr<SqlReader> reader,
                            engine_.OpenReader({.seconds_max = question.seconds_max,
                                                .rows_max = question.rows_max + 1,
                                                .cancelled = question.cancelled}));
  const Result<std::string> statement = Admit(*reader, question.text);
  if (!statement) {
    if (statement.error().code == ErrorCode::kInvalidInput) Count(Counter::kSqlStatementsRefused);
    return std::unexpected(statement.error());
  }
  SqlAnswer answer;
  Collector collector(question, answer);
  TELLTALE_ASSIGN_OR_RETURN(answer.statistics,
                            Said(kAnswer, reader->Stream(*statement, kFormat, [&](std::string_view piece) {
                              return collector.Take(piece);
                            })));
  TELLTALE_RETURN_IF_ERROR(collector.Finish());
  return answer;
}

}  // namespace telltale
