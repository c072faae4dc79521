import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, startTelltale } from './harness.mjs';
import { ago, single } from './spans.mjs';

let telltale;
before(async () => {
  telltale = await startTelltale();
});
after(() => telltale.stop());

test('an empty store says how to send a trace and turns into the list when one arrives', async () => {
  const page = await telltale.openPage('/');
  await page.getByRole('status').filter({ hasText: 'Waiting for spans' }).waitFor();
  assert.match(await page.getByRole('figure').first().textContent(), /OTEL_EXPORTER_OTLP_ENDPOINT=http/);
  assert.match(page.url(), /\/traces$/);
  assert.deepEqual(await accessibilityFaults(page), []);

  await telltale.send(single({ service: 'newcomer', name: 'hello', at: ago(2_000), ms: 120 }).request);

  await page.getByRole('link', { name: /^hello newcomer,/ }).waitFor();
  assert.equal(await page.getByText('Waiting for spans').count(), 0);
});
