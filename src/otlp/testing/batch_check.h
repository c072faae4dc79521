// What must hold of every batch that a decoder has filled, whatever it was given.
#pragma once

#include "base/check.h"
#include "trace/batch.h"

namespace telltale::testing {

template <typename Rows>
void CheckRows(const Batch& batch, const Rows& rows) {
  for (const auto& row : rows) {
    TELLTALE_CHECK(row.resource < batch.resources.size(), "a row names a resource that is not there");
    TELLTALE_CHECK(row.scope < batch.scopes.size(), "a row names a scope that is not there");
    TELLTALE_CHECK(size_t{row.attributes.begin} + row.attributes.count <= batch.attributes.size(),
                   "a row names attributes that are not there");
  }
}

inline void CheckBatch(const Batch& batch) {
  CheckRows(batch, batch.spans);
  CheckRows(batch, batch.logs);
  CheckRows(batch, batch.points);
}

}  // namespace telltale::testing
