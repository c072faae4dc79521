#include "net/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace telltale {
namespace {

std::string Varied(size_t size) {
  std::string text;
  uint32_t state = 1;
  while (text.size() < size) {
    state = state * 1664525 + 1013904223;
    text += "word" + std::to_string(state >> 20) + " ";
  }
  text.resize(size);
  return text;
}

// zlib is what other senders use.
std::string Zlib(std::string_view text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           text.size());
  out.resize(size);
  return out;
}

TEST(Gzip, ComesBackAsItWas) {
  for (const size_t size : {0u, 1u, 100u, 70'000u, 3'000'000u}) {
    const std::string text = Varied(size);
    const auto back = GunzipUntrusted(Gzip(text), 4u << 20);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, text);
  }
}

TEST(Gzip, ReadsZlibAsHttpCallsItDeflate) {
  const std::string text = Varied(100'000);
  const auto back = GunzipUntrusted(Zlib(text), 1u << 20);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, text);
}

TEST(Gzip, JoinsConcatenatedMembersWhateverTheirSizes) {
  const std::string large = Varied(900'000);
  const auto back = GunzipUntrusted(Gzip("one ") + Gzip(large) + Gzip("") + Gzip(" three"), 1u << 20);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, "one " + large + " three");
}

TEST(Gzip, TheLimitIsTheLastSizeThatFits) {
  const std::string packed = Gzip(std::string(1000, 'x'));
  EXPECT_TRUE(GunzipUntrusted(packed, 1000));
  const auto over = GunzipUntrusted(packed, 999);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::kOverLimit);
}

TEST(Gzip, TheLimitHoldsForEverySize) {
  for (size_t size = 1; size < 300; ++size) {
    const std::string packed = Gzip(std::string(size, 'x'));
    EXPECT_EQ(GunzipUntrusted(packed, size)->size(), size);
    EXPECT_FALSE(GunzipUntrusted(packed, size - 1)) << size;
    EXPECT_FALSE(GunzipUntrusted(packed + packed, 2 * size - 1)) << size;
  }
}

TEST(Gzip, ABombIsRefusedAlsoWhenItLiesAboutItsSize) {
  std::string bomb = Gzip(std::string(200u << 20, '\0'));
  const auto honest = GunzipUntrusted(bomb, 1u << 20);
  ASSERT_FALSE(honest);
  EXPECT_EQ(honest.error().code, ErrorCode::kOverLimit);

  bomb.replace(bomb.size() - 4, 4, std::string("\x10\0\0\0", 4));
  const auto lying = GunzipUntrusted(bomb, 1u << 20);
  ASSERT_FALSE(lying);
  EXPECT_EQ(lying.error().code, ErrorCode::kOverLimit);
}

TEST(Gzip, DamageIsAnErrorNotAGuess) {
  const std::string good = Gzip(Varied(10'000));
  std::string flipped = good;
  flipped[good.size() - 6] = static_cast<char>(flipped[good.size() - 6] ^ 1);  // The checksum.
  for (const std::string& bad : {std::string(), std::string("plain text"), good.substr(0, good.size() / 2),
                                 flipped, good + "tail", Zlib("text") + "tail"}) {
    const auto result = GunzipUntrusted(bad, 1u << 20);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidInput);
  }
}

}  // namespace
}  // namespace telltale
