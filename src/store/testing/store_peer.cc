// A stand-in for a ClickHouse server, for tests only: the embedded engine behind ClickHouse's HTTP
// interface, for reading and writing, without any gate.
//
//   store_peer --data FOLDER --ready-file PATH [--port N] [--user U --password P]
//
// It does what http_engine.h asks for: a statement in the body, in `query=` with data in the body, or in a
// form; parameters, settings, a default format, INSERT ... FORMAT Native, KILL QUERY by query_id. Errors
// have the server's form.
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"
#include "net/http_server.h"
#include "net/worker_pool.h"
#include "store/chdb.h"
#include "store/chdb_result.h"
#include "store/embedded_engine.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

struct PeerOptions {
  fs::path data;
  fs::path ready_file;
  uint16_t port = 0;
  std::string user = "default";
  std::string password;
};

struct Asked {
  std::string sql;
  std::string database = "default";
  std::string format = "TabSeparated";
  std::string query_id;
  bool readonly = false;
  std::vector<std::string> settings;
  std::vector<std::pair<std::string, std::string>> parameters;
  bool data_in_body = false;
};

void ReadPair(const std::string& name, const std::string& value, Asked& asked) {
  if (name == "query") {
    asked.sql = value;
  } else if (name == "database") {
    asked.database = value;
  } else if (name == "default_format") {
    asked.format = value;
  } else if (name == "query_id") {
    asked.query_id = value;
  } else if (name == "readonly") {
    asked.readonly = value == "1";
  } else if (name.starts_with("param_")) {
    asked.parameters.emplace_back(name.substr(6), value);
  } else if (name != "wait_end_of_query") {
    asked.settings.push_back("--" + name + "=" + value);
  }
}

void ReadForm(std::string_view type, std::string_view body, Asked& asked) {
  const std::string boundary = "--" + std::string(type.substr(type.find("boundary=") + 9));
  while (true) {
    const size_t begin = body.find(boundary);
    if (begin == body.npos) return;
    body.remove_prefix(begin + boundary.size());
    const size_t name = body.find("name=\"");
    const size_t head_end = body.find("\r\n\r\n");
    const size_t end = body.find("\r\n" + boundary);
    if (name == body.npos || head_end == body.npos || end == body.npos) return;
    const size_t name_end = body.find('"', name + 6);
    ReadPair(std::string(body.substr(name + 6, name_end - name - 6)),
             std::string(body.substr(head_end + 4, end - head_end - 4)), asked);
  }
}

Asked Read(const HttpRequest& request) {
  Asked asked;
  std::string_view query = request.query;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    ReadPair(PercentDecode(pair.substr(0, equals), true),
             PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true), asked);
  }
  if (request.headers.Get("Content-Type").starts_with("multipart/form-data")) {
    ReadForm(request.headers.Get("Content-Type"), request.body, asked);
  } else if (asked.sql.starts_with("INSERT")) {
    asked.data_in_body = true;
  } else {
    asked.sql += request.body;
  }
  return asked;
}

HttpResponse ErrorOf(std::string_view text) {
  HttpResponse response = HttpResponse::Text(500, std::string(text) + "\n");
  response.headers.Add("X-ClickHouse-Exception-Code", std::to_string(EngineErrorNumber(text)));
  return response;
}

class Peer final : public HttpHandler {
 public:
  Peer(const PeerOptions& options, const Chdb& chdb, std::unique_ptr<Engine> engine)
      : options_(options), chdb_(chdb), engine_(std::move(engine)), pool_({.threads = 6, .queue_max = 64}) {}

  void Handle(HttpRequest request, HttpDone done) override {
    if (request.headers.Get("X-ClickHouse-User") != options_.user ||
        request.headers.Get("X-ClickHouse-Key") != options_.password) {
      HttpResponse refused =
          ErrorOf("Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)");
      refused.status = 403;
      return done(std::move(refused));
    }
    auto shared = std::make_shared<std::pair<HttpRequest, HttpDone>>(std::move(request), std::move(done));
    if (!pool_.TryPost([this, shared] { shared->second(Answer(shared->first)); }))
      shared->second(HttpResponse::Text(503, "busy"));
  }

 private:
  ChdbConnectionHandle* Connect(const Asked& asked) {
    std::vector<std::string> arguments = {
        "store_peer",
        "--path=" + (options_.data / "store").string(),
        "--config-file=" + (options_.data / "engine.xml").string(),
        "--max_threads=2",
        "--async_insert=0",
        "--input_format_parallel_parsing=0",
        "--output_format_parallel_formatting=0",
    };
    if (!asked.query_id.empty()) arguments.push_back("--log_comment=" + asked.query_id);
    arguments.insert(arguments.end(), asked.settings.begin(), asked.settings.end());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    return chdb_.connect(static_cast<int>(argv.size()), argv.data());
  }

  HttpResponse Answer(const HttpRequest& request) {
    Asked asked = Read(request);
    // The engine gives ids of its own; ours stands in log_comment.
    constexpr std::string_view kKill = "KILL QUERY WHERE query_id";
    if (asked.sql.starts_with(kKill)) asked.sql.replace(17, 8, " Settings['log_comment']");
    ChdbConnectionHandle* connection = Connect(asked);
    if (connection == nullptr || *connection == nullptr)
      return ErrorOf("Code: 1000. DB::Exception: no connection");
    HttpResponse response = Run(*connection, asked, request.body);
    chdb_.close(connection);
    return response;
  }

  HttpResponse Run(ChdbConnectionHandle connection, const Asked& asked, std::string_view body) {
    for (const std::string& sql :
         {"USE `" + asked.database + "`", std::string(asked.readonly ? "SET readonly = 1" : "")}) {
      if (sql.empty()) continue;
      const ResultHolder result(chdb_, chdb_.query(connection, sql.data(), sql.size(), "Null", 4));
      if (!result.error().empty()) return ErrorOf(result.error());
    }
    if (asked.data_in_body) return Insert(connection, asked.sql, body);
    std::vector<const char*> names, values;
    std::vector<size_t> name_sizes, value_sizes;
    for (const auto& [name, value] : asked.parameters) {
      names.push_back(name.data());
      name_sizes.push_back(name.size());
      values.push_back(value.data());
      value_sizes.push_back(value.size());
    }
    const ResultHolder result(
        chdb_, chdb_.query_with_parameters(
                   connection, asked.sql.data(), asked.sql.size(), asked.format.data(), asked.format.size(),
                   names.data(), name_sizes.data(), values.data(), value_sizes.data(), names.size()));
    if (!result.error().empty()) return ErrorOf(result.error());
    HttpResponse response = HttpResponse::Text(200, std::string(result.bytes()));
    response.headers.Add("X-ClickHouse-Summary", "{\"read_rows\":\"" + std::to_string(result.rows_read()) +
                                                     "\",\"read_bytes\":\"" +
                                                     std::to_string(result.bytes_read()) + "\"}");
    return response;
  }

  HttpResponse Insert(ChdbConnectionHandle connection, std::string sql, std::string_view body) {
    constexpr std::string_view kFormat = " FORMAT Native";
    if (sql.ends_with(kFormat)) sql.resize(sql.size() - kFormat.size());
    ChdbStreamHandle* stream = chdb_.insert(connection, sql.data(), sql.size(), "Native", 6);
    std::string failed;
    const auto fail = [&] {
      const char* text = chdb_.insert_error(stream);
      failed = text == nullptr || *text == '\0' ? "Code: 1002. DB::Exception: no reason" : text;
    };
    if (const char* error = chdb_.insert_error(stream); error != nullptr && *error != '\0') {
      fail();
    } else if (chdb_.append(stream, body.data(), body.size()) != 0) {
      fail();
    } else {
      const ResultHolder result(chdb_, chdb_.finish(stream));
      failed = result.error();
    }
    chdb_.destroy_insert(stream);
    return failed.empty() ? HttpResponse::Text(200, "") : ErrorOf(failed);
  }

  const PeerOptions options_;
  const Chdb chdb_;
  const std::unique_ptr<Engine> engine_;  // holds the folder
  WorkerPool pool_;                       // Last: its jobs use everything above.
};

int Main(const PeerOptions& options) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  const auto fail = [](const Error& error) {
    std::cerr << "error: " << error.message << '\n';
    return 1;
  };
  auto engine = EmbeddedEngine::Open({.folder = options.data / "store"});
  if (!engine) return fail(engine.error());
  auto library = FindChdb();
  if (!library) return fail(library.error());
  auto chdb = LoadChdb(*library);
  if (!chdb) return fail(chdb.error());
  Peer peer(options, *chdb, std::move(*engine));
  auto server = HttpServer::Listen({.port = options.port, .threads = 2}, peer);
  if (!server) return fail(server.error());
  std::ofstream(options.ready_file.string() + ".part")
      << "{\"pid\":" << ::getpid() << ",\"http\":\"127.0.0.1:" << (*server)->port() << "\"}\n";
  fs::rename(options.ready_file.string() + ".part", options.ready_file);
  int signal = 0;
  sigwait(&stop, &signal);
  (*server)->Stop(1000);
  return 0;
}

}  // namespace
}  // namespace telltale

int main(int argc, char** argv) {
  telltale::PeerOptions options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--data") options.data = std::filesystem::absolute(value);
    if (name == "--ready-file") options.ready_file = value;
    if (name == "--user") options.user = value;
    if (name == "--password") options.password = value;
    if (name == "--port") std::from_chars(value.data(), value.data() + value.size(), options.port);
  }
  if (options.data.empty() || options.ready_file.empty()) {
    std::cerr << "usage: store_peer --data FOLDER --ready-file PATH [--port N] [--user U --password P]\n";
    return 2;
  }
  return telltale::Main(options);
}
