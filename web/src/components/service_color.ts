// A service keeps one colour on every page. The hash of its name proposes a slot; where another
// service of this visit already has it, the next free one is taken, so that few services never
// share a colour.

export const kColorCount = 12;

const slots = new Map<string, number>();

function hashOf(name: string): number {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
  return hash >>> 0;
}

export function serviceSlot(name: string): number {
  const known = slots.get(name);
  if (known !== undefined) return known;
  const taken = new Set(slots.values());
  let slot = hashOf(name) % kColorCount;
  if (taken.size < kColorCount) while (taken.has(slot)) slot = (slot + 1) % kColorCount;
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
