// What a decoder kept out of a batch: for the sender's partial_success.
#pragma once

#include <cstdint>
#include <string>

namespace telltale {

struct RefusedItems {
  uint64_t count = 0;
  // Each reason with its count and first example; at most 512 bytes, ASCII.
  std::string reason;
};

}  // namespace telltale
