import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { services } from '@/api/queries';
import { formatCompact } from '@/base/format';
import { Combobox, type Option } from '@/widgets/combobox';
import { ServiceDot } from './service_dot';

interface ServiceFieldProps {
  value: string | undefined;
  onChange: (service: string | undefined) => void;
}

// One of the services that the server knows, or any.
export function ServiceField({ value, onChange }: ServiceFieldProps) {
  const { data } = useQuery(services());
  const options = useMemo<Option[]>(
    () =>
      (data ?? []).map((service) => ({
        value: service.name,
        note: formatCompact(service.span_count),
        mark: <ServiceDot name={service.name} />,
      })),
    [data],
  );
  return (
    <Combobox
      label="Service"
      value={value}
      options={options}
      empty="No service has sent a span yet."
      mark={value !== undefined && <ServiceDot name={value} />}
      onChange={onChange}
    />
  );
}
