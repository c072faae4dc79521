import type { Log, Trace } from '@/api/schemas';
import type { TraceTree } from './tree';

// The log records that stand at a span: its own; and at the first span of the trace those
// too that name no span, or one that did not arrive, so that none is out of sight.
export function logsOf(trace: Trace, tree: TraceTree, position: number): Log[] {
  const id = tree.spans[position]!.spanId;
  return trace.logs.filter((log) => log.spanId === id || (position === 0 && !tree.position.has(log.spanId)));
}
