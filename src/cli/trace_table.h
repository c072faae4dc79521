// Traces as lines of a table that fits the terminal, or as CSV.
//
//   TraceTable table(TraceTable::Fit(page.items, now), terminal);
//   table.PrintHeader();
//   for (const ListedTrace& trace : page.items) table.PrintRow(trace);
//
// Trace ids are always whole; services and names are cut with an ellipsis where the
// terminal is too narrow, and never where there is none.
//
// Thread safety  One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/api_answers.h"
#include "cli/terminal.h"

namespace telltale {

class TraceTable {
 public:
  struct Content {
    int service_width = 0;  // what the columns would need
    int name_width = 0;
    bool with_date = false;
    bool grows = false;  // more rows may come: the name column takes all that is left
  };
  // What `traces` need; the date is shown where one is not of the day of `now`.
  static Content Fit(const std::vector<ListedTrace>& traces, uint64_t now_unix_nanos);
  // For rows that are not known yet.
  static Content Unknown();

  TraceTable(const Content& content, Terminal& terminal);

  void PrintHeader();
  void PrintRow(const ListedTrace& trace);

 private:
  std::string Service(const ListedTrace& trace) const;
  std::string Name(const ListedTrace& trace) const;

  Terminal& terminal_;
  const bool with_date_;
  std::string gap_ = "  ";
  int service_width_ = 0;
  int name_width_ = 0;
};

// RFC 4180: a header, then a line a trace, CRLF at each end.
std::string TracesCsv(const std::vector<ListedTrace>& traces);

}  // namespace telltale
