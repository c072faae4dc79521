#include <algorithm>
#include <string>
#include <utility>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "cli/trace_query.h"
#include "cli/trace_table.h"
#include "cli/traceql/query_argument.h"
#include "cli/traceql/series_answer.h"
#include "cli/traceql/series_table.h"

namespace telltale {
namespace {

// What the API gives at most in one answer.
constexpr uint64_t kPageSizeMax = 1000;

// Up to options.limit traces; `next` is set where the server has more.
Result<ListedTraces> AskForTraces(const TracesOptions& options, uint64_t now) {
  const ApiClient api(options.server);
  TELLTALE_ASSIGN_OR_RETURN(QueryText filter, FilterQuery(options.filter));
  filter.Add("q", options.query);
  TELLTALE_ASSIGN_OR_RETURN(const std::string start, StartOfSince(options.since, now));
  ListedTraces all;
  do {
    QueryText query = filter;
    query.Add("start", start).Add("cursor", all.next);
    query.Add("limit", std::to_string(std::min(options.limit - all.items.size(), kPageSizeMax)));
    TELLTALE_ASSIGN_OR_RETURN(ListedTraces page, ListTraces(api, query));
    std::ranges::move(page.items, std::back_inserter(all.items));
    // A page of a query whose matches are rare may be empty, and not the last.
    all.next = std::move(page.next);
  } while (!all.next.empty() && all.items.size() < options.limit);
  return all;
}

void PrintJson(const ListedTraces& traces, Terminal& terminal) {
  terminal.out << '[';
  for (size_t i = 0; i < traces.items.size(); ++i) {
    terminal.out << (i > 0 ? ",\n" : "\n") << traces.items[i].json;
  }
  terminal.out << (traces.items.empty() ? "]\n" : "\n]\n");
}

void PrintTable(const TracesOptions& options, const ListedTraces& traces, uint64_t now, Terminal& terminal) {
  if (traces.items.empty()) {
    terminal.err << "no traces match since " << Printable(options.since) << '\n'
                 << "hint: --since 7d looks further back; telltale doctor finds out why none arrive\n";
    return;
  }
  TraceTable table(TraceTable::Fit(traces.items, now), terminal);
  table.PrintHeader();
  for (const ListedTrace& trace : traces.items) table.PrintRow(trace);
  if (const std::string note = LeftOutNote(traces.items); !note.empty()) terminal.err << note << '\n';
  if (!traces.next.empty()) {
    terminal.err << "these are the newest " << traces.items.size() << "; --limit shows more\n";
  }
}

// What a query with a metric at its end answers.
int RunSeries(const TracesOptions& options, uint64_t now, Terminal& terminal) {
  if (options.filter != TraceFilter{}) {
    return ReportError(
        {ErrorCode::kInvalidInput, "ask for series: a flag says which traces",
         "say it in the query: { resource.service.name = \"shop\" && status = error } | rate()"},
        terminal);
  }
  const auto start = StartOfSince(options.since, now);
  if (!start) return ReportError(start.error(), terminal);
  QueryText query;
  query.Add("q", options.query).Add("start", *start);
  if (!options.step.empty()) query.Add("step", options.step);
  const auto body = ApiClient(options.server).Get("/api/v1/series" + query.Text());
  if (!body) return ReportError(body.error(), terminal);
  if (options.json) {
    terminal.out << *body << '\n';
    return kExitOk;
  }
  const auto answer = ReadSeriesUntrusted(*body);
  if (!answer) return ReportError(answer.error(), terminal);
  if (options.csv) {
    terminal.out << SeriesCsv(*answer);
  } else if (answer->series.empty()) {
    terminal.err << "no spans match since " << Printable(options.since) << '\n'
                 << "hint: --since 7d looks further back\n";
  } else {
    PrintSeries(*answer, terminal);
  }
  return kExitOk;
}

}  // namespace

int RunTraces(const TracesOptions& options, Terminal& terminal) {
  if (options.limit == 0 || (options.json && options.csv)) {
    const std::string what = options.limit == 0 ? "read --limit: 0: it must be at least 1"
                                                : "choose a form: --json and --csv: only one can be printed";
    return ReportError({ErrorCode::kInvalidInput, what, ""}, terminal);
  }
  const auto query = ReadQueryArgument(options.query, terminal);
  if (!query) return kExitUsage;
  const uint64_t now = Clock::System()->UnixNanos();
  if (query->is_metric) return RunSeries(options, now, terminal);
  if (!options.step.empty()) {
    return ReportError({ErrorCode::kInvalidInput, "read --step: only series over time have steps",
                        "end the query with a metric: { ... } | rate()"},
                       terminal);
  }
  const auto traces = AskForTraces(options, now);
  if (!traces) return ReportError(traces.error(), terminal);
  if (options.json) {
    PrintJson(*traces, terminal);
  } else if (options.csv) {
    terminal.out << TracesCsv(traces->items);
  } else {
    PrintTable(options, *traces, now, terminal);
  }
  return kExitOk;
}

}  // namespace telltale
