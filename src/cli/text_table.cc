#include "cli/text_table.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/text.h"

namespace telltale {
namespace {

// From here on two spaces between columns leave enough for names.
constexpr int kWidthForWideGaps = 110;
constexpr std::string_view kIndent = "  ";
constexpr int kLeftOut = -1;

std::string_view GapOf(const Terminal& terminal) {
  return terminal.width > 0 && terminal.width < kWidthForWideGaps ? " " : "  ";
}

// Of a row of columns of these widths.
int RowWidth(const std::vector<int>& widths, const Terminal& terminal) {
  int width = 0;
  int shown = 0;
  for (const int column : widths) {
    if (column == kLeftOut) continue;
    width += column;
    ++shown;
  }
  return width + std::max(shown - 1, 0) * static_cast<int>(GapOf(terminal).size());
}

int CellWidth(const TextCell& cell) {
  return DisplayWidth(cell.text) + DisplayWidth(cell.mark);
}

// The text is cut, the mark is not.
std::string CellText(const TextCell& cell, int width) {
  return CutToWidth(cell.text, width - DisplayWidth(cell.mark)) + cell.mark;
}

std::string BelowText(const TextRow& row, const Terminal& terminal) {
  const std::string below = terminal.Paint(Ink::kDim, row.below);
  if (row.below_more.empty()) return below;
  const std::string gap = "  ";
  if (terminal.width == 0) return below + gap + terminal.Paint(Ink::kDim, row.below_more);
  const int left =
      terminal.width - DisplayWidth(kIndent) - DisplayWidth(row.below) - static_cast<int>(gap.size());
  if (left <= 0) return below;
  return below + gap + terminal.Paint(Ink::kDim, CutToWidth(row.below_more, left));
}

}  // namespace

TextTable::TextTable(std::vector<TextColumn> columns, std::string below_title)
    : columns_(std::move(columns)), below_title_(std::move(below_title)) {
  for (const TextColumn& column : columns_) widths_.push_back(DisplayWidth(column.title));
}

void TextTable::Add(TextRow row) {
  row.cells.resize(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    widths_[i] = std::max(widths_[i], CellWidth(row.cells[i]));
  }
  rows_.push_back(std::move(row));
}

int TextTable::WidthMin(const Terminal& terminal) const {
  std::vector<int> widths = widths_;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].width_min > 0) widths[i] = std::min(widths[i], columns_[i].width_min);
  }
  return RowWidth(widths, terminal);
}

std::vector<int> TextTable::Fit(const Terminal& terminal) const {
  std::vector<int> widths = widths_;
  if (terminal.width == 0) return widths;
  // Columns of one number go together.
  for (int turn = 1; turn <= static_cast<int>(columns_.size()); ++turn) {
    if (RowWidth(widths, terminal) <= terminal.width) return widths;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].leave_out == turn) widths[i] = kLeftOut;
    }
  }
  for (int over = RowWidth(widths, terminal) - terminal.width; over > 0; --over) {
    size_t widest = widths.size();
    for (size_t i = 0; i < widths.size(); ++i) {
      const int least = columns_[i].width_min;
      if (least == 0 || widths[i] <= least) continue;
      if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == widths.size()) break;
    --widths[widest];
  }
  return widths;
}

std::vector<std::string> TextTable::LeftOut(const Terminal& terminal) const {
  const std::vector<int> widths = Fit(terminal);
  std::vector<std::string> titles;
  for (size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] == kLeftOut) titles.push_back(columns_[i].title);
  }
  return titles;
}

void TextTable::PrintRow(const std::vector<TextCell>& cells, const std::vector<int>& widths,
                         Terminal& terminal) const {
  std::string line;
  size_t blanks = 0;  // behind the last text
  bool is_first = true;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == kLeftOut) continue;
    if (!std::exchange(is_first, false)) blanks += GapOf(terminal).size();
    const std::string text = CellText(cells[i], widths[i]);
    const size_t padding = static_cast<size_t>(std::max(widths[i] - DisplayWidth(text), 0));
    if (columns_[i].is_number) blanks += padding;
    if (!text.empty()) {
      line.append(std::exchange(blanks, 0), ' ');
      line += terminal.Paint(cells[i].ink, text);
    }
    if (!columns_[i].is_number) blanks += padding;
  }
  terminal.out << line << '\n';
}

void TextTable::Print(Terminal& terminal) const {
  const std::vector<int> widths = Fit(terminal);
  std::vector<TextCell> titles;
  for (const TextColumn& column : columns_) titles.push_back({column.title, Ink::kDim});
  PrintRow(titles, widths, terminal);
  if (!below_title_.empty()) terminal.out << kIndent << terminal.Paint(Ink::kDim, below_title_) << '\n';
  for (const TextRow& row : rows_) {
    PrintRow(row.cells, widths, terminal);
    if (!row.below.empty()) terminal.out << kIndent << BelowText(row, terminal) << '\n';
  }
}

void SayWhatIsLeftOut(const TextTable& table, Terminal& terminal) {
  std::string titles;
  for (const std::string& title : table.LeftOut(terminal)) {
    if (!title.empty()) titles += (titles.empty() ? "" : ", ") + title;
  }
  if (titles.empty()) return;
  terminal.err << "no room for " << titles << ": a wider terminal or --csv shows it\n";
}

}  // namespace telltale
