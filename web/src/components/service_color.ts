// A service has one colour on every page. The hash of its name proposes a slot; among the slots
// that the fewest services share, the first from there on is taken, so that a dozen services never
// share a colour.

export const kColorCount = 12;

const slots = new Map<string, number>();
const shared = new Array<number>(kColorCount).fill(0);

function hashOf(name: string): number {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
  return hash >>> 0;
}

// Gives colours in the order of the names. Called with the services that the server knows before
// any of them is shown: the colours then depend on the names alone, not on which page came first.
export function assignServiceColors(names: readonly string[]): void {
  for (const name of [...names].sort()) serviceSlot(name);
}

export function serviceSlot(name: string): number {
  const known = slots.get(name);
  if (known !== undefined) return known;
  const least = Math.min(...shared);
  let slot = hashOf(name) % kColorCount;
  while (shared[slot] !== least) slot = (slot + 1) % kColorCount;
  shared[slot] = least + 1;
  slots.set(name, slot);
  return slot;
}

// The token, for resolveColors().
export function serviceToken(name: string): string {
  return `--service-${serviceSlot(name)}`;
}

export function serviceColor(name: string): string {
  return `var(${serviceToken(name)})`;
}
