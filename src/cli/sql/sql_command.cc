#include <cmath>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/sql/sql_answer.h"
#include "cli/text.h"
#include "cli/text_table.h"
#include "json/writer.h"

namespace telltale {
namespace {

constexpr int kTextWidthMin = 8;
// How much longer than the statement may take we wait for its answer.
constexpr int kPatienceMs = 10'000;

std::string BodyOf(const SqlOptions& options, const std::string& query) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("query").String(query);
  json.Key("limit").Uint(options.limit);
  json.Key("timeout_seconds").Double(options.timeout_seconds);
  json.EndObject();
  return body;
}

void PrintRows(const SqlRows& answer, Terminal& terminal) {
  std::vector<TextColumn> columns;
  for (const SqlRows::Column& column : answer.columns) {
    columns.push_back({.title = Printable(column.name),
                       .is_number = column.is_number,
                       .width_min = column.is_number ? 0 : kTextWidthMin});
  }
  TextTable table(std::move(columns));
  for (const auto& row : answer.rows) {
    std::vector<TextCell> cells;
    for (const auto& value : row)
      cells.push_back(value ? TextCell{.text = Printable(*value)}
                            : TextCell{.text = "NULL", .ink = Ink::kDim});
    table.Add({.cells = std::move(cells)});
  }
  table.Print(terminal);
}

void PrintCsv(const SqlRows& answer, Terminal& terminal) {
  std::vector<std::string> fields;
  for (const SqlRows::Column& column : answer.columns) fields.push_back(CsvField(column.name));
  terminal.out << CsvLine(fields);
  for (const auto& row : answer.rows) {
    fields.clear();
    for (const auto& value : row) fields.push_back(CsvField(value.value_or("")));
    terminal.out << CsvLine(fields);
  }
}

void SayHowItWent(const SqlRows& answer, Terminal& terminal) {
  terminal.err << Plural(answer.rows.size(), "row") << " in "
               << FormatDuration(static_cast<uint64_t>(answer.elapsed_seconds * 1e9)) << ", "
               << Plural(answer.rows_read, "row") << " read\n";
  if (answer.truncated) terminal.err << "there are more rows: --limit shows more\n";
}

Status Ask(const SqlOptions& options, std::istream& in, Terminal& terminal) {
  const std::string query =
      options.query == "-" ? std::string(std::istreambuf_iterator<char>(in), {}) : options.query;
  const ApiClient api(options.server, static_cast<int>(options.timeout_seconds * 1000) + kPatienceMs);
  TELLTALE_ASSIGN_OR_RETURN(const std::string body, api.PostJson("/api/v1/sql", BodyOf(options, query)));
  if (options.json) {
    terminal.out << body << '\n';
    return {};
  }
  TELLTALE_ASSIGN_OR_RETURN(const SqlRows answer, ReadSqlRowsUntrusted(body));
  if (options.csv) {
    PrintCsv(answer, terminal);
    if (answer.truncated) terminal.err << "there are more rows: --limit shows more\n";
  } else {
    PrintRows(answer, terminal);
    SayHowItWent(answer, terminal);
  }
  return {};
}

Status ShowSchema(const SqlOptions& options, Terminal& terminal) {
  const ApiClient api(options.server);
  TELLTALE_ASSIGN_OR_RETURN(const std::string body, api.Get("/api/v1/sql/schema"));
  if (options.json) {
    terminal.out << body << '\n';
    return {};
  }
  TELLTALE_ASSIGN_OR_RETURN(const std::vector<SqlTable> tables, ReadSqlSchemaUntrusted(body));
  bool is_first = true;
  for (const SqlTable& table : tables) {
    terminal.out << (std::exchange(is_first, false) ? "" : "\n")
                 << terminal.Paint(Ink::kBold, Printable(table.name)) << "  " << Printable(table.about)
                 << "\n\n";
    TextTable columns({{.title = "column"},
                       {.title = "type", .width_min = kTextWidthMin},
                       {.title = "what it is", .width_min = kTextWidthMin}});
    for (const SqlTable::Column& column : table.columns)
      columns.Add({.cells = {{Printable(column.name)}, {Printable(column.type)}, {Printable(column.about)}}});
    columns.Print(terminal);
  }
  return {};
}

}  // namespace

int RunSql(const SqlOptions& options, std::istream& in, Terminal& terminal) {
  const char* wrong = nullptr;
  if (options.json && options.csv) wrong = "choose a form: --json and --csv: only one can be printed";
  if (options.schema && options.csv) wrong = "choose a form: --schema has no --csv";
  if (!std::isfinite(options.timeout_seconds) || options.timeout_seconds <= 0 ||
      options.timeout_seconds > 300)
    wrong = "read --timeout: it must be above 0 and up to 300 seconds";
  if (wrong != nullptr) return ReportError({ErrorCode::kInvalidInput, wrong, ""}, terminal);
  const Status done = options.schema ? ShowSchema(options, terminal) : Ask(options, in, terminal);
  return done ? kExitOk : ReportError(done.error(), terminal);
}

}  // namespace telltale
