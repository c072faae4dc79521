import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { callSums } from '@/api/call_queries';
import { formatCompact } from '@/base/format';
import { Combobox, type Option } from '@/widgets/combobox';
import { type CallsSearch, toQuestion } from './url_state';

interface DimensionFieldProps {
  name: 'model' | 'provider' | 'user' | 'conversation' | 'prompt' | 'agent';
  label: string;
  search: CallsSearch;
  onChange: (value: string | undefined) => void;
}

// A list of users can be long; what it does not hold can be typed.
const kOptionsMax = 500;

// A filter whose values are asked for when its list is opened: those of the range, the most calls
// first.
export function DimensionField({ name, label, search, onChange }: DimensionFieldProps) {
  const [start, setStart] = useState<string | null>(null);
  const question = toQuestion(search);
  const { data, isPending } = useQuery({
    ...callSums({
      service: search.service,
      by: name,
      sort: 'calls',
      limit: kOptionsMax,
      start: start ?? undefined,
      end: search.end,
    }),
    enabled: start !== null,
  });
  const options = useMemo<Option[]>(
    () =>
      (data?.items ?? [])
        .map((row) => ({ value: row.key[name] ?? '', note: formatCompact(row.calls) }))
        .filter((option) => option.value !== ''),
    [data, name],
  );

  function ask() {
    const { last_ms } = question;
    setStart(last_ms === undefined ? (search.start ?? '') : new Date(Date.now() - last_ms).toISOString());
  }

  return (
    <Combobox
      label={label}
      value={search[name]}
      options={options}
      empty={isPending ? 'Looking…' : `No call of a model tells its ${name}.`}
      free
      onOpen={ask}
      onChange={onChange}
    />
  );
}
