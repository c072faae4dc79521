import { X } from 'lucide-react';
import { useMemo } from 'react';
import { readKeyValues } from '@/api/any_value';
import { readCall } from '@/api/call';
import type { Span, Trace } from '@/api/schemas';
import { kindName, spanEvents, spanLinks, spanToJson, statusName } from '@/api/span';
import { cx } from '@/base/class_names';
import { formatDuration, formatDurationExact } from '@/base/duration';
import { plural } from '@/base/format';
import { AttributeTable } from '@/components/attribute_table';
import { serviceColor } from '@/components/service_color';
import { ServiceDot } from '@/components/service_dot';
import { IconButton } from '@/widgets/button';
import { CopyButton } from '@/widgets/copy_button';
import { CallSection } from './call_section';
import { LogList } from './log_list';
import { logsOf } from './logs_of';
import { Section } from './section';
import styles from './span_detail.module.css';
import { EventList, Exception, IdList, isException, LinkList } from './span_parts';
import type { TraceTree } from './tree';

interface SpanDetailProps {
  trace: Trace;
  tree: TraceTree;
  position: number;
  onSelect: (span_id: string) => void;
  onClose: () => void;
}

function linkTo(trace_id: string, span_id: string): string {
  return `${location.origin}/trace/${trace_id}?span=${span_id}`;
}

export function SpanDetail({ trace, tree, position, onSelect, onClose }: SpanDetailProps) {
  const span = tree.spans[position]!;
  const resource = trace.resources[span.resource];
  const scope = trace.scopes[span.scope];
  return (
    <aside className={styles.detail} aria-label={`Span ${span.name}`} data-testid="span-detail">
      <header className={styles.header}>
        <div className={styles.line}>
          <span className={styles.service}>
            <ServiceDot name={span.service} />
            {span.service}
          </span>
          <span className={styles.kind}>{kindName(span.kind)}</span>
          <span className={styles.tools}>
            <CopyButton label="Copy span as JSON" text={() => spanToJson(span, resource, scope)}>
              JSON
            </CopyButton>
            <CopyButton label="Copy link to this span" text={() => linkTo(trace.trace_id, span.spanId)}>
              Link
            </CopyButton>
            <IconButton label="Close" shortcut="Esc" onClick={onClose}>
              <X size={15} aria-hidden />
            </IconButton>
          </span>
        </div>
        <h2 className={styles.name}>{span.name || 'unnamed span'}</h2>
        <Facts tree={tree} position={position} />
      </header>
      <div className={styles.body}>
        <Failure span={span} />
        <Parts trace={trace} tree={tree} position={position} onSelect={onSelect} />
      </div>
    </aside>
  );
}

function Facts({ tree, position }: { tree: TraceTree; position: number }) {
  const span = tree.spans[position]!;
  const start = tree.start[position]!;
  const length = tree.end[position]! - start;
  const status = statusName(span.status.code);
  const bar = {
    left: `${(start / tree.length) * 100}%`,
    width: `${(length / tree.length) * 100}%`,
    background: serviceColor(span.service),
  };
  return (
    <>
      <dl className={styles.facts}>
        <Fact
          name="Duration"
          value={formatDuration(length)}
          title={formatDurationExact(span.endTimeUnixNano - span.startTimeUnixNano)}
        />
        <Fact name="Self" value={formatDuration(tree.self[position]!)} title="Time in which no child runs" />
        <Fact
          name="Starts at"
          value={`+${formatDuration(start)}`}
          title="After the first span of the trace"
        />
        <Fact name="Status" value={status} tone={status} />
      </dl>
      <div className={styles.place} aria-hidden>
        <i style={bar} />
      </div>
    </>
  );
}

function Fact(props: { name: string; value: string; title?: string; tone?: string }) {
  return (
    <div title={props.title}>
      <dt>{props.name}</dt>
      <dd className={cx(props.tone !== undefined && styles[props.tone])}>{props.value}</dd>
    </div>
  );
}

// Why the span failed comes first: its status message and what was thrown.
function Failure({ span }: { span: Span }) {
  const thrown = useMemo(() => spanEvents(span).filter(isException), [span]);
  const message = statusName(span.status.code) === 'error' ? span.status.message : '';
  if (message === '' && thrown.length === 0) return null;
  return (
    <div className={styles.failure}>
      {message !== '' && <p className={styles.message}>{message}</p>}
      {thrown.map((event) => (
        <Exception key={`${event.time}`} event={event} start={span.startTimeUnixNano} said={message} />
      ))}
    </div>
  );
}

interface PartsProps {
  trace: Trace;
  tree: TraceTree;
  position: number;
  onSelect: (span_id: string) => void;
}

const kCallTitles: Record<string, string> = {
  llm: 'Model call',
  completion: 'Model call',
  embedding: 'Embedding',
  agent: 'Agent',
  tool: 'Tool call',
  retriever: 'Retrieval',
  reranker: 'Reranking',
  guardrail: 'Guardrail',
  evaluator: 'Evaluation',
};

function dropped(count: number): string | undefined {
  return count > 0 ? `${count} dropped by the sender` : undefined;
}

function Parts({ trace, tree, position, onSelect }: PartsProps) {
  const span = tree.spans[position]!;
  const attributes = useMemo(() => readKeyValues(span.attributes), [span]);
  const events = useMemo(() => spanEvents(span), [span]);
  const links = useMemo(() => spanLinks(span), [span]);
  const logs = useMemo(() => logsOf(trace, tree, position), [trace, tree, position]);
  const resource = trace.resources[span.resource];
  const resource_attributes = useMemo(() => readKeyValues(resource?.attributes), [resource]);
  const call = useMemo(() => readCall(span.call), [span]);
  return (
    <>
      {call !== undefined && (
        <Section name="call" title={kCallTitles[call.kind] ?? 'Call'}>
          <CallSection call={call} onSelect={onSelect} />
        </Section>
      )}
      <Section
        name="attributes"
        title="Attributes"
        count={attributes.length}
        note={dropped(span.droppedAttributesCount)}
      >
        {attributes.length === 0 ? (
          <p className={styles.none}>This span carries none.</p>
        ) : (
          <AttributeTable attributes={attributes} asMessages={call === undefined} />
        )}
      </Section>
      {(events.length > 0 || span.droppedEventsCount > 0) && (
        <Section name="events" title="Events" count={events.length} note={dropped(span.droppedEventsCount)}>
          <EventList events={events} start={span.startTimeUnixNano} />
        </Section>
      )}
      {logs.length > 0 && (
        <Section name="logs" title="Logs" count={logs.length}>
          <LogList logs={logs} start={span.startTimeUnixNano} />
        </Section>
      )}
      {(links.length > 0 || span.droppedLinksCount > 0) && (
        <Section name="links" title="Links" count={links.length} note={dropped(span.droppedLinksCount)}>
          <LinkList links={links} trace_id={trace.trace_id} onSelect={onSelect} />
        </Section>
      )}
      <Section
        name="resource"
        title="Resource"
        count={resource_attributes.length}
        note={dropped(resource?.droppedAttributesCount ?? 0)}
      >
        <AttributeTable attributes={resource_attributes} />
        {resource !== undefined && resource.schemaUrl !== '' && (
          <p className={styles.schema}>Schema {resource.schemaUrl}</p>
        )}
      </Section>
      <ScopeSection trace={trace} span={span} />
      <Section name="ids" title="Ids and times">
        <IdList trace={trace} tree={tree} position={position} onSelect={onSelect} />
      </Section>
    </>
  );
}

function ScopeSection({ trace, span }: { trace: Trace; span: Span }) {
  const scope = trace.scopes[span.scope];
  const attributes = useMemo(() => readKeyValues(scope?.attributes), [scope]);
  if (scope === undefined || (scope.name === '' && attributes.length === 0)) return null;
  return (
    <Section name="scope" title="Scope" note={dropped(scope.droppedAttributesCount)}>
      <p className={styles.scope}>
        <code>{scope.name}</code> {scope.version}
        {attributes.length > 0 && ` · ${plural(attributes.length, 'attribute')}`}
      </p>
      <AttributeTable attributes={attributes} />
      {scope.schemaUrl !== '' && <p className={styles.schema}>Schema {scope.schemaUrl}</p>}
    </Section>
  );
}
