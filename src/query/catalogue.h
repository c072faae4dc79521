// What the store holds, in lists: services, their operations, attribute keys, which
// service calls which, and how large it all is.
//
// Failure        As Engine::Query.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/filter.h"
#include "store/engine.h"

namespace telltale {

struct Service {
  std::string name;
  uint64_t spans = 0;
  uint64_t errors = 0;
  int64_t last_seen_unix_nano = 0;
};

// By name; at most 10,000.
Result<std::vector<Service>> ListServices(Engine& engine, const TimeRange& range);

struct Operation {
  std::string name;
  uint8_t kind = 0;
  uint64_t spans = 0;
};

// By name and kind; at most 10,000.
Result<std::vector<Operation>> ListOperations(Engine& engine, const std::string& service,
                                              const TimeRange& range);

// Keys of spans and resources, sorted, from the newest spans of the range.
Result<std::vector<std::string>> ListAttributeKeys(Engine& engine, const std::string& service,
                                                   const TimeRange& range);

struct Dependency {
  std::string parent;
  std::string child;
  uint64_t calls = 0;  // spans of `child` whose parent span is in `parent`
};

// Over the newest half million spans of the range.
Result<std::vector<Dependency>> ListDependencies(Engine& engine, const TimeRange& range);

struct StoreStats {
  uint64_t spans = 0;
  uint64_t disk_bytes = 0;
  std::optional<int64_t> oldest_unix_nano;
  std::optional<int64_t> newest_unix_nano;
};

Result<StoreStats> ReadStoreStats(Engine& engine);

}  // namespace telltale
