// Any bytes as a text: its words lie in it, one behind the other, and are valid to compare.
#include "base/check.h"
#include "content/word_groups.h"
#include "content/words.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Word word;
  uint32_t place = 0, begin = 0;
  for (WordReader words(text); words.Next(word);) {
    TELLTALE_CHECK(word.begin < word.end && word.end <= text.size(), "a word lies outside of its text");
    TELLTALE_CHECK(word.begin >= begin && word.place >= place, "words go backwards");
    TELLTALE_CHECK(word.text.size() <= kWordBytesMax, "a word is longer than the limit");
    begin = word.begin;
    place = word.place;
  }
  WordSet set;
  set.AddUntrusted(text);
  return 0;
}
