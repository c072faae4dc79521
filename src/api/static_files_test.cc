#include "api/static_files.h"

#include <gtest/gtest.h>

#include "api/testing/ask.h"

namespace telltale {
namespace {

StaticFiles SmallUi() {
  return StaticFiles({{.path = "/index.html",
                       .content_type = "text/html; charset=utf-8",
                       .bytes = "<html>",
                       .gzip = "zipped"},
                      {.path = "/assets/app-1a2b.js",
                       .content_type = "text/javascript",
                       .bytes = "script",
                       .gzip = {},
                       .immutable = true}});
}

TEST(StaticFiles, APageOfTheApplicationIsIndexHtml) {
  const StaticFiles files = SmallUi();
  for (const char* path : {"/", "/traces", "/trace/abc", "/index.html", "/../etc/passwd"}) {
    const HttpResponse response = files.Answer(Get(path));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.static_body, "<html>") << path;
    EXPECT_EQ(response.headers.Get("Cache-Control"), "no-cache");
  }
}

TEST(StaticFiles, AnAssetIsKeptByTheBrowserAndOneThatIsGoneIs404) {
  const StaticFiles files = SmallUi();
  EXPECT_EQ(files.Answer(Get("/assets/app-1a2b.js")).headers.Get("Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(files.Answer(Get("/assets/app-old.js")).status, 404);
}

TEST(StaticFiles, GzipIsSentToThoseWhoTakeItUnderATagOfItsOwn) {
  const StaticFiles files = SmallUi();
  HttpRequest request = Get("/");
  const std::string plain(files.Answer(request).headers.Get("ETag"));
  request.headers.Add("Accept-Encoding", "br, gzip");
  const HttpResponse response = files.Answer(request);
  EXPECT_EQ(response.static_body, "zipped");
  EXPECT_EQ(response.headers.Get("Content-Encoding"), "gzip");
  EXPECT_EQ(response.headers.Get("Vary"), "Accept-Encoding");
  EXPECT_NE(response.headers.Get("ETag"), plain);
}

TEST(StaticFiles, WhatTheBrowserHasIsNotSentAgain) {
  const StaticFiles files = SmallUi();
  HttpRequest request = Get("/");
  request.headers.Add("If-None-Match", std::string(files.Answer(request).headers.Get("ETag")));
  const HttpResponse response = files.Answer(request);
  EXPECT_EQ(response.status, 304);
  EXPECT_TRUE(response.static_body.empty());
}

TEST(StaticFiles, EveryPageForbidsScriptsFromElsewhere) {
  const HttpResponse response = SmallUi().Answer(Get("/"));
  EXPECT_TRUE(response.headers.Get("Content-Security-Policy").starts_with("default-src 'self';"));
  EXPECT_EQ(response.headers.Get("X-Content-Type-Options"), "nosniff");
}

TEST(StaticFiles, AServerWithoutItsUiSaysSo) {
  const HttpResponse response = StaticFiles({}).Answer(Get("/"));
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("without its web UI"), std::string::npos);
}

}  // namespace
}  // namespace telltale
