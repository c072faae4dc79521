import * as z from 'zod/mini';

// The answers of /api/v1, read once at this edge. Names stay those of the wire; nanoseconds
// become bigint.

z.config({
  // The compiled form of zod needs eval, which the page's content security policy may forbid.
  jitless: true,
  customError: (issue) => (issue.code === 'invalid_type' ? `expected ${issue.expected}` : undefined),
});

const nanos = z.pipe(
  z.string().check(z.regex(/^-?\d{1,20}$/, 'expected nanoseconds as a string of digits')),
  z.transform((digits: string) => BigInt(digits)),
);
const count = z.number();

const serviceShare = z.object({ name: z.string(), span_count: count, error_count: count });
export type ServiceShare = z.infer<typeof serviceShare>;

// What model calls add up to, each once and by its own usage only.
const sums = {
  calls: count,
  errors: count,
  input_tokens: count,
  output_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count,
  reasoning_tokens: count,
  calls_without_usage: count,
  cost: z.object({
    // null where no call has a cost.
    total: z.nullable(z.number()),
    computed_calls: count,
    reported_calls: count,
    unpriced_calls: count,
    no_usage_calls: count,
  }),
};
const callTotals = z.object(sums);
export type CallTotals = z.infer<typeof callTotals>;

const traceSummary = z.object({
  trace_id: z.string(),
  service: z.string(),
  name: z.string(),
  root_missing: z.boolean(),
  start_unix_nano: nanos,
  duration_nano: nanos,
  span_count: count,
  error_count: count,
  status: z.enum(['unset', 'ok', 'error']),
  services: z.array(serviceShare),
  // null where no span is a call.
  totals: z._default(z.nullable(callTotals), null),
});
export type TraceSummary = z.infer<typeof traceSummary>;

export const tracePage = z.object({ items: z.array(traceSummary), next: z.nullable(z.string()) });
export type TracePage = z.infer<typeof tracePage>;

const quantiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

const callSum = z.object({
  // By dimension; an empty text is a call that does not tell.
  key: z.record(z.string(), z.string()),
  start_unix_nano: z.optional(nanos),
  ...sums,
  duration_nano: quantiles,
  // Seconds.
  time_to_first_token: z.nullable(quantiles),
  output_tokens_per_second: z.nullable(z.number()),
});
export type CallSum = z.infer<typeof callSum>;

export const callSumList = z.object({ items: z.array(callSum), next: z.nullable(z.string()) });

const callItem = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  start_unix_nano: nanos,
  duration_nano: nanos,
  service: z.string(),
  name: z.string(),
  // It adds to sums: not so a call that another span tells too, or a sum over others.
  counts: z.boolean(),
  // Read when it is shown (call.ts).
  call: z.unknown(),
});
export type CallItem = z.infer<typeof callItem>;

export const callPage = z.object({ items: z.array(callItem), next: z.nullable(z.string()) });

export const serviceList = z.object({
  items: z.array(
    z.object({ name: z.string(), span_count: count, error_count: count, last_seen_unix_nano: nanos }),
  ),
});

export const operationList = z.object({
  items: z.array(z.object({ name: z.string(), span_count: count })),
});

export const attributeKeyList = z.object({ items: z.array(z.object({ key: z.string() })) });

export const stats = z.object({
  version: z.string(),
  uptime_seconds: z.number(),
  spans_stored: count,
  oldest_unix_nano: z.nullish(nanos),
  newest_unix_nano: z.nullish(nanos),
  receivers: z._default(z.record(z.string(), z.string()), {}),
});
export type Stats = z.infer<typeof stats>;

const spanStatus = z._default(
  z.object({ code: z._default(z.number(), 0), message: z._default(z.string(), '') }),
  {
    code: 0,
    message: '',
  },
);

// Attributes, events and links stay as they came until their span is shown (any_value.ts,
// span.ts): most of a large trace is never looked at.
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z._default(z.string(), ''),
  traceState: z.optional(z.string()),
  flags: z.optional(z.number()),
  name: z.string(),
  kind: z._default(z.number(), 0),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes: z.optional(z.unknown()),
  droppedAttributesCount: z._default(count, 0),
  events: z.optional(z.unknown()),
  droppedEventsCount: z._default(count, 0),
  links: z.optional(z.unknown()),
  droppedLinksCount: z._default(count, 0),
  status: spanStatus,
  service: z.string(),
  resource: z.number(),
  scope: z.number(),
  // Read when it is shown (call.ts).
  call: z.optional(z.unknown()),
});
export type Span = z.infer<typeof span>;

const resource = z.object({
  attributes: z.optional(z.unknown()),
  droppedAttributesCount: z._default(count, 0),
  schemaUrl: z._default(z.string(), ''),
});
export type Resource = z.infer<typeof resource>;

const scope = z.object({
  name: z._default(z.string(), ''),
  version: z._default(z.string(), ''),
  attributes: z.optional(z.unknown()),
  droppedAttributesCount: z._default(count, 0),
  schemaUrl: z._default(z.string(), ''),
});
export type Scope = z.infer<typeof scope>;

const completeness = z.object({
  complete: z.boolean(),
  root_missing: z.boolean(),
  missing_parents: z.array(z.string()),
  duplicate_spans: count,
  dropped_attributes: count,
  dropped_events: count,
  dropped_links: count,
  missing_content: z._default(count, 0),
  truncated: z.boolean(),
});
export type Completeness = z.infer<typeof completeness>;

// Like a span's attributes, a record's stay as they came until someone looks.
const log = z.object({
  time_unix_nano: nanos,
  spanId: z._default(z.string(), ''),
  severityNumber: z._default(z.number(), 0),
  severityText: z._default(z.string(), ''),
  eventName: z._default(z.string(), ''),
  body: z.optional(z.unknown()),
  attributes: z.optional(z.unknown()),
  droppedAttributesCount: z._default(count, 0),
  service: z.string(),
});
export type Log = z.infer<typeof log>;

export const trace = z.object({
  trace_id: z.string(),
  start_unix_nano: nanos,
  duration_nano: nanos,
  span_count: count,
  error_count: count,
  services: z.array(serviceShare),
  completeness,
  // null where the trace is too large to be mapped.
  totals: z._default(z.nullable(callTotals), null),
  resources: z.array(resource),
  scopes: z.array(scope),
  spans: z.array(span),
  logs: z._default(z.array(log), []),
  logs_truncated: z._default(z.boolean(), false),
});
export type Trace = z.infer<typeof trace>;
