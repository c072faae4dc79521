// Users: what the calls of each took and cost.
//
//   TELLTALE_ASSIGN_OR_RETURN(UserPage page, ListUsers(engine, {.filter = filter}));
//   for (const UserRow& user : page.users) Show(user.name, user.sums);
//
// Sums take what counts (calls.h) of the calls that match the filter.
//
// Ownership      Plain data.
// Thread safety  Free functions.
// Failure        As Engine::Query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/calls.h"
#include "query/cursor.h"
#include "store/engine.h"

namespace telltale {

struct UserRow {
  std::string name;
  int64_t first_seen_unix_nano = 0;
  int64_t last_seen_unix_nano = 0;
  uint64_t conversations = 0;
  uint64_t traces = 0;
  CallSums sums;
};

enum class UserOrder : uint8_t { kLastSeen, kCost, kCalls, kTokens };  // all largest first

struct UserSearch {
  CallFilter filter;
  UserOrder order = UserOrder::kLastSeen;
  size_t limit = 50;
  std::optional<GroupCursor> cursor;  // its time range replaces the filter's
};

struct UserPage {
  std::vector<UserRow> users;
  std::optional<GroupCursor> next;
};

Result<UserPage> ListUsers(Engine& engine, const UserSearch& search);

}  // namespace telltale
