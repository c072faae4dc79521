// Text that compresses like English prose: words by frequency, each followed more often
// by some words than by others, in sentences and paragraphs. Plain ASCII without quotes
// and backslashes, paragraphs parted by the two characters "\n" twice, so that it can
// stand inside a JSON string as it is.
//
//   Prose prose(seed);
//   std::string answer = prose.Text(1200);   // 1200 bytes, cut at the end
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "random.h"

namespace telltale::bench {

struct Language;

class Prose {
 public:
  explicit Prose(uint64_t seed);

  std::string Text(size_t size_bytes);

 private:
  size_t WordAfter(size_t word);
  void Sentence(std::string& out);

  const Language& language_;  // One for all seeds: the seed only says what is told in it.
  Random random_;
};

}  // namespace telltale::bench
