// The embedded ClickHouse engine: libchdb in this process, one folder, one process.
//
//   auto engine = EmbeddedEngine::Open({.folder = data / "store", .memory_bytes = 512 << 20});
//
// Failure        Open answers kNotFound when libchdb is not installed and kUnavailable
//                when another process has the folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "store/engine.h"

namespace telltale {

struct EmbeddedEngineOptions {
  std::filesystem::path folder;
  std::filesystem::path library;  // empty: FindChdb()
  // What the engine may use for everything together; a query over it fails, the
  // process goes on.
  uint64_t memory_bytes = 512ull << 20;
  int query_connections = 4;
};

class EmbeddedEngine {
 public:
  static Result<std::unique_ptr<Engine>> Open(const EmbeddedEngineOptions& options);
};

}  // namespace telltale
