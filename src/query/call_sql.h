// The parts of statements about the table `calls` that several questions share. Private to
// query/.
//
//   Statement sql("SELECT user, ");
//   sql << kCallSums << " FROM calls FINAL WHERE " << kCounts;
//   AddCallConditions(filter, sql);
//   ... rows.String(); ReadCallSums(rows) ...
#pragma once

#include <string_view>

#include "query/calls.h"
#include "query/statement.h"
#include "store/row_reader.h"

namespace telltale {

// IsModelCall() in SQL.
inline constexpr std::string_view kAsksModel = "kind IN (1, 2, 3, 7)";

// What adds to sums: CallSums are over rows of this.
inline constexpr std::string_view kCounts =
    "counts AND (kind IN (1, 2, 3, 7) OR input_tokens >= 0 OR output_tokens >= 0)";

inline constexpr std::string_view kCallSums =
    "countIf(kind IN (1, 2, 3, 7)), countIf(kind IN (1, 2, 3, 7) AND failed), "
    "sum(greatest(input_tokens, 0)), sum(greatest(output_tokens, 0)), sum(greatest(cache_read_tokens, 0)), "
    "sum(greatest(cache_write_tokens, 0)), sum(greatest(reasoning_tokens, 0)), "
    "countIf(kind IN (1, 2, 3, 7) AND input_tokens < 0 AND output_tokens < 0), "
    "sumIf(toInt128(cost), kind IN (1, 2, 3, 7) AND cost_status IN (2, 3)), "
    "countIf(kind IN (1, 2, 3, 7) AND cost_status = 2), countIf(kind IN (1, 2, 3, 7) AND cost_status = 3), "
    "countIf(kind IN (1, 2, 3, 7) AND cost_status = 1), countIf(kind IN (1, 2, 3, 7) AND cost_status = 0)";

inline constexpr std::string_view kCostSum =
    "sumIf(toInt128(cost), kind IN (1, 2, 3, 7) AND cost_status IN (2, 3))";

// Of one partition, revisions of a row never lie in another.
inline constexpr std::string_view kFinal = "do_not_merge_across_partitions_select_final = 1";

// The columns of kCallSums.
CallSums ReadCallSums(RowReader& rows);

// Everything of the filter. REQUIRES: a condition stands before it.
void AddCallConditions(const CallFilter& filter, Statement& sql);

}  // namespace telltale
