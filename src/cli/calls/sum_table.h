// Sums over calls as one table with its total, or as CSV.
//
//   PrintSums({.keys = {"model"}, .rows = page.items, .total = total}, terminal);
//
// Thread safety  One thread at a time per terminal.
#pragma once

#include <string>
#include <vector>

#include "cli/api_answers.h"
#include "cli/terminal.h"

namespace telltale {

struct SumTable {
  std::vector<std::string> keys;  // what the rows are by
  bool has_steps = false;         // each row is of a step of time
  std::vector<CallSumsRow> rows;
  CallSumsRow total;  // over all rows that there are, shown or not
};

// A sum that leaves calls out, for they have no price or tell no usage, ends in a +;
// stderr says how many.
void PrintSums(const SumTable& table, Terminal& terminal);

// The same with what each row has of the whole cost, in percent and as a bar; of rows by time
// the bar is against the dearest one.
void PrintCosts(const SumTable& table, Terminal& terminal);

// RFC 4180, without the total. What is not known is empty.
std::string SumsCsv(const SumTable& table);

}  // namespace telltale
