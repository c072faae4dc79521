// What the engine says of a user's statement, without what only we care about: error numbers,
// versions, our databases, the engine's own names for columns.
//
//   if (!answer) return std::unexpected(SayEngineErrorUntrusted(answer.error()));
#pragma once

#include "base/result.h"

namespace telltale {

// Of an error of a SqlReader. The code stays.
Error SayEngineErrorUntrusted(const Error& error);

}  // namespace telltale
