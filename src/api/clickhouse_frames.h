// ClickHouse's own compressed blocks, which `compress=1` asks for.
//
//   [ checksum 16 ][ method 1 ][ size with this head 4 ][ size unpacked 4 ][ LZ4 ]
//                  ^ the checksum, CityHash128 of version 1.0.2, is over the bytes from here
//
// Blocks stand one after the other; the end of the body is the end.
//
// Format   https://clickhouse.com/docs/native-protocol/basics (compression)
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "net/body_encoder.h"

namespace telltale {

std::unique_ptr<BodyEncoder> MakeClickHouseFrames();

// The low half first. The hash as it was in version 1.0.2, which ClickHouse stayed with.
std::pair<uint64_t, uint64_t> CityHash128(std::string_view bytes);

}  // namespace telltale
