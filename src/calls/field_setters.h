// The fields that the table alone fills. Private to calls/.
#pragma once

#include "calls/mapping.h"

namespace telltale {

// Sets `field` from the first of `hits` that has something to say. REQUIRES: its type is
// not special.
void SetByTable(MapContext& context, CallField field, Hits hits);

}  // namespace telltale
