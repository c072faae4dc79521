#include "net/loopback.h"

#include <gtest/gtest.h>

#include "net/http_server.h"

namespace telltale {
namespace {

class NoHandler final : public HttpHandler {
  void Handle(HttpRequest, HttpDone done) override { done({}); }
};

TEST(Loopback, AFreePortIsFreeOnBothAddresses) {
  NoHandler handler;
  const uint16_t port = FindFreeLoopbackPort();
  ASSERT_NE(port, 0);
  const auto server = HttpServer::Listen({.address = "localhost", .port = port}, handler);
  EXPECT_TRUE(server) << server.error().message;
}

}  // namespace
}  // namespace telltale
