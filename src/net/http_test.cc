#include "net/http.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

HttpRequest WithQuery(std::string query) {
  HttpRequest request;
  request.query = std::move(query);
  return request;
}

TEST(HttpHeaders, AreFoundWhateverTheirCaseAndTheFirstWins) {
  HttpHeaders headers;
  headers.Add("Content-Type", "a");
  headers.Add("content-type", "b");
  EXPECT_EQ(headers.Get("CONTENT-TYPE"), "a");
  EXPECT_EQ(headers.Get("Content-Typ"), "");
}

TEST(HttpRequest, DecodesQueryParameters) {
  const HttpRequest request = WithQuery("service=a%26b+c&empty=&flag&service=second&%6eame=x&bad=%zz%4");
  EXPECT_EQ(request.Param("service"), "a&b c");
  EXPECT_EQ(request.Param("empty"), "");
  EXPECT_EQ(request.Param("flag"), "");
  EXPECT_EQ(request.Param("name"), "x");
  EXPECT_EQ(request.Param("bad"), "%zz%4");
  EXPECT_EQ(request.Param("absent"), std::nullopt);
  EXPECT_EQ(request.Params("service"), (std::vector<std::string>{"a&b c", "second"}));
}

TEST(HttpRequest, EmptyPairsInAQueryAreNoParameters) {
  EXPECT_EQ(WithQuery("&&a=1&").Param(""), std::nullopt);
  EXPECT_EQ(WithQuery("&&a=1&").Param("a"), "1");
}

TEST(Percent, EncodingComesBackAsItWas) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(PercentDecode(PercentEncode(bytes), true), bytes);
  EXPECT_EQ(PercentEncode("a b/~"), "a%20b%2F~");
  EXPECT_EQ(PercentDecode("a+b", false), "a+b");
}

}  // namespace
}  // namespace telltale
