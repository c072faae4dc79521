// For tests: a server that gives each path a prepared answer and remembers what it was asked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "net/http_server.h"

namespace telltale {

class CannedServer final : public HttpHandler {
 public:
  explicit CannedServer(uint16_t port = 0) { Start(port); }
  ~CannedServer() override { Stop(); }

  void Start(uint16_t port) {
    auto server = HttpServer::Listen({.address = "127.0.0.1", .port = port}, *this);
    if (server) server_ = std::move(*server);
  }
  void Stop() { server_.reset(); }
  uint16_t port() const { return server_->port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }

  // From now on `path` is answered so; a path without an answer is 404, as the API says it.
  void Answer(const std::string& path, HttpResponse response) {
    MutexLock lock(mu_);
    answers_[path] = std::move(response);
  }
  void AnswerJson(const std::string& path, std::string body) {
    Answer(path, HttpResponse::Json(200, std::move(body)));
  }
  // The queries that came for any path, in order.
  std::vector<std::string> queries() {
    MutexLock lock(mu_);
    return queries_;
  }

  // The bodies that came with them.
  std::vector<std::string> bodies() {
    MutexLock lock(mu_);
    return bodies_;
  }

  void Handle(HttpRequest request, HttpDone done) override {
    HttpResponse response =
        HttpResponse::Json(404, R"({"code":"not_found","message":"find the page: no such page","hint":""})");
    {
      MutexLock lock(mu_);
      queries_.push_back(request.query);
      bodies_.push_back(request.body);
      const auto found = answers_.find(request.path);
      if (found != answers_.end()) response = found->second;
    }
    done(std::move(response));
  }

 private:
  std::unique_ptr<HttpServer> server_;
  Mutex mu_;
  std::map<std::string, HttpResponse> answers_ TELLTALE_GUARDED_BY(mu_);
  std::vector<std::string> queries_ TELLTALE_GUARDED_BY(mu_);
  std::vector<std::string> bodies_ TELLTALE_GUARDED_BY(mu_);
};

}  // namespace telltale
