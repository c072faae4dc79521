#include "api/long_texts.h"

#include <gtest/gtest.h>

#include "query/call_detail.h"
#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

TEST(LongTexts, ALongTextIsReplacedByWhereItIsAndHowItBegins) {
  const std::string text(2'000, 'x');
  std::string out;
  JsonWriter json(out);
  TextReferences references({.trace_id = IdOf<16>(1), .span_id = IdOf<8>(2)});
  json.Divert(&references, 256).BeginArray().String("short").String(text).EndArray();
  EXPECT_EQ(out, R"(["short",{"large":{"size_bytes":2000,"href":"/api/v1/calls/)"
                 R"(00000000000000000000000000000001/0000000000000002/content/)" +
                     ContentName(text) + R"(","type":"text"},"preview":")" + std::string(1'000, 'x') +
                     R"("}])");
}

TEST(LongTexts, ATextIsFoundByTheNameThatItsReferenceGives) {
  const std::string text = std::string(299, 'x') + "y";
  std::string out;
  JsonWriter json(out);
  TextFinder finder(ContentName(text));
  json.Divert(&finder, 256).BeginArray().String(std::string(300, 'x')).String(text).EndArray();
  EXPECT_EQ(out, "[null,null]");
  ASSERT_TRUE(finder.found());
  EXPECT_EQ(*finder.found(), text);
}

}  // namespace
}  // namespace telltale
