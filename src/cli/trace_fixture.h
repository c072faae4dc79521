// For tests: the guide's trace as GET /api/v1/traces/{id} gives it. It starts at
// 2025-11-25 11:14:36.120 UTC: prompt_build, a failed and a good model call (the second
// by another service), and a span whose parent never came.
#pragma once

namespace telltale {

inline constexpr char kGuideTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";

inline constexpr char kGuideTraceJson[] = R"({
"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","start_unix_nano":"1764069276120000000","duration_nano":"1300000000",
"span_count":5,"error_count":1,
"services":[{"name":"gateway","span_count":1,"error_count":0},{"name":"llm-service","span_count":4,"error_count":1}],
"completeness":{"complete":false,"root_missing":false,"missing_parents":["00f067aa0ba902b7"],"duplicate_spans":0,
  "dropped_attributes":3,"dropped_events":0,"dropped_links":0,"truncated":false},
"resources":[],"scopes":[],
"spans":[
{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000001","parentSpanId":"","name":"summarize",
 "kind":1,"startTimeUnixNano":"1764069276120000000","endTimeUnixNano":"1764069277420000000","attributes":[],
 "status":{"code":0},"service":"llm-service","resource":0,"scope":0},
{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000002","parentSpanId":"0000000000000001",
 "name":"prompt_build","kind":1,"startTimeUnixNano":"1764069276120000000","endTimeUnixNano":"1764069276165000000",
 "attributes":[{"key":"prompt.template","value":{"stringValue":"summarize_v1"}},
               {"key":"prompt.tokens","value":{"intValue":"78"}}],
 "status":{"code":0},"service":"llm-service","resource":0,"scope":0},
{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000003","parentSpanId":"0000000000000001",
 "name":"llm.request","kind":1,"startTimeUnixNano":"1764069276170000000","endTimeUnixNano":"1764069276270000000",
 "attributes":[{"key":"model","value":{"stringValue":"gpt-4"}}],
 "events":[{"timeUnixNano":"1764069276260000000","name":"exception","attributes":[
   {"key":"exception.type","value":{"stringValue":"openai.APITimeoutError"}},
   {"key":"exception.message","value":{"stringValue":"Request timed out.\nsecond line"}}]},
  {"timeUnixNano":"1764069276261000000","name":"exception","attributes":[
   {"key":"exception.type","value":{"stringValue":"openai.APITimeoutError"}},
   {"key":"exception.message","value":{"stringValue":"Request timed out.\nsecond line"}}]}],
 "status":{"code":2,"message":"APITimeoutError: Request timed out."},"service":"llm-service","resource":0,"scope":0},
{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000004","parentSpanId":"0000000000000001",
 "name":"a rather long name of a model call that does not fit","kind":3,"startTimeUnixNano":"1764069276280000000",
 "endTimeUnixNano":"1764069277420000000",
 "attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"m-small"}},
   {"key":"gen_ai.usage.input_tokens","value":{"intValue":"812"}},
   {"key":"gen_ai.usage.output_tokens","value":{"intValue":"57"}},
   {"key":"cost_usd","value":{"doubleValue":0.000018}},{"key":"request_id","value":{"stringValue":"req-xyz"}},
   {"key":"ok","value":{"boolValue":true}},
   {"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":"2"}]}}},
   {"key":"deep","value":{"kvlistValue":{"values":[{"key":"k","value":{"bytesValue":"AAE="}}]}}},
   {"key":"none","value":{}}],
 "status":{"code":1},"service":"gateway","resource":0,"scope":0},
{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000005","parentSpanId":"00f067aa0ba902b7",
 "name":"post_processing","kind":1,"startTimeUnixNano":"1764069277400000000","endTimeUnixNano":"1764069277412000000",
 "attributes":[{"key":"output.snippet","value":{"stringValue":"In summary, ..."}}],
 "status":{"code":0},"service":"llm-service","resource":0,"scope":0}
]})";

}  // namespace telltale
