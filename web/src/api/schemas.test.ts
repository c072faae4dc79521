import { describe, expect, it } from 'vitest';
import { ApiError, parseAnswer } from './client';
import { stats, trace, tracePage } from './schemas';

const kItem = {
  trace_id: 'a'.repeat(32),
  service: 'web',
  name: 'GET /',
  root_missing: false,
  start_unix_nano: '1764072000000000001',
  duration_nano: '1500',
  span_count: 3,
  error_count: 0,
  status: 'unset',
  services: [{ name: 'web', span_count: 3, error_count: 0 }],
};

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('an answer', () => {
  it('keeps every digit of a time', () => {
    const page = parseAnswer(tracePage, { items: [kItem], next: null }, '/api/v1/traces');
    expect(page.items[0]?.start_unix_nano).toBe(1_764_072_000_000_000_001n);
  });

  it('that does not fit names the place and what was expected there', () => {
    const broken = { items: [kItem, { ...kItem, span_count: 'three' }], next: null };
    expect(messageOf(() => parseAnswer(tracePage, broken, '/api/v1/traces'))).toBe(
      'Cannot read /api/v1/traces: items[1].span_count: expected number',
    );
  });

  it('refuses a time that is no whole number', () => {
    const broken = { items: [{ ...kItem, duration_nano: '1.5' }], next: null };
    expect(messageOf(() => parseAnswer(tracePage, broken, '/api/v1/traces'))).toContain(
      'items[0].duration_nano',
    );
  });

  it('may hold fields that this page does not know', () => {
    expect(parseAnswer(tracePage, { items: [{ ...kItem, cost: 1 }], next: 'c', total: 9 }, 'x').next).toBe(
      'c',
    );
  });

  it('that is no object at all is said so', () => {
    expect(messageOf(() => parseAnswer(stats, null, '/api/v1/stats'))).toBe(
      'Cannot read /api/v1/stats: the answer itself: expected object',
    );
  });
});

describe('a trace', () => {
  const span = {
    traceId: kItem.trace_id,
    spanId: 'b'.repeat(16),
    name: 'GET /',
    startTimeUnixNano: '10',
    endTimeUnixNano: '20',
    service: 'web',
    resource: 0,
    scope: 0,
  };
  const whole = {
    ...kItem,
    completeness: {
      complete: true,
      root_missing: false,
      missing_parents: [],
      duplicate_spans: 0,
      dropped_attributes: 0,
      dropped_events: 0,
      dropped_links: 0,
      truncated: false,
    },
    resources: [{ attributes: [] }],
    scopes: [{ name: 'lib' }],
    spans: [span],
  };

  it('fills in what the server leaves out when it is empty', () => {
    const read = parseAnswer(trace, whole, 'x').spans[0];
    expect(read).toMatchObject({
      parentSpanId: '',
      kind: 0,
      status: { code: 0, message: '' },
      droppedLinksCount: 0,
    });
  });

  it('leaves attributes as they came', () => {
    const attributes = [{ key: 'k', value: { intValue: '9007199254740993' } }];
    expect(
      parseAnswer(trace, { ...whole, spans: [{ ...span, attributes }] }, 'x').spans[0]?.attributes,
    ).toEqual(attributes);
  });
});
