// Series over time as a table: labels, the least, the most and the last value, and a curve.
//
//   PrintSeries(answer, terminal);
//   terminal.out << SeriesCsv(answer);      // a line for every step and series
//
// Thread safety  One thread at a time per terminal.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "cli/traceql/series_answer.h"

namespace telltale {

void PrintSeries(const ShownSeriesSet& answer, Terminal& terminal);
std::string SeriesCsv(const ShownSeriesSet& answer);

// One character for each part of the range, at most `width` of them: as high as the largest
// value of that part; a space where there is none.
std::string Curve(const std::vector<std::optional<double>>& values, size_t width);

}  // namespace telltale
