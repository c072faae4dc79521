import type { Stats } from '@/api/schemas';
import { CopyButton } from '@/widgets/copy_button';
import styles from './first_trace.module.css';

// What the page shows while the store holds nothing: how to send a first trace, and that it
// listens. The list takes its place by itself when a span arrives.

function portOf(address: string | undefined, fallback: number): number {
  const port = Number(address?.split(':').at(-1));
  return Number.isInteger(port) && port > 0 ? port : fallback;
}

function pythonLines(grpc: number): string {
  return [
    'pip install opentelemetry-distro opentelemetry-exporter-otlp && opentelemetry-bootstrap -a install',
    `export OTEL_SERVICE_NAME=my-app OTEL_EXPORTER_OTLP_ENDPOINT=http://${location.hostname}:${grpc}`,
    'opentelemetry-instrument python app.py',
  ].join('\n');
}

// Ids and times are made by the shell, so that the lines can be run again and again.
function curlLines(http: number): string {
  return [
    `curl http://${location.hostname}:${http}/v1/traces -H 'content-type: application/json' -d '{"resourceSpans":[{`,
    `  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my-app"}}]},`,
    `  "scopeSpans":[{"spans":[{"name":"hello","kind":1,`,
    `    "traceId":"'$(openssl rand -hex 16)'","spanId":"'$(openssl rand -hex 8)'",`,
    `    "startTimeUnixNano":"'$(date +%s)'000000000","endTimeUnixNano":"'$(date +%s)'250000000"}]}]}]}'`,
  ].join('\n');
}

export function FirstTrace({ stats }: { stats: Stats | undefined }) {
  const grpc = portOf(stats?.receivers['otlp_grpc'], 4317);
  const http = portOf(stats?.receivers['otlp_http'], 4318);
  return (
    <section className={styles.page} aria-labelledby="first-trace">
      <p className={styles.waiting} role="status">
        <i aria-hidden />
        Waiting for spans on ports {grpc} and {http}
      </p>
      <h2 id="first-trace">Send your first trace</h2>
      <p className={styles.lead}>
        Anything that speaks OpenTelemetry can send here. This page turns into your traces as soon as one
        arrives.
      </p>
      <Recipe title="A Python app, without changing its code" code={pythonLines(grpc)} />
      <Recipe title="Or one span by hand" code={curlLines(http)} />
    </section>
  );
}

function Recipe({ title, code }: { title: string; code: string }) {
  return (
    <figure className={styles.recipe}>
      <figcaption>
        {title}
        <CopyButton label={`Copy: ${title}`} text={() => code} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide block must scroll by keyboard too */}
      <pre tabIndex={0}>{code}</pre>
    </figure>
  );
}
