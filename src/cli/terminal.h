// Terminal: where a command writes, and how wide and colourful it may be.
//
//   Terminal terminal = ProcessTerminal();
//   terminal.out << terminal.Paint(Ink::kRed, "ERROR") << '\n';   // data
//   terminal.err << "note: waiting\n";                            // talk
//
// Ownership      The streams must outlive the Terminal.
// Thread safety  One thread at a time.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

enum class Ink { kPlain, kDim, kBold, kRed, kYellow, kGreen, kCyan };

struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool color = false;
  int width = 0;  // columns; 0: no limit (a pipe or a file), so nothing is cut

  // `text` in that colour, or as it is where colour is off.
  std::string Paint(Ink ink, std::string_view text) const;
};

// stdout and stderr. Colour only where stdout is a terminal and NO_COLOR is empty or unset;
// the width is the terminal's, or COLUMNS where there is no terminal.
Terminal ProcessTerminal();

// What every command returns.
enum ExitCode : int { kExitOk = 0, kExitFailure = 1, kExitUsage = 2, kExitNotFound = 3 };

// Prints `error: ...` and, where there is one, `hint: ...`; gives the exit code.
int ReportError(const Error& error, Terminal& terminal);

}  // namespace telltale
