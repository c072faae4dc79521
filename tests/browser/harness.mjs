// One server and one browser for a test file:
//
//   const telltale = await startTelltale();
//   const page = await telltale.openPage('/traces');
//   await telltale.send(trace);
//   await telltale.stop();
//
// Every page is watched: stop() fails if one asked another host for anything, or if a script
// on it threw.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe_source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const kReadyWithin_ms = 30_000;
const kStopWithin_ms = 20_000;
const kArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Asks until `ask` answers something true; fails with the question after `within_ms`.
export async function until(what, ask, within_ms = 30_000) {
  const last = Date.now() + within_ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(Date.now() < last, `${what}: not within ${within_ms} ms`);
    await sleep(50);
  }
}

async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-browser-'));
  const ready_file = join(folder, 'ready.json');
  const log = [];
  const child = spawn(
    process.env.TELLTALE_BINARY,
    ['serve', '--ports', '0', '--data', join(folder, 'data'), '--ready-file', ready_file],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout.on('data', (text) => log.push(text));
  child.stderr.on('data', (text) => log.push(text));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const ready = await until(
    'the server is ready',
    () => {
      assert.equal(child.exitCode, null, `the server ended early:\n${log.join('')}`);
      try {
        return JSON.parse(readFileSync(ready_file, 'utf8'));
      } catch {
        return null;
      }
    },
    kReadyWithin_ms,
  );

  async function stop() {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), kStopWithin_ms);
    await ended;
    clearTimeout(late);
    rmSync(folder, { recursive: true, force: true });
  }
  return { ready, stop };
}

export async function startTelltale() {
  const server = await startServer();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: kArguments,
  });
  const origin = `http://${server.ready.http}`;
  const foreign = [];
  const thrown = [];

  async function openPage(path, { scheme = 'dark', width = 1440, height = 900 } = {}) {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    const page = await context.newPage();
    page.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`)) foreign.push(request.url());
    });
    page.on('pageerror', (error) => thrown.push(error.message));
    await page.goto(origin + path);
    return page;
  }

  const send = (request) => post('/v1/traces', request);
  const sendLogs = (request) => post('/v1/logs', request);

  async function post(path, request) {
    const answer = await fetch(`http://${server.ready.otlp_http}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    assert.equal(answer.status, 200, `OTLP/HTTP refused: ${await answer.text()}`);
  }

  async function api(path) {
    const answer = await fetch(origin + path);
    assert.equal(answer.status, 200, `${path}: ${answer.status}`);
    return answer.json();
  }

  // Until the server answers with the whole trace: acknowledged is durable, not yet visible.
  function stored(trace_id, span_count) {
    return until(`trace ${trace_id} has ${span_count} spans`, async () => {
      const answer = await fetch(`${origin}/api/v1/traces/${trace_id}`);
      return answer.ok && (await answer.json()).span_count === span_count;
    });
  }

  async function stop() {
    await browser.close();
    await server.stop();
    assert.deepEqual(foreign, [], 'the page asked another host');
    assert.deepEqual(thrown, [], 'a script on the page threw');
  }
  return { origin, openPage, send, sendLogs, api, stored, stop };
}

// The violations of WCAG A and AA that axe finds, as lines for an assertion.
export async function accessibilityFaults(page) {
  await page.evaluate(axe_source);
  const result = await page.evaluate(() =>
    globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }),
  );
  return result.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')}: ${node.failureSummary}`),
  );
}

// What a screen reader says of each element: its text without what is hidden from it.
export function spokenTexts(locator) {
  return locator.evaluateAll((elements) =>
    elements.map((element) => {
      const copy = element.cloneNode(true);
      for (const hidden of copy.querySelectorAll('[aria-hidden="true"]')) hidden.remove();
      return copy.textContent;
    }),
  );
}

// Waits until a list of texts is what it should be; fails with both.
export async function expectTexts(locator, wanted) {
  let seen = [];
  const last = Date.now() + 30_000;
  while (Date.now() < last) {
    seen = await locator.allTextContents();
    if (JSON.stringify(seen) === JSON.stringify(wanted)) return;
    await sleep(50);
  }
  assert.deepEqual(seen, wanted);
}
