// SHOW, DESCRIBE and EXISTS as questions to the system views (sql_system.h).
//
//   TELLTALE_ASSIGN_OR_RETURN(std::optional<std::string> select, TranslateShowUntrusted("SHOW TABLES"));
//
// Thread safety  Free functions.
// Failure        kNotFound: there is no such table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

// `sql` in the engine's own spelling, without FORMAT. nullopt: it is something else.
Result<std::optional<std::string>> TranslateShowUntrusted(std::string_view sql);

}  // namespace telltale
