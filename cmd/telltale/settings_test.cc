#include "settings.h"

#include <gtest/gtest.h>

#include "server.h"

namespace telltale {
namespace {

TEST(ListenAddress, ReadsAPortAnAddressAndOff) {
  EXPECT_EQ(ParseListenAddress("4317")->Text(), "localhost:4317");
  EXPECT_EQ(ParseListenAddress("0.0.0.0:80")->Text(), "0.0.0.0:80");
  EXPECT_EQ(ParseListenAddress("[::1]:4317")->Text(), "[::1]:4317");
  EXPECT_FALSE(ParseListenAddress("off")->on);
}

TEST(ListenAddress, RefusesWhatHasNoPort) {
  for (const char* text : {"", "localhost", "127.0.0.1:", "70000", "-1", "12x"}) {
    EXPECT_FALSE(ParseListenAddress(text)) << text;
  }
}

TEST(Bytes, ReadsBinaryAndDecimalUnits) {
  EXPECT_EQ(*ParseBytes("1048576"), 1048576u);
  EXPECT_EQ(*ParseBytes("64MiB"), 64u << 20);
  EXPECT_EQ(*ParseBytes("2GB"), 2'000'000'000u);
}

TEST(Bytes, RefusesUnknownUnitsAndOverflow) {
  for (const char* text : {"", "MiB", "1 MiB", "1mib", "-1", "99999999999GiB"})
    EXPECT_FALSE(ParseBytes(text)) << text;
}

TEST(ServeOptions, RefusesAnOpenAddressUnlessToldThatNothingChecksWhoCalls) {
  Settings settings;
  settings.http = "0.0.0.0:16686";
  auto refused = ServeOptions::From(settings);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().hint.find("--no-auth"), std::string::npos);
  settings.no_auth = true;
  EXPECT_TRUE(ServeOptions::From(settings));
}

TEST(ServeOptions, PortsZeroFreesTheDefaultsAndKeepsWhatWasSaid) {
  Settings settings;
  settings.ports = "0";
  settings.otlp_http = "127.0.0.1:5000";
  auto options = ServeOptions::From(settings);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->http.port, 0);
  EXPECT_EQ(options->tempo.port, 0);
  EXPECT_EQ(options->otlp_grpc.port, 0);
  EXPECT_EQ(options->otlp_http.port, 5000);
}

TEST(ServeOptions, OriginsAreAListAndEachMustBeOne) {
  Settings settings;
  settings.cors_origins = "http://localhost:*, https://app.example,";
  EXPECT_EQ(ServeOptions::From(settings)->cors_origins,
            (std::vector<std::string>{"http://localhost:*", "https://app.example"}));
  settings.cors_origins = "*";
  EXPECT_TRUE(ServeOptions::From(settings));
  for (const char* none : {"localhost:5173", "http://localhost/", "http://*.*", "://x"}) {
    settings.cors_origins = none;
    EXPECT_FALSE(ServeOptions::From(settings)) << none;
  }
}

}  // namespace
}  // namespace telltale
