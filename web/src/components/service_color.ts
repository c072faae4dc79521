import { createPalette } from './palette';

// A service has one colour on every page.
export const serviceSlot = createPalette();

// Gives colours in the order of the names. Called with the services that the server knows before
// any of them is shown: the colours then depend on the names alone, not on which page came first.
export function assignServiceColors(names: readonly string[]): void {
  for (const name of [...names].sort()) serviceSlot(name);
}

// The token, for resolveColors().
export function serviceToken(name: string): string {
  return `--service-${serviceSlot(name)}`;
}

export function serviceColor(name: string): string {
  return `var(${serviceToken(name)})`;
}
