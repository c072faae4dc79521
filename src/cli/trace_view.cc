#include "cli/trace_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "cli/calls/call_text.h"
#include "cli/span_facts.h"
#include "cli/span_tree.h"
#include "cli/text.h"

namespace telltale {
namespace {

constexpr int kDurationWidth = 8;
constexpr int kGap = 2;
constexpr int kNameWidthMin = 10;
constexpr int kServiceWidthMax = 24;
constexpr int kWidthOfNoTerminal = 120;
// Below this a bar would leave no room for names.
constexpr int kWidthForBar = 64;
constexpr size_t kIdsShownMax = 3;
constexpr std::string_view kErrorMark = " ERROR";

// [ tree and name .......... ][gap][ duration ][gap][ bar ]
struct Columns {
  int left = 0;
  int bar = 0;     // 0: none
  int total = 0;   // 0: nothing is cut
  int levels = 0;  // of tree lines; deeper rows say their depth instead

  explicit Columns(int width) : total(width) {
    const int drawn = width > 0 ? width : kWidthOfNoTerminal;
    bar = drawn >= kWidthForBar ? std::clamp(drawn / 4, 12, 40) : 0;
    left = drawn - kGap - kDurationWidth - (bar > 0 ? kGap + bar : 0);
    levels = std::max(3, left / 2 / 3);
  }
};

std::string Repeat(std::string_view piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

// Where [from, to] of the trace lies on `columns` columns: at least one is drawn.
std::string Bar(const ShownTrace& trace, const ShownSpan& span, int columns) {
  const double axis = std::max<double>(static_cast<double>(trace.duration_nano), 1);
  const double before = span.start_unix_nano > trace.start_unix_nano
                            ? static_cast<double>(span.start_unix_nano - trace.start_unix_nano)
                            : 0;
  const double until = before + static_cast<double>(span.duration_nanos());
  const int first = std::clamp(static_cast<int>(before / axis * columns), 0, columns - 1);
  const int last = std::clamp(static_cast<int>(std::lround(until / axis * columns)), first + 1, columns);
  return std::string(static_cast<size_t>(first), ' ') + Repeat("\xe2\x94\x81", last - first);
}

class TreeDrawing {
 public:
  TreeDrawing(const ShownTrace& trace, Terminal& terminal)
      : trace_(trace), terminal_(terminal), columns_(terminal.width) {}

  void Draw(const TreeRow& row) {
    is_last_.resize(static_cast<size_t>(row.depth) + 1);
    services_.resize(static_cast<size_t>(row.depth) + 1);
    is_last_.back() = row.is_last;
    if (row.folded > 0) {
      DrawFold(row);
    } else if (row.span == TreeRow::kNoSpan) {
      DrawHeading(row);
    } else {
      services_.back() = &trace_.spans[row.span].service;
      DrawSpan(row, trace_.spans[row.span]);
      DrawDetails(row, trace_.spans[row.span]);
    }
  }

 private:
  // The lines left of a row: `own` of them belong to the row itself, the others pass by.
  std::string TreeLines(int depth, bool is_branch) const {
    const int first = std::max(1, depth - columns_.levels + 1);
    std::string lines = first > 1 ? "\xe2\x80\xa6" + std::to_string(depth) + " " : "";
    for (int level = first; level <= depth; ++level) {
      const bool is_last = is_last_[static_cast<size_t>(level)];
      if (level == depth && is_branch) {
        lines += is_last ? "\xe2\x94\x94\xe2\x94\x80 " : "\xe2\x94\x9c\xe2\x94\x80 ";
      } else {
        lines += is_last ? "   " : "\xe2\x94\x82  ";
      }
    }
    return lines;
  }

  // The nearest service above, which a row need not repeat.
  bool ServiceChanges(int depth, const std::string& service) const {
    return depth == 0 || services_[static_cast<size_t>(depth) - 1] == nullptr ||
           *services_[static_cast<size_t>(depth) - 1] != service;
  }

  void DrawSpan(const TreeRow& row, const ShownSpan& span) {
    const std::string lines = TreeLines(row.depth, true);
    const bool failed = span.status_code == 2;
    std::string service;
    if (ServiceChanges(row.depth, span.service)) {
      service = " [" + CutToWidth(Printable(span.service), kServiceWidthMax) + "]";
    }
    std::string name = Printable(span.name);
    if (name.empty()) name = "(no name)";
    const int beside =
        DisplayWidth(lines) + DisplayWidth(service) + (failed ? static_cast<int>(kErrorMark.size()) : 0);
    if (columns_.total > 0) name = CutToWidth(name, std::max(kNameWidthMin, columns_.left - beside));
    const int used = beside + DisplayWidth(name);

    terminal_.out << terminal_.Paint(Ink::kDim, lines)
                  << terminal_.Paint(failed ? Ink::kRed : Ink::kBold, name)
                  << terminal_.Paint(Ink::kCyan, service)
                  << (failed ? terminal_.Paint(Ink::kRed, kErrorMark) : "")
                  << std::string(static_cast<size_t>(std::max(0, columns_.left - used) + kGap), ' ')
                  << PadLeft(FormatDuration(span.duration_nanos()), kDurationWidth);
    if (columns_.bar > 0) {
      terminal_.out << std::string(kGap, ' ')
                    << terminal_.Paint(failed ? Ink::kRed : Ink::kCyan, Bar(trace_, span, columns_.bar));
    }
    terminal_.out << '\n';
  }

  void DrawDetails(const TreeRow& row, const ShownSpan& span) {
    const std::string facts = FactsLine(span);
    const std::vector<std::string> failures = FailureLines(span);
    if (facts.empty() && failures.empty()) return;
    const std::string lines = TreeLines(row.depth, false) + (row.has_children ? "\xe2\x94\x82  " : "   ");
    if (!facts.empty()) DrawDetail(lines, facts, Ink::kDim);
    for (const std::string& failure : failures) DrawDetail(lines, "! " + failure, Ink::kRed);
  }

  void DrawDetail(const std::string& lines, const std::string& text, Ink ink) {
    const int room = columns_.total > 0 ? std::max(kNameWidthMin, columns_.total - DisplayWidth(lines))
                                        : DisplayWidth(text);
    terminal_.out << terminal_.Paint(Ink::kDim, lines) << terminal_.Paint(ink, CutToWidth(text, room))
                  << '\n';
  }

  void DrawHeading(const TreeRow& row) {
    const std::string text = row.missing_parent == "ring"
                                 ? "(these spans are each other's parents)"
                                 : "(missing parent " + Printable(row.missing_parent) + ")";
    terminal_.out << TreeLines(row.depth, true) << terminal_.Paint(Ink::kYellow, text) << '\n';
  }

  void DrawFold(const TreeRow& row) {
    std::string text = "\xe2\x80\xa6 " + std::to_string(row.folded) + " more";
    if (row.folded_spans > row.folded) text += ", with " + Plural(row.folded_spans, "span");
    text += " (--all shows them)";
    terminal_.out << terminal_.Paint(Ink::kDim, TreeLines(row.depth, true) + text) << '\n';
  }

  const ShownTrace& trace_;
  Terminal& terminal_;
  const Columns columns_;
  // By depth, of the row that was drawn last and those above it.
  std::vector<bool> is_last_;
  std::vector<const std::string*> services_;
};

std::string StartText(uint64_t unix_nanos) {
  char milliseconds[8];
  std::snprintf(milliseconds, sizeof milliseconds, ".%03u",
                static_cast<unsigned>(unix_nanos / 1'000'000 % 1000));
  return FormatLocalTime(unix_nanos, "%Y-%m-%d %H:%M:%S") + milliseconds + FormatLocalTime(unix_nanos, " %Z");
}

std::string ServicesText(const ShownTrace& trace) {
  std::string text;
  for (const ShownTrace::Service& service : trace.services) {
    if (!text.empty()) text += ", ";
    text += Printable(service.name);
    if (trace.services.size() > 1) text += " (" + std::to_string(service.span_count) + ")";
  }
  return text;
}

void DrawHead(const ShownTrace& trace, Terminal& terminal) {
  const auto fitting = [&](const std::string& text) {
    return terminal.width > 0 ? CutToWidth(text, terminal.width) : text;
  };
  terminal.out << terminal.Paint(Ink::kBold, "trace " + Printable(trace.trace_id)) << "  "
               << StartText(trace.start_unix_nano) << '\n';
  const std::string errors = trace.error_count == 0 ? "no errors" : Plural(trace.error_count, "error");
  terminal.out << fitting(Plural(trace.span_count, "span") + ", " + FormatDuration(trace.duration_nano) +
                          ", " + errors + ", " + ServicesText(trace))
               << '\n';
  if (trace.totals.calls > 0) terminal.out << fitting(TotalsText(trace.totals)) << '\n';
  const std::vector<std::string> notes = CompletenessNotes(trace);
  if (notes.empty()) terminal.out << "complete\n";
  for (const std::string& note : notes) {
    terminal.out << terminal.Paint(Ink::kYellow, "not complete: " + note) << '\n';
  }
  terminal.out << '\n';
}

std::string MissingParentsNote(const std::vector<std::string>& ids) {
  std::string note = Plural(ids.size(), "parent") + (ids.size() == 1 ? " was" : " were") + " not received: ";
  for (size_t i = 0; i < std::min(ids.size(), kIdsShownMax); ++i) {
    if (i > 0) note += ", ";
    note += Printable(ids[i]);
  }
  if (ids.size() > kIdsShownMax) note += " ...";
  return note;
}

std::string DroppedNote(const ShownTrace::Completeness& completeness) {
  std::string what;
  const auto add = [&](uint64_t count, std::string_view noun) {
    if (count == 0) return;
    if (!what.empty()) what += ", ";
    what += Plural(count, noun);
  };
  add(completeness.dropped_attributes, "attribute");
  add(completeness.dropped_events, "event");
  add(completeness.dropped_links, "link");
  return what.empty() ? what : "dropped before it was stored: " + what;
}

}  // namespace

std::vector<std::string> CompletenessNotes(const ShownTrace& trace) {
  const ShownTrace::Completeness& completeness = trace.completeness;
  std::vector<std::string> notes;
  if (completeness.root_missing) notes.push_back("the root span was not received: lost, or not ended yet");
  if (!completeness.missing_parents.empty()) {
    notes.push_back(MissingParentsNote(completeness.missing_parents));
  }
  if (completeness.duplicate_spans > 0) {
    notes.push_back(Plural(completeness.duplicate_spans, "span") + " came more than once");
  }
  if (std::string dropped = DroppedNote(completeness); !dropped.empty()) notes.push_back(std::move(dropped));
  if (completeness.missing_content > 0) {
    notes.push_back(Plural(completeness.missing_content, "piece") +
                    " of large values: no longer in the store");
  }
  if (completeness.truncated) {
    notes.push_back("it has more spans than the " + std::to_string(trace.spans.size()) + " shown");
  }
  if (notes.empty() && !completeness.complete) notes.emplace_back("the server does not say why");
  return notes;
}

void DrawTrace(const ShownTrace& trace, const TraceViewOptions& options, Terminal& terminal) {
  DrawHead(trace, terminal);
  TreeDrawing drawing(trace, terminal);
  for (const TreeRow& row : OrderAsTree(trace.spans, {.children_max = options.children_max})) {
    drawing.Draw(row);
  }
}

}  // namespace telltale
