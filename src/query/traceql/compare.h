// compare(): how often each value of each attribute is among the spans of a selection, and
// among the others.
//
// Series are labelled as Tempo labels them: `__meta_type` is selection or baseline, beside the
// attribute and its value; selection_total and baseline_total count the spans that have the
// attribute, beside a value that is nil. Which attributes: those of spans, resources, and
// name, status, kind and service.
//
// Failure        kInvalidInput where a condition needs more than the span itself.
// Cost           Two statements that read the attributes of every span in the range.
#pragma once

#include "base/result.h"
#include "query/traceql/metrics.h"
#include "query/traceql/series.h"

namespace telltale::traceql {

// REQUIRES: the query's metric is kCompare.
Result<MetricAnswer> RunCompare(Engine& engine, const TraceQuery& query, const MetricQuestion& question,
                                const Steps& steps);

}  // namespace telltale::traceql
