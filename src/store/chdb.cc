#include "store/chdb.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <vector>

#ifndef __has_feature  // GCC
#define __has_feature(x) 0
#endif

namespace telltale {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kInstallHint =
    "run ./dev build, which fetches libchdb from the npm registry, or set TELLTALE_LIBCHDB to a libchdb.so";

template <typename Function>
bool Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

}  // namespace

Result<Chdb> LoadChdb(const fs::path& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Fail(ErrorCode::kUnavailable, "load the store's engine: " + path.string() + ": " + ::dlerror(),
                std::string(kInstallHint));
  }
  Chdb chdb{};
  const bool complete =
      Find(library, "chdb_version", chdb.version) &&
      Find(library, "chdb_set_signal_handlers_enabled", chdb.set_signal_handlers_enabled) &&
      Find(library, "chdb_connect", chdb.connect) && Find(library, "chdb_close_conn", chdb.close) &&
      Find(library, "chdb_query_n", chdb.query) &&
      Find(library, "chdb_query_with_params_n", chdb.query_with_parameters) &&
      Find(library, "chdb_result_buffer", chdb.result_buffer) &&
      Find(library, "chdb_result_length", chdb.result_length) &&
      Find(library, "chdb_result_elapsed", chdb.result_elapsed) &&
      Find(library, "chdb_result_storage_rows_read", chdb.result_rows_read) &&
      Find(library, "chdb_result_storage_bytes_read", chdb.result_bytes_read) &&
      Find(library, "chdb_result_error", chdb.result_error) &&
      Find(library, "chdb_destroy_query_result", chdb.destroy_result) &&
      Find(library, "chdb_stream_insert_n", chdb.insert) &&
      Find(library, "chdb_stream_append", chdb.append) && Find(library, "chdb_stream_done", chdb.finish) &&
      Find(library, "chdb_stream_insert_error", chdb.insert_error) &&
      Find(library, "chdb_destroy_insert_stream", chdb.destroy_insert) &&
      Find(library, "chdb_stream_query_with_params_n", chdb.stream) &&
      Find(library, "chdb_stream_fetch_result", chdb.fetch) &&
      Find(library, "chdb_stream_cancel_query", chdb.cancel) &&
      Find(library, "chdb_classify_query_n", chdb.classify);
  if (!complete) {
    return Fail(
        ErrorCode::kUnavailable,
        "load the store's engine: " + path.string() + ": a function is missing: this needs libchdb 26.7",
        std::string(kInstallHint));
  }
  return chdb;
}

Result<fs::path> FindChdb() {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return Fail(ErrorCode::kUnavailable,
              "find the store's engine: this build has a sanitizer, whose allocator and libchdb's exclude "
              "each other");
#endif
  std::vector<fs::path> places;
  if (const char* named = std::getenv("TELLTALE_LIBCHDB"); named != nullptr) {
    if (fs::exists(named)) return fs::path(named);
    return Fail(ErrorCode::kNotFound,
                std::string("find the store's engine: TELLTALE_LIBCHDB=") + named + ": no such file");
  }
  std::error_code ec;
  const fs::path executable = fs::read_symlink("/proc/self/exe", ec);
  if (!ec) {
    places.push_back(executable.parent_path() / "libchdb.so");
    places.push_back(executable.parent_path() / "../lib/telltale/libchdb.so");
    for (fs::path folder = executable.parent_path(); folder != folder.root_path();
         folder = folder.parent_path()) {
      places.push_back(folder / ".cache/chdb/libchdb.so");
    }
  }
  places.insert(places.end(), {"/usr/local/lib/libchdb.so", "/usr/lib/libchdb.so"});
  for (const fs::path& place : places) {
    if (fs::exists(place, ec)) return place;
  }
  return Fail(ErrorCode::kNotFound,
              "find the store's engine: libchdb.so is not beside the program nor in its usual places",
              std::string(kInstallHint));
}

}  // namespace telltale
