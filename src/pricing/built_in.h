// The price files of spec/prices, as they were when the program was built.
#pragma once

#include <vector>

#include "pricing/price_file.h"

namespace telltale {

std::vector<PriceFile> BuiltInPriceFiles();

}  // namespace telltale
