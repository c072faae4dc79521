#include "query/metrics.h"

#include <utility>

#include "query/newest_first.h"
#include "query/statement.h"

namespace telltale {
namespace {

constexpr size_t kNamesMax = 10'000;

constexpr std::string_view kColumns =
    "SELECT name, time, start, service, type, temporality, monotonic, unit, description, value, is_integer, "
    "integer, count, sum, min, max, shape, exemplars, flags, attrs, attr_types, resource, scope FROM metrics "
    "WHERE 1";

MetricRow ReadRow(RowReader& rows) {
  MetricRow row;
  row.name = rows.String();
  row.time_unix_nano = rows.Number<int64_t>();
  row.start_unix_nano = rows.Number<int64_t>();
  row.service = rows.String();
  row.type = static_cast<MetricType>(rows.Number<uint8_t>());
  row.temporality = rows.Number<uint8_t>();
  row.monotonic = rows.Number<uint8_t>() != 0;
  row.unit = rows.String();
  row.description = rows.String();
  row.value = rows.Number<double>();
  row.is_integer = rows.Number<uint8_t>() != 0;
  row.integer = rows.Number<int64_t>();
  row.count = rows.Number<uint64_t>();
  row.sum = rows.Number<double>();
  row.min = rows.Number<double>();
  row.max = rows.Number<double>();
  row.shape = rows.String();
  row.exemplars = rows.String();
  row.flags = rows.Number<uint32_t>();
  row.attributes = ReadStoredAttributes(rows);
  row.resource = rows.String();
  row.scope = rows.String();
  return row;
}

}  // namespace

Result<MetricPage> ReadMetrics(Engine& engine, const MetricSearch& search) {
  const MetricFilter& filter = search.filter;
  const auto read = [&](const TimeRange& range, size_t rows_max) -> Result<MetricPage> {
    Statement sql(kColumns);
    sql.AndRange(range, "time");
    if (!filter.name.empty()) (sql << " AND name = ").Parameter("name", "String", filter.name);
    if (!filter.service.empty()) (sql << " AND service = ").Parameter("service", "String", filter.service);
    for (size_t i = 0; i < filter.attributes.size(); ++i) AddAttributeCondition(filter.attributes[i], i, sql);
    sql << " ORDER BY time DESC LIMIT " << std::to_string(rows_max);
    TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine.Query(sql.Take("max_threads = 1")));
    MetricPage page;
    page.bytes = std::make_unique<const QueryResult>(std::move(result));
    RowReader rows(page.bytes->bytes);
    while (!rows.done()) page.rows.push_back(ReadRow(rows));
    return page;
  };
  TELLTALE_ASSIGN_OR_RETURN(auto found, ReadNewestFirst<MetricPage>(filter.range, search.limit, read));
  found.first.next = found.second;
  return std::move(found.first);
}

Result<std::vector<MetricName>> ListMetricNames(Engine& engine, const TimeRange& range,
                                                const std::string& service) {
  Statement sql(
      "SELECT name, type, unit, argMax(description, time), count(), max(time), "
      "arraySort(groupUniqArray(100)(service)) FROM metrics WHERE 1");
  sql.AndRange(range, "time");
  if (!service.empty()) (sql << " AND service = ").Parameter("service", "String", service);
  sql << " GROUP BY name, type, unit ORDER BY name, type, unit LIMIT " << std::to_string(kNamesMax);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take("max_threads = 1")));
  std::vector<MetricName> names;
  RowReader rows(result.bytes);
  while (!rows.done()) {
    MetricName& name = names.emplace_back();
    name.name = rows.String();
    name.type = static_cast<MetricType>(rows.Number<uint8_t>());
    name.unit = rows.String();
    name.description = rows.String();
    name.points = rows.Number<uint64_t>();
    name.last_unix_nano = rows.Number<int64_t>();
    for (size_t left = rows.Length(); left > 0; --left) name.services.emplace_back(rows.String());
  }
  return names;
}

}  // namespace telltale
