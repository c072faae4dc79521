import { createPalette } from './palette';

const slotOf = createPalette();

// The token of a model's colour, for resolveColors(). It shares its hues with services, and its
// mark is square where theirs is round.
export function modelToken(model: string): string {
  return `--service-${slotOf(model)}`;
}
