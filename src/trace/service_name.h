// Which service a resource belongs to: service.name, as OpenTelemetry's resource
// conventions say.
#pragma once

#include <string_view>

#include "trace/batch.h"

namespace telltale {

// What comes from a resource without service.name is filed under.
inline constexpr std::string_view kUnknownService = "unknown_service";

// Empty: the resource does not tell.
inline std::string_view ToldServiceName(const Batch& batch, const Resource& resource) {
  const Value* name = batch.Find(resource.attributes, "service.name");
  return name != nullptr && name->type == ValueType::kString ? name->text : std::string_view();
}

inline std::string_view ServiceName(const Batch& batch, const Resource& resource) {
  const std::string_view told = ToldServiceName(batch, resource);
  return told.empty() ? kUnknownService : told;
}

}  // namespace telltale
