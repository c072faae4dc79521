// Checks that imports go left only:
//
//   base <- api <- widgets <- components <- features <- app
//
// and that one feature never imports another. Prints each offence as file: import: reason.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const kLayers = ['base', 'api', 'widgets', 'components', 'features', 'app'];
const kImport = /(?:\bfrom\s*|\bimport\s*\(?\s*|@import\s+(?:url\()?)['"]([^'"]+)['"]/g;
const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');

function placeOf(path) {
  const [layer, feature] = relative(root, path).split(sep);
  return { rank: kLayers.indexOf(layer), layer, feature: layer === 'features' ? feature : null };
}

function targetOf(file, specifier) {
  if (specifier.startsWith('@/')) return join(root, specifier.slice(2));
  if (specifier.startsWith('.')) return resolve(dirname(file), specifier);
  return null;
}

function offence(from, to) {
  if (to.rank < 0) return 'is in no layer';
  if (to.rank > from.rank) return `${from.layer} may not see ${to.layer}`;
  if (to.feature !== null && from.feature !== null && to.feature !== from.feature) {
    return `feature ${from.feature} may not see feature ${to.feature}`;
  }
  return null;
}

const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(tsx?|css)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));

const offences = [];
for (const file of files) {
  const from = placeOf(file);
  if (from.rank < 0) {
    offences.push(`${relative(root, file)}: is in no layer`);
    continue;
  }
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(kImport)) {
    const target = targetOf(file, specifier);
    if (target === null) continue;
    const reason = offence(from, placeOf(target));
    if (reason !== null) offences.push(`${relative(root, file)}: ${specifier}: ${reason}`);
  }
}

for (const line of offences) console.error(line);
console.error(`layers: ${files.length} files, ${offences.length} offences`);
process.exit(offences.length === 0 ? 0 : 1);
