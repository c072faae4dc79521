// Text that compresses like English prose: words by frequency, each followed more often
// by some words than by others, in sentences and paragraphs. Plain ASCII without quotes
// and backslashes, paragraphs parted by the two characters "\n" twice, so that it can
// stand inside a JSON string as it is.
//
//   Prose prose(seed);
//   std::string answer = prose.Text(1200);   // 1200 bytes, cut at the end
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "random.h"

namespace telltale::bench {

class Prose {
 public:
  explicit Prose(uint64_t seed);

  std::string Text(size_t size_bytes);

 private:
  static constexpr size_t kFollowers = 16;

  size_t AnyWord();
  size_t WordAfter(size_t word);
  void Sentence(std::string& out);

  Random random_;
  std::vector<std::string> words_;
  std::vector<double> cumulative_;  // Frequency of words_[0..i], ends at 1.
  std::vector<size_t> followers_;   // kFollowers of each word, the likeliest first.
};

}  // namespace telltale::bench
