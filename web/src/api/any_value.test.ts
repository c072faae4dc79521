import { describe, expect, it } from 'vitest';
import { readAnyValue, readKeyValues, toPlain, toText } from './any_value';

describe('readAnyValue', () => {
  it('keeps integers beyond 2^53', () => {
    expect(readAnyValue({ intValue: '9007199254740993' })).toEqual({
      type: 'int',
      value: 9_007_199_254_740_993n,
    });
    expect(toPlain(readAnyValue({ intValue: '9007199254740993' }))).toBe('9007199254740993');
  });

  it('reads the doubles that JSON cannot write', () => {
    expect(readAnyValue({ doubleValue: 'NaN' })).toEqual({ type: 'double', value: Number.NaN });
    expect(readAnyValue({ doubleValue: '-Infinity' })).toEqual({
      type: 'double',
      value: Number.NEGATIVE_INFINITY,
    });
  });

  it('reads arrays and maps within each other', () => {
    const wire = {
      kvlistValue: {
        values: [
          { key: 'list', value: { arrayValue: { values: [{ boolValue: true }, { stringValue: 'x' }] } } },
        ],
      },
    };
    expect(toPlain(readAnyValue(wire))).toEqual({ list: [true, 'x'] });
    expect(toText(readAnyValue({ arrayValue: {} }))).toBe('[]');
  });

  it('shows what it does not know instead of hiding it', () => {
    expect(readAnyValue({ moneyValue: 3 })).toEqual({ type: 'unknown', value: { moneyValue: 3 } });
    expect(readAnyValue('bare')).toEqual({ type: 'unknown', value: 'bare' });
    expect(readAnyValue({ intValue: 'twelve' })).toEqual({ type: 'unknown', value: { intValue: 'twelve' } });
    expect(readAnyValue({})).toEqual({ type: 'empty' });
  });

  it('stops at a depth that no sender means', () => {
    let wire: unknown = { stringValue: 'end' };
    for (let i = 0; i < 10_000; i++) wire = { arrayValue: { values: [wire] } };
    expect(readAnyValue(wire).type).toBe('array');
  });
});

it('one odd attribute does not hide the others', () => {
  const read = readKeyValues([
    { key: 'a', value: { stringValue: 'x' } },
    'junk',
    null,
    { value: { boolValue: false } },
  ]);
  expect(read.map((item) => item.key)).toEqual(['a', '']);
});
