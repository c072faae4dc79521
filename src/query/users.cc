#include "query/users.h"

#include <string>
#include <string_view>

#include "query/call_sql.h"
#include "query/statement.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

std::string ExpressionOf(UserOrder order) {
  switch (order) {
    case UserOrder::kLastSeen:
      return "toUnixTimestamp64Nano(max(start))";
    case UserOrder::kCost:
      return "toInt64(least(" + std::string(kCostSum) + ", toInt128(9223372036854775807)))";
    case UserOrder::kCalls:
      return "toInt64(countIf(" + std::string(kAsksModel) + "))";
    case UserOrder::kTokens:
      return "sum(greatest(input_tokens, 0)) + sum(greatest(output_tokens, 0))";
  }
  return "toInt64(0)";
}

}  // namespace

Result<UserPage> ListUsers(Engine& engine, const UserSearch& search) {
  CallFilter filter = search.filter;
  if (search.cursor) filter.range = search.cursor->range;
  Statement sql("SELECT user, ");
  sql << ExpressionOf(search.order)
      << " AS value, sipHash64(user) AS hash, min(start), max(start), "
         "uniqExactIf(conversation, conversation != ''), uniqExact(trace_id), "
      << kCallSums << " FROM calls FINAL WHERE user != '' AND " << kCounts;
  AddCallConditions(filter, sql);
  sql << " GROUP BY user";
  if (search.cursor) {
    sql << " HAVING (value, hash) < (" << std::to_string(search.cursor->value) << ", "
        << std::to_string(search.cursor->hash) << ")";
  }
  sql << " ORDER BY value DESC, hash DESC LIMIT " << std::to_string(search.limit + 1);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take(kFinal)));
  UserPage page;
  GroupCursor last{.range = filter.range};
  for (RowReader rows(result.bytes); !rows.done();) {
    if (page.users.size() == search.limit) {
      page.next = last;
      break;
    }
    UserRow& user = page.users.emplace_back();
    user.name = rows.String();
    last.value = rows.Number<int64_t>();
    last.hash = rows.Number<uint64_t>();
    user.first_seen_unix_nano = rows.Number<int64_t>();
    user.last_seen_unix_nano = rows.Number<int64_t>();
    user.conversations = rows.Number<uint64_t>();
    user.traces = rows.Number<uint64_t>();
    user.sums = ReadCallSums(rows);
  }
  return page;
}

}  // namespace telltale
