// Runs the browser tests against a real server:
//
//   TELLTALE_BINARY=build/release/telltale node tests/browser/run.mjs [name of a test file ...]
//
// Needs `npm ci` in web/ (playwright-core and axe-core come from there) and a binary that embeds
// web/dist. CHROMIUM names another browser than /usr/bin/chromium. The closing lines are those of
// node's test runner; its exit code is this script's.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function fail(message, hint) {
  console.error(`error: ${message}`);
  console.error(`hint: ${hint}`);
  process.exit(2);
}

function demand(path, message, hint, mode = constants.R_OK) {
  try {
    accessSync(path, mode);
  } catch {
    fail(`${message}: ${path}`, hint);
  }
}

const binary = process.env.TELLTALE_BINARY;
if (!binary) fail('TELLTALE_BINARY is not set', 'TELLTALE_BINARY=build/release/telltale node tests/browser/run.mjs');
demand(resolve(binary), 'no program to test', 'build it first', constants.X_OK);
demand(process.env.CHROMIUM ?? '/usr/bin/chromium', 'no browser', 'apt-get install chromium', constants.X_OK);
demand(join(here, '../../web/node_modules/playwright-core'), 'no Playwright', 'run `npm ci` in web/');

const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort()
  .map((name) => join(here, name));
if (files.length === 0) fail(`no test file matches ${wanted.join(', ')}`, `they are in ${here}`);

const result = spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...files], {
  stdio: 'inherit',
  env: { ...process.env, TELLTALE_BINARY: resolve(binary) },
});
process.exit(result.status ?? 1);
