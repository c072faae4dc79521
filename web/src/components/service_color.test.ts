import { expect, it } from 'vitest';
import { kColorCount } from './palette';
import { assignServiceColors, serviceSlot } from './service_color';

it('a dozen services never share a colour, and the thirteenth shares with one', () => {
  const names = Array.from({ length: kColorCount }, (_, index) => `service-${index}`);
  assignServiceColors(names);
  expect(new Set(names.map(serviceSlot)).size).toBe(kColorCount);
  expect(names.map(serviceSlot)).toContain(serviceSlot('one more'));
});

it('a service keeps its colour', () => {
  expect(serviceSlot('service-3')).toBe(serviceSlot('service-3'));
});
