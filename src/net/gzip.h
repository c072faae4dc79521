// gzip and zlib (what HTTP calls "deflate") in one piece, over libdeflate.
//
//   TELLTALE_ASSIGN_OR_RETURN(std::string body, GunzipUntrusted(request.body, 64u << 20));
//
// Thread safety  May be called from any thread; each thread keeps a codec of its own.
// Failure        kInvalidInput: not gzip or zlib, cut off, or a wrong checksum.
//                kOverLimit: it would grow past the limit; found out without ever
//                holding more than `bytes_max` (and once more while the buffer grows).
// Cost           About 1 GB/s out. The size in gzip's trailer usually makes one pass do.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

// The container is told by its first bytes. Concatenated gzip members are joined.
Result<std::string> GunzipUntrusted(std::string_view bytes, size_t bytes_max);

// One gzip member, level 6.
std::string Gzip(std::string_view bytes);

}  // namespace telltale
