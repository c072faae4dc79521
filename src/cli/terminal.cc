#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <iostream>

#include "cli/text.h"

namespace telltale {
namespace {

// Narrower than this nothing is readable: better to wrap than to cut all.
constexpr int kWidthMin = 40;

bool NoColorAsked() {
  const char* value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

int WidthFromEnvironment() {
  const char* columns = std::getenv("COLUMNS");
  int width = 0;
  if (columns != nullptr) std::from_chars(columns, columns + std::string_view(columns).size(), width);
  return width;
}

std::string_view CodeOf(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "";
    case Ink::kDim:
      return "\x1b[2m";
    case Ink::kBold:
      return "\x1b[1m";
    case Ink::kRed:
      return "\x1b[31m";
    case Ink::kYellow:
      return "\x1b[33m";
    case Ink::kGreen:
      return "\x1b[32m";
    case Ink::kCyan:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

std::string Terminal::Paint(Ink ink, std::string_view text) const {
  if (!color || ink == Ink::kPlain || text.empty()) return std::string(text);
  return std::string(CodeOf(ink)) + std::string(text) + "\x1b[0m";
}

Terminal ProcessTerminal() {
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  int width = WidthFromEnvironment();
  winsize size{};
  if (is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) width = size.ws_col;
  if (width > 0 && width < kWidthMin) width = kWidthMin;
  return {.out = std::cout,
          .err = std::cerr,
          .color = is_terminal && !NoColorAsked(),
          .width = std::max(width, 0)};
}

int ReportError(const Error& error, Terminal& terminal) {
  terminal.err << "error: " << Printable(error.message) << '\n';
  if (!error.hint.empty()) terminal.err << "hint: " << Printable(error.hint) << '\n';
  if (error.code == ErrorCode::kInvalidInput) return kExitUsage;
  return error.code == ErrorCode::kNotFound ? kExitNotFound : kExitFailure;
}

}  // namespace telltale
