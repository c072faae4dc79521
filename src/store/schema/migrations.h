// The store's tables, as numbered migrations: each runs once, in order, and is noted
// in the table `migrations`. A released migration is never edited; a change is a new one.
#pragma once

#include "base/result.h"
#include "store/engine.h"

namespace telltale {

// Brings the store to this program's schema. kCorrupt when the store was written by a
// newer program than this one.
Status Migrate(Engine& engine);

}  // namespace telltale
