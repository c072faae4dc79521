// Colours for names that are not known beforehand. The hash of a name proposes a slot; among the
// slots that the fewest names share, the first from there on is taken, so that a dozen names never
// share a colour.

export const kColorCount = 12;

function hashOf(name: string): number {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
  return hash >>> 0;
}

// A name keeps its slot for as long as the page is open.
export function createPalette(): (name: string) => number {
  const slots = new Map<string, number>();
  const shared = new Array<number>(kColorCount).fill(0);
  return (name) => {
    const known = slots.get(name);
    if (known !== undefined) return known;
    const least = Math.min(...shared);
    let slot = hashOf(name) % kColorCount;
    while (shared[slot] !== least) slot = (slot + 1) % kColorCount;
    shared[slot] = least + 1;
    slots.set(name, slot);
    return slot;
  };
}
