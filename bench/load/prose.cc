#include "prose.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace telltale::bench {
namespace {

// By falling frequency, roughly as in general English; the tail is what people talk
// about with assistants.
constexpr std::string_view kWords =
    "the of and to a in is that for it as was with be by on not he this are or his from at which but have an "
    "had they you were their one all we can her has there been if more when will would who so no she other "
    "its "
    "may these what them than some him time into only could new then do any my now such like our over man "
    "even "
    "most made after also did many before must through back years where much your way well down should "
    "because "
    "each just those people too how little state good very make world still own see work long get here "
    "between "
    "both life being under never day same another know while last might us great old year off come since "
    "against "
    "go came right used take three himself few house use during without again place around however home "
    "small "
    "found thought went say part once general high upon school every does got united left number course war "
    "until "
    "always away something fact water though less public put think almost hand enough far took head yet "
    "government system better set told nothing night end why called eyes find going look asked later knew "
    "point "
    "next program city business give group toward young days let room word side given several order need "
    "early "
    "rather second possible big four door important light open line keep children interest mind national "
    "local "
    "problem large service case within best change power question help kind often turned along result "
    "different "
    "area company money month learn study book job although provide market idea policy process decision plan "
    "data "
    "model answer reason example report team value level research cost support customer product information "
    "minute hour week table record letter paper price office member law country language theory history "
    "story "
    "education teacher student university nature center effect cause rate figure form type rule test design "
    "measure method detail step section chapter summary draft note message reply request account balance "
    "payment "
    "invoice order delivery refund warranty contract clause agreement tenant landlord repair budget travel "
    "flight "
    "hotel booking ticket station train bridge river mountain forest island harbor garden kitchen recipe "
    "flour "
    "butter sugar pepper onion garlic tomato cheese bread dinner breakfast bottle glass window ceiling floor "
    "wall "
    "engine battery charger cable screen keyboard printer server network router password backup folder file "
    "document database query index column row schema function variable loop branch commit release version "
    "bug "
    "error warning crash latency memory thread queue cache disk cluster region customer channel campaign "
    "audience "
    "brand survey sample average median percent growth revenue profit margin loan interest mortgage "
    "insurance "
    "claim premium doctor patient nurse clinic symptom fever headache muscle exercise sleep diet vitamin "
    "dose "
    "allergy skin heart blood pressure lawyer judge court evidence witness appeal verdict garden seed soil "
    "rain "
    "sunlight temperature degree winter summer autumn spring storm cloud wind snow ocean coast fish bird "
    "horse "
    "dog cat planet orbit rocket satellite telescope particle energy carbon metal copper iron silver gold "
    "glass "
    "plastic cotton fabric thread needle color pattern shape circle square corner edge surface weight "
    "distance "
    "speed force motion balance music melody rhythm guitar piano concert stage actor scene film camera "
    "picture "
    "painting museum poem novel author editor publisher reader review critic award festival village neighbor "
    "council mayor election candidate vote campaign treaty border army soldier officer captain ship sailor "
    "voyage "
    "explorer map compass treasure castle king queen prince empire century ancient modern simple complex "
    "careful "
    "quick slow quiet loud bright dark warm cold heavy soft narrow wide deep shallow empty full fresh dry "
    "wet "
    "honest polite curious patient nervous proud angry happy tired hungry ready certain likely similar "
    "separate "
    "explain describe compare suggest recommend consider improve reduce increase avoid prevent include "
    "require "
    "allow expect decide choose prefer follow continue finish begin return receive send write read listen "
    "speak "
    "remember forget believe understand imagine create build repair replace remove install update check "
    "confirm "
    "cancel schedule arrange prepare deliver collect count measure weigh mix bake boil pour slice serve "
    "clean wash";

// How often a word takes one of its usual followers, and how fast the choice falls off.
constexpr double kUsualFollower = 0.45;
constexpr double kFalloff = 2.7;

std::vector<std::string> AllWords() {
  std::vector<std::string> words;
  for (size_t at = 0; at < kWords.size();) {
    const size_t end = std::min(kWords.find(' ', at), kWords.size());
    words.emplace_back(kWords.substr(at, end - at));
    at = end + 1;
  }
  // Inflected forms follow their stems at the rare end of the list.
  const size_t stems = words.size();
  for (const std::string_view suffix : {"s", "ing", "ed", "er", "ly", "ness"}) {
    for (size_t i = 150; i < stems; ++i) words.push_back(words[i] + std::string(suffix));
  }
  return words;
}

}  // namespace

struct Language {
  static constexpr size_t kFollowers = 16;

  std::vector<std::string> words = AllWords();
  std::vector<double> cumulative;  // Frequency of words[0..i], ends at 1.
  std::vector<size_t> followers;   // kFollowers of each word, the likeliest first.

  Language() {
    double sum = 0;
    for (size_t i = 0; i < words.size(); ++i)
      cumulative.push_back(sum += 1.0 / (static_cast<double>(i) + kFalloff));
    for (double& value : cumulative) value /= sum;
    Random random(1);
    for (size_t i = 0; i < words.size() * kFollowers; ++i) followers.push_back(AnyWord(random));
  }

  size_t AnyWord(Random& random) const {
    const auto at = std::lower_bound(cumulative.begin(), cumulative.end(), random.Unit());
    return std::min(static_cast<size_t>(at - cumulative.begin()), words.size() - 1);
  }
};

namespace {

const Language& TheLanguage() {
  static const Language language;
  return language;
}

}  // namespace

Prose::Prose(uint64_t seed) : language_(TheLanguage()), random_(seed) {}

size_t Prose::WordAfter(size_t word) {
  if (!random_.Chance(kUsualFollower)) return language_.AnyWord(random_);
  const double unit = random_.Unit();
  constexpr size_t kFollowers = Language::kFollowers;
  return language_.followers[word * kFollowers + static_cast<size_t>(unit * unit * kFollowers)];
}

void Prose::Sentence(std::string& out) {
  size_t word = language_.AnyWord(random_);
  const size_t first = out.size();
  const uint64_t words = random_.Between(6, 20);
  for (uint64_t i = 0; i < words; ++i) {
    if (i > 0) out += random_.Chance(0.06) ? ", " : " ";
    if (random_.Chance(0.015)) {
      out += std::to_string(random_.Below(5000));
    } else {
      out += language_.words[word];
    }
    word = WordAfter(word);
  }
  if (out[first] >= 'a') out[first] = static_cast<char>(out[first] - 'a' + 'A');
  out += random_.Chance(0.1) ? "? " : ". ";
}

std::string Prose::Text(size_t size_bytes) {
  std::string text;
  while (text.size() < size_bytes) {
    for (uint64_t i = random_.Between(2, 6); i > 0; --i) Sentence(text);
    text += "\\n\\n";
  }
  text.resize(size_bytes);
  // A cut may not leave half of an escape.
  if (text.back() == '\\') text.back() = '.';
  return text;
}

}  // namespace telltale::bench
