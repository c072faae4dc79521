import type { CallSum } from '@/api/schemas';

// Sums of one row, of which a test says only what it is about.
export function sumOf(
  key: Record<string, string>,
  given: { start?: bigint; cost?: number | null; calls?: number; tokens?: number; unpriced?: number } = {},
): CallSum {
  const { start, cost = null, calls = 1, tokens = 0, unpriced = 0 } = given;
  return {
    key,
    start_unix_nano: start,
    calls,
    errors: 0,
    input_tokens: tokens,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    calls_without_usage: 0,
    cost: {
      total: cost,
      computed_calls: calls - unpriced,
      reported_calls: 0,
      unpriced_calls: unpriced,
      no_usage_calls: 0,
    },
    duration_nano: { p50: 1e9, p95: 1e9, p99: 1e9 },
    time_to_first_token: null,
    output_tokens_per_second: null,
  };
}
