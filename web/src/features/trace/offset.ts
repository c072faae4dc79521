import { formatDuration } from '@/base/duration';

// "+12.3 ms" after the start; a clock that runs behind gives a minus.
export function offsetOf(time: bigint, start: bigint): string {
  const offset = time - start;
  return offset < 0n ? formatDuration(offset) : `+${formatDuration(offset)}`;
}
