// What every engine knows of the store's tables.
#pragma once

#include <string_view>

#include "trace/block.h"

namespace telltale {

// The table that a block is inserted into.
std::string_view TableOf(BlockKind kind);

// Built when a part is merged instead of when it is inserted: a search by attribute
// reads the few fresh parts without them. The index by trace is always there.
inline constexpr std::string_view kIndexesLater = "by_key,by_value,by_service";

}  // namespace telltale
