import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type RefObject, useMemo } from 'react';
import { operations } from '@/api/queries';
import { cx } from '@/base/class_names';
import { formatCompact } from '@/base/format';
import { isFixed } from '@/base/time_range';
import { ServiceField } from '@/components/service_field';
import { TimeRange } from '@/components/time_range';
import { Button } from '@/widgets/button';
import { Combobox, type Option } from '@/widgets/combobox';
import { Segmented } from '@/widgets/segmented';
import { Tooltip } from '@/widgets/tooltip';
import { AttributeFilter } from './attribute_filter';
import { DurationFilter } from './duration_filter';
import styles from './query_bar.module.css';
import { hasFilters, type TraceListSearch, withChange } from './url_state';

interface QueryBarProps {
  search: TraceListSearch;
  field: RefObject<HTMLInputElement | null>;
  live: boolean;
  held: boolean;
  onChange: (search: TraceListSearch) => void;
  onOpenTrace: (trace_id: string) => void;
}

type Change = Parameters<typeof withChange>[1];

export function QueryBar({ search, field, live, held, onChange, onOpenTrace }: QueryBarProps) {
  const change = (part: Change) => onChange(withChange(search, part));
  const attributes = search.attribute ?? [];
  return (
    <search className={styles.bar}>
      <AttributeFilter
        service={search.service}
        field={field}
        onAdd={(attribute) => change({ attribute: [...attributes, attribute] })}
        onOpenTrace={onOpenTrace}
      />
      <ServiceField
        value={search.service}
        onChange={(service) => change({ service, operation: undefined })}
      />
      <OperationField search={search} change={change} />
      <Segmented
        label="Status"
        value={search.status ?? 'any'}
        options={[
          { value: 'any', label: 'Any' },
          { value: 'error', label: 'Error' },
          { value: 'ok', label: 'Ok' },
          { value: 'unset', label: 'Unset' },
        ]}
        onChange={(status) => change({ status: status === 'any' ? undefined : status })}
      />
      <DurationFilter
        min={search.min_duration}
        max={search.max_duration}
        onChange={(min_duration, max_duration) => change({ min_duration, max_duration })}
      />
      {attributes.map((attribute) => (
        <span key={attribute} className={styles.chip}>
          <code>{attribute}</code>
          <button
            type="button"
            aria-label={`Remove filter ${attribute}`}
            onClick={() => change({ attribute: attributes.filter((other) => other !== attribute) })}
          >
            <X size={12} aria-hidden />
          </button>
        </span>
      ))}
      {hasFilters(search) && (
        <Button tone="quiet" onClick={() => onChange(timesOf(search))}>
          Clear
        </Button>
      )}
      <span className={styles.right}>
        <LiveButton search={search} live={live} held={held} change={change} />
        <TimeRange search={search} onChange={change} />
      </span>
    </search>
  );
}

// What stays when the filters go.
function timesOf(search: TraceListSearch): TraceListSearch {
  const { range, start, end, live } = search;
  return withChange({}, { range, start, end, live });
}

interface FieldProps {
  search: TraceListSearch;
  change: (part: Change) => void;
}

function OperationField({ search, change }: FieldProps) {
  const { data } = useQuery(operations(search.service));
  const options = useMemo<Option[]>(() => {
    const counts = new Map<string, number>();
    for (const item of data ?? []) counts.set(item.name, (counts.get(item.name) ?? 0) + item.span_count);
    return [...counts].map(([value, spans]) => ({ value, note: formatCompact(spans) }));
  }, [data]);
  return (
    <Combobox
      label="Operation"
      value={search.operation}
      options={options}
      empty={
        search.service === undefined
          ? 'Type a span name, or choose a service first.'
          : 'This service has no operations.'
      }
      free
      onChange={(operation) => change({ operation })}
    />
  );
}

interface LiveButtonProps extends FieldProps {
  live: boolean;
  held: boolean;
}

function LiveButton({ search, live, held, change }: LiveButtonProps) {
  const said = live
    ? held
      ? 'Live: rows stay in place while you point at them or scroll'
      : 'Live: new traces appear by themselves'
    : 'Not live: press to follow new traces';
  return (
    <Tooltip text={said}>
      <Button
        aria-pressed={live}
        className={cx(live && styles.live, held && styles.held)}
        disabled={isFixed(search) && search.end !== undefined}
        onClick={() => change({ live: live ? 'off' : undefined })}
      >
        <i aria-hidden className={styles.lamp} />
        Live
      </Button>
    </Tooltip>
  );
}
