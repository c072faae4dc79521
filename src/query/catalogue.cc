#include "query/catalogue.h"

#include <simdjson.h>

#include <set>
#include <string_view>

#include "query/columns.h"

namespace telltale {
namespace {

constexpr size_t kListMax = 10'000;
constexpr size_t kSampledSpans = 10'000;
// The join holds both sides in memory: some 60 bytes a span.
constexpr size_t kJoinedSpans = 500'000;

// Adds the attribute keys of a stored resource. What is not such a text has none.
void AddResourceKeys(std::string_view resource, std::set<std::string>& keys) {
  simdjson::padded_string text(resource);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS) return;
  simdjson::ondemand::array attributes;
  if (document["attributes"].get_array().get(attributes) != simdjson::SUCCESS) return;
  for (auto attribute : attributes) {
    std::string_view key;
    if (attribute["key"].get_string().get(key) == simdjson::SUCCESS) keys.emplace(key);
  }
}

}  // namespace

Result<std::vector<Service>> ListServices(Engine& engine, const TimeRange& range) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(ServicesStatement(range, kListMax)));
  std::vector<Service> services;
  RowReader rows(result.bytes);
  while (!rows.done()) {
    const ServiceRow row = ReadServiceRow(rows);
    services.push_back({.name = std::string(row.service),
                        .spans = row.spans,
                        .errors = row.errors,
                        .last_seen_unix_nano = row.last_seen_unix_nano});
  }
  return services;
}

Result<std::vector<Operation>> ListOperations(Engine& engine, const std::string& service,
                                              const TimeRange& range) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result,
                            engine.Query(OperationsStatement(service, range, kListMax)));
  std::vector<Operation> operations;
  RowReader rows(result.bytes);
  while (!rows.done()) {
    const OperationRow row = ReadOperationRow(rows);
    operations.push_back({.name = std::string(row.name), .kind = row.kind, .spans = row.spans});
  }
  return operations;
}

Result<std::vector<std::string>> ListAttributeKeys(Engine& engine, const std::string& service,
                                                   const TimeRange& range) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result,
                            engine.Query(AttributeKeysStatement(service, range, kSampledSpans)));
  std::set<std::string> keys;
  RowReader rows(result.bytes);
  for (size_t left = rows.Length(); left > 0; --left) keys.emplace(rows.String());
  for (size_t left = rows.Length(); left > 0; --left) AddResourceKeys(rows.String(), keys);
  return std::vector<std::string>(keys.begin(), keys.end());
}

Result<std::vector<Dependency>> ListDependencies(Engine& engine, const TimeRange& range) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result,
                            engine.Query(DependenciesStatement(range, kJoinedSpans)));
  std::vector<Dependency> dependencies;
  RowReader rows(result.bytes);
  while (!rows.done()) {
    const DependencyRow row = ReadDependencyRow(rows);
    dependencies.push_back(
        {.parent = std::string(row.parent), .child = std::string(row.child), .calls = row.calls});
  }
  return dependencies;
}

Result<StoreStats> ReadStoreStats(Engine& engine) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult size, engine.Query(StoreSizeStatement()));
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult times, engine.Query(StoreTimesStatement()));
  StoreStats stats;
  RowReader size_row(size.bytes);
  stats.spans = size_row.Number<uint64_t>();
  stats.disk_bytes = size_row.Number<uint64_t>();
  RowReader times_row(times.bytes);
  const int64_t oldest = times_row.Number<int64_t>();
  const int64_t newest = times_row.Number<int64_t>();
  if (stats.spans > 0) {
    stats.oldest_unix_nano = oldest;
    stats.newest_unix_nano = newest;
  }
  return stats;
}

}  // namespace telltale
