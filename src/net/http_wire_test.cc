#include "net/http_wire.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

HttpRequest Split(std::string_view target) {
  HttpRequest request;
  SplitTargetUntrusted(target, request);
  return request;
}

TEST(SplitTarget, TakesEveryFormARequestLineMayHave) {
  EXPECT_EQ(Split("/a%2Fb?x=%20").path, "/a/b");
  EXPECT_EQ(Split("/a%2Fb?x=%20").query, "x=%20");
  EXPECT_EQ(Split("http://host:1/a?b").path, "/a");
  EXPECT_EQ(Split("http://host:1/a?b").query, "b");
  EXPECT_EQ(Split("http://host").path, "/");
  EXPECT_EQ(Split("*").path, "*");
  EXPECT_EQ(Split("/a?b?c#d").query, "b?c");
  EXPECT_EQ(Split("/?").query, "");
}

TEST(LoopbackHost, OddSpellingsAreNotLoopback) {
  for (const std::string_view host :
       {"", ":", "[", "[]", "[::1", "::2", "0x7f.1", "127.1", "localhost@evil.example"}) {
    // "[::1" is cut off but can name nothing else.
    EXPECT_EQ(IsLoopbackHostUntrusted(host), host == "[::1") << host;
  }
  EXPECT_TRUE(IsLoopbackHostUntrusted("::1"));
  EXPECT_TRUE(IsLoopbackHostUntrusted("localhost."));
}

TEST(ErrorResponse, QuotesItsTexts) {
  EXPECT_EQ(ErrorResponse(400, ErrorCode::kInvalidInput, "a \"b\"\n", "c\\").body,
            R"({"code":"invalid_input","message":"a \"b\" ","hint":"c\\"})");
}

TEST(ResponseHead, SaysHowTheBodyIsFramed) {
  const std::string head = FormatResponseHead({.status = 404}, {.keep_alive = false, .content_length = 7});
  EXPECT_TRUE(head.starts_with("HTTP/1.1 404 Not Found\r\nDate: ")) << head;
  EXPECT_TRUE(head.ends_with(" GMT\r\nContent-Length: 7\r\nConnection: close\r\n\r\n")) << head;
}

}  // namespace
}  // namespace telltale
