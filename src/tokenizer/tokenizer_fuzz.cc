// Any bytes under any rule: encoding and decoding gives the (repaired) bytes back, Count
// agrees with Encode, the quick ways with the definition, and special text with itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "tokenizer/embedded.h"
#include "tokenizer/encodings.h"
#include "tokenizer/nfc.h"
#include "tokenizer/testing/reference.h"
#include "tokenizer/testing/tiny_vocabulary.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/utf8.h"

namespace telltale {
namespace {

struct Subject {
  Encoding encoding;
  const Vocabulary* vocabulary;
};

// Each rule with a tiny vocabulary and, where they are built in, the published ones.
std::vector<Subject> AllSubjects() {
  static const auto tiny = TinyVocabulary({"ab", "bc", "abc", " a", "  ", "\n\n", "aa", "aaaa", "\xE3\x81",
                                           "\xE3\x81\x82", "abcdabcdabcdabcdabcd"});
  std::vector<Subject> subjects;
  for (const SplitRule rule :
       {SplitRule::kR50k, SplitRule::kCl100k, SplitRule::kO200k, SplitRule::kTekken, SplitRule::kQwen2,
        SplitRule::kLlama3, SplitRule::kQwen35, SplitRule::kDeepSeek}) {
    subjects.push_back({{"tiny", "", kAllIds, rule, {}}, tiny.get()});
  }
  for (const Encoding& encoding : Encodings()) {
    const std::string_view packed = EmbeddedVocabulary(encoding.vocabulary);
    if (!packed.empty())
      subjects.push_back({encoding, Vocabulary::Unpack(packed, encoding.ids_end)->release()});
  }
  return subjects;
}

void Check(const Subject& subject, std::string_view text, std::string_view repaired) {
  const Tokenizer tokenizer(subject.encoding, *subject.vocabulary);
  std::vector<uint32_t> ids;
  tokenizer.Encode(text, ids);
  TELLTALE_CHECK(ids == ReferenceEncode(*subject.vocabulary, subject.encoding.rule, repaired),
                 "not what the definition says");
  TELLTALE_CHECK(tokenizer.Count(text) == ids.size(), "Count and Encode differ");
  std::string back;
  TELLTALE_CHECK(tokenizer.Decode(ids, back) && back == repaired, "decoding gives other bytes");

  ids.clear();
  tokenizer.Encode(text, ids, SpecialText::kToken);
  TELLTALE_CHECK(tokenizer.Count(text, SpecialText::kToken) == ids.size(), "Count and Encode differ");
  back.clear();
  TELLTALE_CHECK(tokenizer.Decode(ids, back) && back == repaired, "special text does not come back");
}

}  // namespace
}  // namespace telltale

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Never destroyed, so that what it points to is not lost at the end.
  static const auto& subjects = *new std::vector<telltale::Subject>(telltale::AllSubjects());
  if (size == 0) return 0;
  // The first byte chooses; the definition is quadratic.
  const telltale::Subject& subject = subjects[data[0] % subjects.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, std::min<size_t>(size - 1, 1000));
  std::string storage;
  std::string_view expected = telltale::RepairedUtf8(text, storage);
  std::string composed;
  if (subject.encoding.nfc) expected = telltale::ComposedNfc(expected, composed);
  telltale::Check(subject, text, expected);
  return 0;
}
