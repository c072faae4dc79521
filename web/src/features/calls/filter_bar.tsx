import { X } from 'lucide-react';
import { ServiceField } from '@/components/service_field';
import { TimeRange } from '@/components/time_range';
import { Button } from '@/widgets/button';
import { Combobox } from '@/widgets/combobox';
import { Segmented } from '@/widgets/segmented';
import { DimensionField } from './dimension_field';
import styles from './filter_bar.module.css';
import { type CallsSearch, hasFilters, kCostStatuses, kKinds, withChange, withoutFilters } from './url_state';

interface FilterBarProps {
  search: CallsSearch;
  onChange: (search: CallsSearch) => void;
}

const kKindOptions = kKinds.map((value) => ({ value }));

const spoken = (status: string) => status.replaceAll('_', ' ');
const kCostOptions = kCostStatuses.map((status) => ({ value: spoken(status) }));

export function FilterBar({ search, onChange }: FilterBarProps) {
  const change = (part: Parameters<typeof withChange>[1]) => onChange(withChange(search, part));
  const dimension = (name: Parameters<typeof DimensionField>[0]['name'], label: string) => (
    <DimensionField
      name={name}
      label={label}
      search={search}
      onChange={(value) => change({ [name]: value })}
    />
  );
  return (
    <search className={styles.bar}>
      <ServiceField value={search.service} onChange={(service) => change({ service })} />
      {dimension('model', 'Model')}
      {dimension('provider', 'Provider')}
      <Combobox
        label="Kind"
        value={search.kind}
        options={kKindOptions}
        empty="There are no kinds."
        onChange={(text) => change({ kind: kKinds.find((kind) => kind === text) })}
      />
      {dimension('user', 'User')}
      {dimension('conversation', 'Conversation')}
      {dimension('prompt', 'Prompt')}
      {dimension('agent', 'Agent')}
      <Combobox
        label="Cost"
        value={search.cost_status === undefined ? undefined : spoken(search.cost_status)}
        options={kCostOptions}
        empty="There are no statuses."
        onChange={(text) => change({ cost_status: kCostStatuses.find((status) => spoken(status) === text) })}
      />
      <Segmented
        label="Status"
        value={search.status ?? 'any'}
        options={[
          { value: 'any', label: 'Any' },
          { value: 'error', label: 'Error' },
          { value: 'ok', label: 'Ok' },
        ]}
        onChange={(status) => change({ status: status === 'any' ? undefined : status })}
      />
      {search.trace_id !== undefined && (
        <span className={styles.chip}>
          <code>trace {search.trace_id.slice(0, 8)}</code>
          <button
            type="button"
            aria-label="Calls of all traces"
            onClick={() => change({ trace_id: undefined })}
          >
            <X size={12} aria-hidden />
          </button>
        </span>
      )}
      {hasFilters(search) && (
        <Button tone="quiet" onClick={() => onChange(withoutFilters(search))}>
          Clear
        </Button>
      )}
      {/* A trace is listed whole, however old it is. */}
      {search.trace_id === undefined && (
        <span className={styles.right}>
          <TimeRange search={search} onChange={change} />
        </span>
      )}
    </search>
  );
}
