import { describe, expect, it } from 'vitest';
import { allOf, firstOf, formatSearchRecord, parseSearchRecord } from './search_params';

describe('search params', () => {
  it('keep a repeated key as a list, in order', () => {
    expect(parseSearchRecord('?attribute=a=1&attribute=b&service=web')).toEqual({
      attribute: ['a=1', 'b'],
      service: 'web',
    });
  });

  it('read back what they write', () => {
    const record = {
      operation: 'GET /a?b=c&d',
      attribute: ['k=ü', 'x=1+1'],
      start: '2025-11-25T12:00:00.000Z',
    };
    expect(parseSearchRecord(formatSearchRecord(record))).toEqual(record);
  });

  it('leave times readable', () => {
    expect(formatSearchRecord({ start: '2025-11-25T12:00:00Z' })).toBe('?start=2025-11-25T12:00:00Z');
  });

  it('are absent when nothing is set', () => {
    expect(formatSearchRecord({ service: undefined })).toBe('');
  });

  it('take the first of many and drop the empty', () => {
    expect(firstOf(['a', 'b'])).toBe('a');
    expect(firstOf('')).toBeUndefined();
    expect(allOf(['a', '', 'b'])).toEqual(['a', 'b']);
    expect(allOf(undefined)).toEqual([]);
  });
});
