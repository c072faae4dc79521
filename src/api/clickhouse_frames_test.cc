#include "api/clickhouse_frames.h"

#include <gtest/gtest.h>
#include <lz4.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace telltale {
namespace {

struct Vector {
  size_t size;
  uint64_t low, high;
};

// Of bytes (i * 7 + 3) % 256; as ClickHouse's own clients compute them.
constexpr Vector kVectors[] = {
    {0, 0x3df09dfc64c09a2bu, 0x3cb540c392e51e29u},    {1, 0x39379490ccb55d55u, 0x2af2b13064cd571fu},
    {3, 0x3108fa6b1da16986u, 0x32301bf0c250612du},    {4, 0x2321e75aee8d6c41u, 0xcea6b327f605358du},
    {7, 0x9ef90f69597e95c7u, 0x4987956c9782ee8fu},    {8, 0xb6ad7c9a5953432fu, 0x9f0e02109921888cu},
    {9, 0x5601ccf1e058519au, 0xf8512fca28333fefu},    {15, 0x5a8299d8ab8f2f47u, 0x8ea0a478a90d3277u},
    {16, 0x21e79cab7f9c2b79u, 0xa35615c235313f7au},   {17, 0x0cd5bb13faea6e4cu, 0x32bf719178f6bbfeu},
    {31, 0x6e4f70325ec27ffcu, 0x9a23a7e9f0b515e0u},   {32, 0x67cfab8404eec7e9u, 0x80cd3c27f5bd61eeu},
    {100, 0xe8ed256df7c36d77u, 0x5da4e59606ec0c52u},  {143, 0x201689145f2ebee2u, 0xdf56bd91c3fb4dd0u},
    {144, 0xd639167b9b85767du, 0x07a10bf4573107c6u},  {145, 0xde654d669366fc2au, 0xd2f68f547b37d6f5u},
    {200, 0x6bfc6588f8397554u, 0xe3706db480814454u},  {271, 0xd3b086e6bb77a21bu, 0x862fedb3038c14c1u},
    {272, 0xefd5ff73250bf76du, 0xedec81d742e3b161u},  {273, 0x6cb627d4ace6fb60u, 0xf229b202578db602u},
    {1000, 0x984b538c7b372373u, 0xf6e6cbc56b688720u}, {100000, 0xad438ab8482f6845u, 0x8d86acc59e44e962u},
};

TEST(CityHash128, IsTheOneThatClickHouseClientsCompute) {
  for (const Vector& vector : kVectors) {
    std::string bytes(vector.size, '\0');
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>((i * 7 + 3) % 256);
    const auto [low, high] = CityHash128(bytes);
    EXPECT_TRUE((low == vector.low && high == vector.high) || (low == vector.high && high == vector.low))
        << vector.size;
  }
}

template <typename T>
T At(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

TEST(ClickHouseFrames, HoldWhatWentInUnderItsChecksum) {
  std::string text;
  for (int i = 0; text.size() < 700'000; ++i) text += std::to_string(i) + ",";
  const auto frames = MakeClickHouseFrames();
  std::string packed;
  frames->Add(std::string_view(text).substr(0, 5), packed);
  EXPECT_EQ(packed, "") << "a small piece waits for more";
  frames->Add(std::string_view(text).substr(5), packed);
  frames->Finish(packed);

  std::string unpacked;
  int blocks = 0;
  for (std::string_view rest = packed; !rest.empty(); ++blocks) {
    ASSERT_EQ(static_cast<uint8_t>(rest[16]), 0x82) << "LZ4";
    const auto size = At<uint32_t>(rest, 17);
    const auto size_unpacked = At<uint32_t>(rest, 21);
    EXPECT_EQ(CityHash128(rest.substr(16, size)), std::pair(At<uint64_t>(rest, 0), At<uint64_t>(rest, 8)));
    std::string block(size_unpacked, '\0');
    EXPECT_EQ(LZ4_decompress_safe(rest.data() + 25, block.data(), static_cast<int>(size - 9),
                                  static_cast<int>(size_unpacked)),
              static_cast<int>(size_unpacked));
    unpacked += block;
    rest.remove_prefix(16 + size);
  }
  EXPECT_EQ(blocks, 3);
  EXPECT_TRUE(unpacked == text);
}

TEST(ClickHouseFrames, OfNothingAreNothing) {
  std::string out;
  MakeClickHouseFrames()->Finish(out);
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace telltale
