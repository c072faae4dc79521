// What the engine says of a user's statement, without what only we care about: error numbers,
// versions, our databases, the engine's own names for columns.
//
//   if (!answer) return std::unexpected(SayEngineErrorUntrusted(answer.error(), "answer the statement"));
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

// Of an error of a SqlReader. The code stays, but where the server is short of memory. `what` failed: "answer
// the statement".
Error SayEngineErrorUntrusted(const Error& error, std::string_view what);

// "Code: 47. DB::Exception: ... (UNKNOWN_IDENTIFIER)": 47 and its name.
struct EngineErrorCode {
  int number = 0;  // 0: there is none
  std::string name;
};
EngineErrorCode ReadEngineErrorCodeUntrusted(std::string_view text);

}  // namespace telltale
