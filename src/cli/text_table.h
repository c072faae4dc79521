// Rows under headings, in columns as wide as their content, fitted to the terminal.
//
//   TextTable table({{.title = "model", .width_min = 8}, {.title = "cost", .is_number = true}});
//   table.Add({{{"gpt-4o"}, {"$0.0035"}}});
//   table.Print(terminal);
//
// Where the terminal is too narrow, columns that may be left out are, then columns with a
// width_min are cut with an ellipsis, the widest first; the others never, and none where
// there is no terminal.
//
// Ownership      Holds its rows until they are printed.
// Thread safety  One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace telltale {

struct TextColumn {
  std::string title;
  bool is_number = false;  // stands at the right
  int width_min = 0;       // may be cut to so much; 0: never cut
  int leave_out = 0;       // 1 is left out first, then 2 ...; 0: never
};

struct TextCell {
  std::string text;  // safe to print
  Ink ink = Ink::kPlain;
  std::string mark = {};  // stands behind the text and is never cut
};

struct TextRow {
  std::vector<TextCell> cells;
  std::string below = {};       // a line of its own under the row, dim; empty: none
  std::string below_more = {};  // behind it, cut where there is no room
};

class TextTable {
 public:
  // `below_title` stands over what is below the rows; empty: nothing is.
  explicit TextTable(std::vector<TextColumn> columns, std::string below_title = {});

  void Add(TextRow row);

  // The columns that the table takes with all of its columns, each cut as far as it may be.
  int WidthMin(const Terminal& terminal) const;
  // The titles of the columns that Print leaves out, in their order.
  std::vector<std::string> LeftOut(const Terminal& terminal) const;
  void Print(Terminal& terminal) const;

 private:
  // A width for each column; -1: left out.
  std::vector<int> Fit(const Terminal& terminal) const;
  void PrintRow(const std::vector<TextCell>& cells, const std::vector<int>& widths, Terminal& terminal) const;

  std::vector<TextColumn> columns_;
  std::string below_title_;
  std::vector<int> widths_;  // what the content needs
  std::vector<TextRow> rows_;
};

// "left out: p95, ttft; ..." on stderr, where `table` leaves columns out that --csv and --json have.
void SayWhatIsLeftOut(const TextTable& table, Terminal& terminal);

}  // namespace telltale
