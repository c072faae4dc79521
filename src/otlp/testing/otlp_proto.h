// The messages that protoc makes of otlp_trace.proto, under short names:
// testing::otlp with text that is checked for UTF-8, testing::otlp_raw without.
#pragma once

#include "otlp_trace.pb.h"
#include "otlp_trace_raw.pb.h"
