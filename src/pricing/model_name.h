// The names under which a price table may list a model, the closest first.
//
//   ModelNames names = NamesOf("aws.bedrock", "us.anthropic.claude-3-haiku-20240307-v1:0");
//   // us.anthropic.claude-3-haiku-20240307-v1:0   exact
//   // anthropic.claude-3-haiku-20240307-v1:0      region
//
// Each step takes away something that a provider adds to a name without making it another
// model: a prefix, a region, a host's version suffix, a date. No step turns a name into that
// of another model: a fine-tune keeps its ft: and is never priced as its base model.
//
// Thread safety  Free functions.
// Cost           A few microseconds; Pricer remembers the answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trace/cost.h"

namespace telltale {

struct ModelName {
  std::string name;  // lower-case
  PriceMatch how = PriceMatch::kExact;
  // With kLatest: where no rule has this very name, its newest dated snapshot is meant.
  bool newest_snapshot = false;
};

struct ModelNames {
  std::vector<ModelName> names;
  bool fine_tune = false;
};

// `provider` as CanonicalProvider() gives it.
ModelNames NamesOf(std::string_view provider, std::string_view model);

// `name` without the date at its end (-2024-08-06, -20250929, @20250929); empty: it has none.
std::string_view WithoutDate(std::string_view name);

}  // namespace telltale
