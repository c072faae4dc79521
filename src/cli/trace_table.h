// Traces as lines of a table that fits the terminal, or as CSV.
//
//   TraceTable table(TraceTable::Fit(page.items, now), terminal);
//   table.PrintHeader();
//   for (const ListedTrace& trace : page.items) table.PrintRow(trace);
//
// Tokens and cost are shown where a trace has model calls; a sum that leaves calls out,
// for they have no price or tell no usage, ends in a +. Where that leaves too little for
// names, the trace id has a line of its own, with the service where that alone does not do.
//
// Trace ids are always whole; services and names are cut with an ellipsis where the
// terminal is too narrow, and never where there is none.
//
// Thread safety  One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/api_answers.h"
#include "cli/terminal.h"

namespace telltale {

class TraceTable {
 public:
  struct Content {
    int service_width = 0;  // what the columns would need
    int name_width = 0;
    int tokens_width = 0;  // 0: no trace has calls
    int cost_width = 0;
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
  // The columns that only traces with calls have; empty where none are shown.
  std::string Calls(std::string_view tokens, std::string_view cost) const;
  std::string Below(std::string_view trace_id, std::string_view service) const;
  // The width that is left for the name, and for the service where it stands before it.
  int Left() const;
  void MakeRoom(bool grows);

  Terminal& terminal_;
  const bool with_date_;
  std::string gap_ = "  ";
  int service_width_ = 0;
  int name_width_ = 0;
  int tokens_width_ = 0;
  int cost_width_ = 0;
  bool id_below_ = false;
  bool service_below_ = false;
};

// One line on what the + behind a sum leaves out; empty where no sum leaves anything out.
std::string LeftOutNote(const std::vector<ListedTrace>& traces);

// RFC 4180: a header, then a line a trace, CRLF at each end.
std::string TracesCsv(const std::vector<ListedTrace>& traces);

}  // namespace telltale
