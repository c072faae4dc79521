#include "simulate/embedding.h"

#include <gtest/gtest.h>

#include <numeric>

namespace telltale {
namespace {

double Product(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

TEST(Embedding, HasLengthOneAlsoForNoWords) {
  for (const std::string_view text : {"", "...", "coffee and water"}) {
    const auto vector = EmbedText(text, 256, 1);
    EXPECT_NEAR(Product(vector, vector), 1, 1e-5);
  }
}

TEST(Embedding, TextsThatShareWordsAreNear) {
  const auto beans = EmbedText("Coffee beans and water", 512, 1);
  EXPECT_GT(Product(beans, EmbedText("water for coffee", 512, 1)), 0.5);
  EXPECT_LT(Product(beans, EmbedText("an index for queries", 512, 1)), 0.3);
}

TEST(Embedding, Base64IsLittleEndianFloats) {
  EXPECT_EQ(EmbeddingBase64({1.0f, -2.0f}), "AACAPwAAAMA=");
}

}  // namespace
}  // namespace telltale
