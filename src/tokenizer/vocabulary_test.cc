#include "tokenizer/vocabulary.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include "tokenizer/testing/tiny_vocabulary.h"

namespace telltale {
namespace {

TEST(Vocabulary, FindsTokensOfEveryLength) {
  const std::string fifteen(15, 'x');
  const std::string sixteen(16, 'x');
  const auto vocabulary = TinyVocabulary({"ab", fifteen, sixteen});
  EXPECT_EQ(vocabulary->Find("a"), uint32_t{'a'});
  EXPECT_EQ(vocabulary->Find("ab"), 256u);
  EXPECT_EQ(vocabulary->FindBytePair('a', 'b'), 256u);
  EXPECT_EQ(vocabulary->Find(fifteen), 257u);
  EXPECT_EQ(vocabulary->Find(sixteen), 258u);
  EXPECT_EQ(vocabulary->Find("ba"), kNoToken);
  EXPECT_EQ(vocabulary->Find(std::string(17, 'x')), kNoToken);
  EXPECT_EQ(vocabulary->Find(""), kNoToken);
}

TEST(Vocabulary, ATokenThatEndsInZerosIsNotItsBeginning) {
  const auto vocabulary = TinyVocabulary({std::string_view("a\0", 2), std::string_view("\0\0", 2)});
  EXPECT_EQ(vocabulary->Find("a"), uint32_t{'a'});
  EXPECT_EQ(vocabulary->Find(std::string_view("a\0", 2)), 256u);
  EXPECT_EQ(vocabulary->Find(std::string_view("\0", 1)), 0u);
  EXPECT_EQ(vocabulary->Find(std::string_view("\0\0", 2)), 257u);
}

TEST(Vocabulary, AnIdWithoutATokenStaysFree) {
  const auto vocabulary = TinyVocabulary({"ab", "", "cd"});
  EXPECT_EQ(vocabulary->Find("cd"), 258u);
  EXPECT_EQ(vocabulary->Bytes(257), "");
  EXPECT_EQ(vocabulary->Bytes(258), "cd");
  EXPECT_EQ(vocabulary->Bytes(999), "");
}

TEST(Vocabulary, IdsFromTheEndOnAreLeftOut) {
  const auto vocabulary = *Vocabulary::Read(PackTiny({"ab", "cd"}), 257);
  EXPECT_EQ(vocabulary->Find("ab"), 256u);
  EXPECT_EQ(vocabulary->Find("cd"), kNoToken);
}

TEST(Vocabulary, WhatIsNoVocabularyIsRefused) {
  EXPECT_EQ(Vocabulary::Unpack("not zstd", kAllIds).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Vocabulary::Read("", kAllIds).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Vocabulary::Read(PackTiny({"ab"}) + "\5abc", kAllIds).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Vocabulary::Read(PackTiny({"ab", "ab"}), kAllIds).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(Vocabulary::Read("\1a\1b", kAllIds).error().code, ErrorCode::kCorrupt);
}

TEST(Vocabulary, ACutZstdFrameIsRefused) {
  const std::string packed = PackTiny({"ab"});
  std::string frame(ZSTD_compressBound(packed.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), packed.data(), packed.size(), 1));
  ASSERT_TRUE(Vocabulary::Unpack(frame, kAllIds));
  frame.resize(frame.size() - 5);
  EXPECT_EQ(Vocabulary::Unpack(frame, kAllIds).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace telltale
