#include "tokenizer/nfc.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace telltale {
namespace {

std::string Nfc(std::string_view text) {
  std::string composed;
  return std::string(ComposedNfc(text, composed));
}

TEST(Nfc, WhatIsComposedIsNotCopied) {
  std::string composed;
  const std::string_view text = "Grüße, 你好, こんにちは, 안녕, привет 😀";
  EXPECT_EQ(ComposedNfc(text, composed).data(), text.data());
}

// Each is unicodedata.normalize("NFC", text).
TEST(Nfc, MarksJoinWhatTheyFollow) {
  EXPECT_EQ(Nfc("Cafe\u0301"), "Caf\u00E9");
  EXPECT_EQ(Nfc("か\u3099"), "が");
  EXPECT_EQ(Nfc("\u1112\u1161\u11AB"), "한");
  EXPECT_EQ(Nfc("\uD558\u11AB"), "한");
  EXPECT_EQ(Nfc("\u2126"), "\u03A9");
  EXPECT_EQ(Nfc("q\u0307\u0323"), "q\u0323\u0307");
  EXPECT_EQ(Nfc("\uF900"), "\u8C48");
}

TEST(Nfc, ATextMayHoldZerosAndMayBeEmpty) {
  EXPECT_EQ(Nfc(""), "");
  EXPECT_EQ(Nfc(std::string_view("a\0e\u0301", 5)), std::string_view("a\0\u00E9", 4));
}

}  // namespace
}  // namespace telltale
