#include "simulate/answers.h"

#include <algorithm>
#include <array>
#include <span>

namespace telltale {
namespace {

using Lines = std::span<const std::string_view>;

struct Theme {
  std::array<std::string_view, 6> words;  // in lower case; any of them in a prompt means this theme
  std::array<std::string_view, 3> openings;
  std::array<std::string_view, 6> facts;
  std::array<std::string_view, 4> verses;
};

constexpr std::array<Theme, 12> kThemes = {{
    {{"coffee", "espresso", "caffeine", "brew", "tea", "cup"},
     {"Good coffee is mostly water, so start there.", "A cup of coffee is a small experiment.",
      "Most of what we taste in coffee is decided before the water boils."},
     {"Water between 90 and 96 degrees pulls out sweetness before bitterness.",
      "A finer grind gives its flavour faster and clogs a filter sooner.",
      "Beans are at their best between one and four weeks after roasting.",
      "Weighing the dose is the cheapest improvement there is.",
      "A longer brew is not a stronger one, only a fuller one.",
      "Rinsing the paper filter removes a taste most people blame on the beans."},
     {"The kettle hums before the day has spoken,", "A dark ring dries upon the printed page,",
      "Steam writes a line and wipes the line away,", "The second cup forgives what was first broken,"}},
    {{"debug", "bug", "error", "crash", "fix", "exception"},
     {"Start by making the failure happen on demand.", "A bug that can be repeated is half repaired.",
      "Before changing any code, write down what you expect to see."},
     {"Halve the distance between the last place that is right and the first that is wrong.",
      "The message names where it was noticed, which is rarely where it began.",
      "Change one thing at a time, and change it back if nothing moves.",
      "Logs from the minute before the failure say more than those after it.",
      "If a fix cannot be explained, it has probably moved the problem elsewhere.",
      "A small test that fails today keeps the same mistake from coming back."},
     {"One line by line I walk the stack tonight,", "The fault was mine, three careless frames ago,",
      "A breakpoint holds the moment to the light,", "And green returns where red was all I'd know."}},
    {{"trace", "tracing", "observability", "latency", "span", "monitor"},
     {"A trace shows where the time of one request went.",
      "Think of each span as one step with a clock on both ends.",
      "Averages hide the slow requests; traces keep them."},
     {"The longest span is a suspect only if nothing inside it explains the time.",
      "Gaps between spans are often queues that nobody named.",
      "Give every retry a span of its own, or the wait will look like work.",
      "Record the model, the token counts and the request id on each call.",
      "Carry the context across threads, or one story falls apart into several.",
      "Sampling whole traces keeps what is left readable."},
     {"Each step reports the hour it began,", "A thread of light runs through the busy floor,",
      "The slowest hand is now the easiest to scan,", "And what was guessed is guessed at nevermore."}},
    {{"travel", "trip", "city", "hotel", "flight", "visit"},
     {"A calm trip has fewer stops than you first planned.",
      "Two days are enough for the heart of most old towns.",
      "Begin with the places that close early and leave the views for the evening."},
     {"Trains between neighbouring cities often beat flights from door to door.",
      "Staying near a station saves more time than staying near the sights.",
      "Markets are the cheapest museums and open before the others.",
      "An empty afternoon is where the best memories tend to happen.",
      "Book the one thing you would regret missing and let the rest be weather.",
      "Spring and autumn give shorter queues and kinder light."},
     {"The platform clock forgives a minute's sleep,", "A foreign street is read from door to door,",
      "We carry less and what we see we keep,", "The map is wrong and worth the wandering for."}},
    {{"recipe", "cook", "dinner", "food", "soup", "bread"},
     {"A good weekday dinner has five ingredients and one pan.",
      "Heat, salt and time do most of the cooking.",
      "Read the recipe once to the end before lighting the stove."},
     {"Salt added early seasons the inside, salt added late only the surface.",
      "A dry pan browns; a crowded pan steams.",
      "Bread dough that rests overnight needs hardly any kneading.",
      "Acid at the end wakes up a flat soup better than more salt does.",
      "Let meat rest about a third of the time it cooked.",
      "Fresh herbs go in last, dried ones go in first."},
     {"The onions turn to gold without a word,", "A wooden spoon keeps time against the pot,",
      "The smallest hunger in the house is heard,", "We eat it slowly and we eat it hot."}},
    {{"weather", "rain", "forecast", "temperature", "snow", "wind"},
     {"Expect a mild day with a little cloud.", "The morning starts cool and the afternoon makes up for it.",
      "A light jacket will be enough until the evening."},
     {"Rain is unlikely before nightfall.", "The wind turns to the west and brings clearer air.",
      "Temperatures stay between 14 and 21 degrees.", "Fog in the valleys is gone by ten.",
      "Forecasts beyond a week describe the season more than the day.",
      "Humidity falls through the afternoon, which makes the warmth easy to bear."},
     {"A cloud rehearses rain and then declines,", "The wind reads all the washing on the line,",
      "Cold light arrives along the telephone wires,", "And evening puts the colour back in fires."}},
    {{"garden", "plant", "tree", "flower", "soil", "seed"},
     {"Most houseplants die of kindness, that is of water.", "Good soil is the crop; the rest follows.",
      "Plant for the light you have and not for the light you wish for."},
     {"Water deeply and seldom, so that roots go looking for it.",
      "Mulch halves the weeding and keeps the ground cool.",
      "Herbs taste stronger when they are a little hungry.", "Prune just above a bud that points outwards.",
      "Native flowers feed more insects for less work.",
      "A cold frame gains about three weeks at either end of the season."},
     {"The seed remembers what the winter said,", "A thumb of earth is plenty for a name,",
      "Green goes ahead wherever it is led,", "No two of all the mornings grew the same."}},
    {{"database", "sql", "query", "index", "table", "storage"},
     {"An index is a promise about how you will ask.", "Look at the plan before you look at the hardware.",
      "Most slow queries read far more rows than they return."},
     {"Columns that are filtered together belong together in one index, the most selective first.",
      "A limit without an order is a coin toss.",
      "Batching a thousand inserts costs little more than making one.",
      "Statistics that are a month old describe a table that no longer exists.",
      "Counting everything is rarely what the page needs.",
      "Store times in one zone and convert at the edge."},
     {"Row upon row the quiet figures stand,", "An index points, and half the night is saved,",
      "The join was larger than the query planned,", "And order came to all the rows that braved."}},
    {{"music", "song", "guitar", "piano", "melody", "concert"},
     {"Slow practice is the fast way.", "A melody is remembered by its turns and not by its notes.",
      "Listen to the bass first; it tells you where the song is going."},
     {"Ten minutes every day beat an hour on Sunday.", "Record yourself once a week and listen a day later.",
      "Most songs rest on three chords and one surprise.",
      "A metronome is a patient friend at half the speed.", "Silence before the last bar makes it land.",
      "Learn the hard bar first, then the bar on each side of it."},
     {"Four bars of nothing, then the room begins,", "The second chord leans in to hear the first,",
      "A patient hand persuades the violins,", "And silence, at the end, is well rehearsed."}},
    {{"space", "planet", "star", "moon", "rocket", "galaxy"},
     {"Space is mostly waiting.", "What we see in the night sky is a collection of old letters.",
      "The Moon is the nearest place where nothing falls quietly."},
     {"Light from the Sun reaches us after a little more than eight minutes.",
      "A day on Venus is longer than its year.", "Saturn would float, if there were a sea to hold it.",
      "Most of a rocket is the fuel that lifts the rest of the fuel.",
      "Binoculars on a steady wall show the moons of Jupiter.",
      "Every heavier atom in us was made in a star that is gone."},
     {"The oldest light arrives without a sound,", "A planet keeps appointments with the dark,",
      "We lift a little weight above the ground,", "And wave at silence with a single spark."}},
    {{"order", "refund", "customer", "support", "invoice", "delivery"},
     {"Thanks for reaching out; let us sort this out together.", "I have looked at what you describe.",
      "I am sorry that this did not go as it should."},
     {"The order left the warehouse and is with the carrier.",
      "A refund reaches the card within five working days.",
      "You can change the address until the parcel is packed.",
      "The invoice is in your account under the date of purchase.",
      "If the item arrives damaged, a photo is all that we need.",
      "Nothing further is needed from your side for now."},
     {"A parcel crosses seven towns by night,", "A number in the system finds its door,",
      "What had gone missing comes again to light,", "And what was owed is owed to you no more."}},
    {{"learn", "study", "book", "explain", "teach", "read"},
     {"The short answer is that it depends on what you already know.",
      "Let us take it from the simplest case upwards.", "It helps to begin with an example."},
     {"Explaining a thing aloud shows which part you do not have yet.",
      "Two short sessions on different days hold better than one long one.",
      "Work an example by hand before trusting the formula.",
      "A good question narrows the search by more than a good guess.",
      "Write the summary first from memory and only then check it.",
      "Leave the hardest third for the second reading."},
     {"A page turned twice will open by itself,", "The margin keeps the questions that we had,",
      "What once was heavy stands upon a shelf,", "And all we did not know is not so bad."}},
}};

constexpr std::array<std::string_view, 6> kClosings = {
    "If one thing should stay with you, let it be the first.",
    "Start small, look at the result, and adjust.",
    "That covers the usual case; tell me more if yours is different.",
    "Give it a week before judging it.",
    "Everything beyond that is taste.",
    "The rest is practice."};

constexpr std::array<std::string_view, 4> kCode = {
    "```python\ndef moving_average(values, size):\n    window = []\n    for value in values:\n        "
    "window.append(value)\n"
    "        if len(window) > size:\n            window.pop(0)\n        yield sum(window) / len(window)\n```",
    "```python\ndef retry(call, tries=3, wait_s=0.5):\n    for attempt in range(tries):\n        try:\n      "
    "      return call()\n"
    "        except TimeoutError:\n            if attempt == tries - 1:\n                raise\n            "
    "time.sleep(wait_s * 2 ** attempt)\n```",
    "```python\ndef group_by(items, key):\n    groups = {}\n    for item in items:\n        "
    "groups.setdefault(key(item), []).append(item)\n    return groups\n```",
    "```python\ndef median(values):\n    ordered = sorted(values)\n    middle = len(ordered) // 2\n    if "
    "len(ordered) % 2:\n        return ordered[middle]\n"
    "    return (ordered[middle - 1] + ordered[middle]) / 2\n```"};

std::string LowerAscii(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool IsLetter(char c) {
  return c >= 'a' && c <= 'z';
}

// `word` at the start of a word of `text`: "cup" is in "cups" but not in "occupied".
bool HasWord(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    if (at == 0 || !IsLetter(text[at - 1])) return true;
  }
  return false;
}

bool HasAny(std::string_view text, Lines words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return HasWord(text, word); });
}

// The themes a prompt names, in its own order of importance; at least one.
std::vector<const Theme*> ThemesOf(std::string_view prompt, Dice& dice) {
  std::vector<const Theme*> found;
  for (const Theme& theme : kThemes) {
    if (HasAny(prompt, theme.words)) found.push_back(&theme);
  }
  if (found.empty()) found.push_back(&kThemes[dice.Below(kThemes.size())]);
  return found;
}

// `count` different lines, in their order.
std::vector<std::string_view> Pick(Lines from, size_t count, Dice& dice) {
  std::vector<std::string_view> picked;
  size_t wanted = std::min(count, from.size());
  for (size_t i = 0; i < from.size(); ++i) {
    if (dice.Below(from.size() - i) >= wanted) continue;
    picked.push_back(from[i]);
    --wanted;
  }
  return picked;
}

void AppendSentence(std::string_view sentence, std::string& out) {
  if (!out.empty() && out.back() != '\n') out += ' ';
  out += sentence;
}

std::string Prose(const std::vector<const Theme*>& themes, Dice& dice) {
  std::string out(themes[0]->openings[dice.Below(3)]);
  const size_t facts_each = themes.size() > 1 ? 2 : 2 + dice.Below(3);
  for (size_t i = 0; i < themes.size() && i < 3; ++i) {
    for (const std::string_view fact : Pick(themes[i]->facts, facts_each, dice)) AppendSentence(fact, out);
  }
  if (dice.Unit() < 0.7) AppendSentence(kClosings[dice.Below(kClosings.size())], out);
  return out;
}

std::string Verse(const std::vector<const Theme*>& themes, Dice& dice) {
  std::string out;
  for (size_t i = 0; i < themes.size() && i < 3; ++i) {
    if (i > 0) out += "\n\n";
    for (const std::string_view line : themes[i]->verses) {
      if (!out.empty() && out.back() == ',') out += '\n';
      out += line;
    }
    if (out.back() == ',') out.back() = '.';
  }
  if (themes.size() == 1 && dice.Unit() < 0.5) {
    out += "\n\n";
    out += themes[0]->openings[dice.Below(3)];
  }
  return out;
}

std::string NumberedList(const Theme& theme, Dice& dice) {
  std::string out(theme.openings[dice.Below(3)]);
  out += '\n';
  int number = 0;
  for (const std::string_view fact : Pick(theme.facts, 3 + dice.Below(3), dice)) {
    out += '\n' + std::to_string(++number) + ". ";
    out += fact;
  }
  return out;
}

std::string Summary(const Theme& theme, Dice& dice) {
  std::string out = "In summary, ";
  const std::vector<std::string_view> facts = Pick(theme.facts, 2, dice);
  out += static_cast<char>(facts[0][0] | 32);
  out += facts[0].substr(1);
  AppendSentence(facts[1], out);
  return out;
}

std::string Sentiment(std::string_view prompt) {
  constexpr std::array<std::string_view, 6> kGood = {"great", "good", "love", "thank", "happy", "excellent"};
  constexpr std::array<std::string_view, 6> kBad = {"bad", "broken", "late", "hate", "terrible", "never"};
  const bool good = HasAny(prompt, kGood);
  const bool bad = HasAny(prompt, kBad);
  return good == bad ? "neutral" : good ? "positive" : "negative";
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

std::string ComposeAnswer(std::string_view prompt, Dice& dice) {
  constexpr std::array<std::string_view, 5> kVerseWords = {"poem", "haiku", "verse", "rhyme", "lyrics"};
  constexpr std::array<std::string_view, 5> kListWords = {"list", "steps", "ways", "tips", "checklist"};
  constexpr std::array<std::string_view, 3> kSummaryWords = {"summar", "tl;dr", "recap"};
  constexpr std::array<std::string_view, 3> kCodeWords = {"function", "python", "snippet"};
  constexpr std::array<std::string_view, 2> kSentimentWords = {"sentiment", "classify"};

  const std::string lower = LowerAscii(prompt);
  const std::vector<const Theme*> themes = ThemesOf(lower, dice);
  if (HasAny(lower, kSentimentWords)) return Sentiment(lower);
  if (HasAny(lower, kVerseWords)) return Verse(themes, dice);
  if (HasAny(lower, kSummaryWords)) return Summary(*themes[0], dice);
  if (HasAny(lower, kCodeWords))
    return "Here is one way to write it:\n\n" + std::string(kCode[dice.Below(kCode.size())]);
  if (HasAny(lower, kListWords)) return NumberedList(*themes[0], dice);
  return Prose(themes, dice);
}

uint64_t EstimateTokens(std::string_view text) {
  return (text.size() + 3) / 4;
}

std::string_view CutToTokens(std::string_view text, uint64_t tokens_max) {
  if (EstimateTokens(text) <= tokens_max) return text;
  size_t size = static_cast<size_t>(tokens_max) * 4;
  while (size > 0 && IsContinuation(text[size])) --size;
  const size_t space = text.substr(0, size).rfind(' ');
  return text.substr(0, space == text.npos || space == 0 ? size : space);
}

std::vector<std::string_view> SplitIntoTokens(std::string_view text) {
  constexpr size_t kPieceBytes = 6;
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    // A space begins the next piece, as with real tokens.
    size_t size = std::min(text.find(' ', 1), text.size());
    if (size > kPieceBytes + 2) size = kPieceBytes;
    while (size < text.size() && IsContinuation(text[size])) ++size;
    pieces.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return pieces;
}

}  // namespace telltale
