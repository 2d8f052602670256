// peer_npm.mjs - the npm packages that redact or look for secrets
//
// SPDX-License-Identifier: PostgreSQL
//
//   node peer_npm.mjs speed PACKAGE TEXTS MS   MB/s over the texts that
//                        core_redact --texts wrote, a line of JSON each
//   node peer_npm.mjs find PACKAGE <CASES   what it finds, offsets in code points
//   node peer_npm.mjs list                  the packages
//
// Run in the folder of their node_modules.  Each as its README calls it, made
// once, warmed up by whole rounds over the text; the best round of CPU time.
// Where a package only gives the new text, the places are read off by laying
// what it left over the old one.
import { createRequire } from 'module';
import { readFileSync, readdirSync } from 'fs';
import { join } from 'path';
import { pathToFileURL } from 'url';

const require = createRequire(join(process.cwd(), 'x.cjs'));
const load = (name) => import(pathToFileURL(require.resolve(name)));
// resolved by hand, since these have no entry for require
const loadModule = (name, file) =>
  import(pathToFileURL(join(process.cwd(), 'node_modules', name, file)));

// What stands between the kept pieces, in order.
function laidOver(text, redacted, placeholder) {
  const found = [];
  let at = 0, from = 0, open = null;
  const kept = (piece) => {
    const i = piece === '' ? at : text.indexOf(piece, at);
    if (i < 0) return;
    if (open) found.push({ entity: open, start: at, end: i });
    open = null;
    at = i + piece.length;
  };
  for (const m of redacted.matchAll(placeholder)) {
    const piece = redacted.slice(from, m.index);
    if (piece !== '' || !open) kept(piece);
    open = (m[1] ?? m[0]).toUpperCase().replace(/[ -]/g, '_');
    from = m.index + m[0].length;
  }
  const rest = redacted.slice(from);
  if (open && rest === '') found.push({ entity: open, start: at, end: text.length });
  else kept(rest);
  return found;
}

// Each value at its next place.
function placed(text, values) {
  let at = 0;
  return values.map(([entity, value]) => {
    let i = text.indexOf(value, at);
    if (i < 0) i = text.indexOf(value);
    if (i >= 0) at = i + value.length;
    return { entity: entity.toUpperCase().replace(/-/g, '_'), start: i, end: i + value.length };
  }).filter((f) => f.start >= 0);
}

const WORDS = /\b(EMAIL_ADDRESS|CREDIT_CARD_NUMBER|PHONE_NUMBER|US_SOCIAL_SECURITY_NUMBER|IP_ADDRESS|DIGITS|PERSON_NAME|NAME|STREET_ADDRESS|ZIPCODE|USERNAME|PASSWORD|CREDENTIALS|URL)\b/g;

// name -> { run(text): the call itself, places(text, its result): findings }
const packages = {
  'redact-pii': async () => {
    const r = new (require('redact-pii').SyncRedactor)();
    return { run: (t) => r.redact(t), places: (t, o) => laidOver(t, o, WORDS) };
  },
  '@redactpii/node': async () => {
    const r = new (require('@redactpii/node').Redactor)({});
    return { run: (t) => r.redact(t), places: (t, o) => laidOver(t, o, WORDS) };
  },
  openredaction: async () => {
    const r = new (require('openredaction').OpenRedaction)();
    return {
      run: (t) => r.detect(t),
      places: (t, o) => o.detections.map((d) => ({
        entity: d.type, start: d.position[0], end: d.position[1] })),
    };
  },
  '@arcjet/redact': async () => {
    const { redact } = await loadModule('@arcjet/redact', 'index.js');
    return {
      run: async (t) => {
        const values = [];
        await redact(t, { replace: (e, p) => { values.push([e, p]); } });
        return values;
      },
      places: placed,
    };
  },
  '@coffeeandfun/remove-pii': async () => {
    const { removePII } = await loadModule('@coffeeandfun/remove-pii', 'index.js');
    return { run: (t) => removePII(t),
      places: (t, o) => laidOver(t, o, /\[([A-Za-z ]+) removed\]/g) };
  },
  '@cdssnc/sanitize-pii': async () => {
    const { sanitizePii } = await load('@cdssnc/sanitize-pii');
    return { run: (t) => sanitizePii(t),
      places: (t, o) => laidOver(t, o, /\[Redacted: ([a-z_ ]+)\]/g) };
  },
  secretlint: async () => {
    const { lintSource } = await loadModule('@secretlint/core', 'module/index.js');
    const { creator } = await loadModule(
      '@secretlint/secretlint-rule-preset-recommend', 'module/index.js');
    const options = { config: { rules: [{ id: 'preset', rule: creator, options: {} }] } };
    return {
      run: (t) => lintSource({ source: { filePath: 'a.txt', content: t, ext: '.txt',
        contentType: 'text' }, options }),
      places: (t, o) => o.messages.map((m) => ({
        entity: 'SECRET', start: m.range[0], end: m.range[1] })),
    };
  },
};

async function speed(name, p, dir, ms) {
  for (const file of readdirSync(dir).sort()) {
    const [, kind, state, size] = file.match(/^(\w+)-(\w+)-(\d+)$/);
    const text = readFileSync(join(dir, file), 'latin1');
    let best = Infinity, result;
    const until = Date.now() + ms;
    for (let round = 0; round < 3 || (round < 60 && Date.now() < until); round++) {
      const batch = round === 0 ? 1 : Math.max(1, Math.ceil(1e7 / best / text.length / 1e3));
      const t = process.cpuUsage();
      for (let i = 0; i < Math.min(batch, 200); i++) result = await p.run(text);
      const used = process.cpuUsage(t);
      const us = (used.user + used.system) / Math.min(batch, 200) / text.length;
      best = Math.min(best, Math.max(us, 1e-6));
    }
    console.log(JSON.stringify({ tool: name, text: kind, dirty: state === 'dirty',
      size: Number(size), mb_s: 1 / best, found: p.places(text, result).length }));
  }
}

async function find(p) {
  for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    const { id, text } = JSON.parse(line);
    const points = (i) => [...text.slice(0, i)].length;
    let findings = [];
    try {
      findings = p.places(text, await p.run(text));
    } catch {
      // a text it cannot read is one in which it finds nothing
    }
    console.log(JSON.stringify({ id, findings: findings.map((f) => ({
      entity: f.entity, start: points(f.start), end: points(f.end) })) }));
  }
}

const [, , what, name, dir, ms] = process.argv;
if (what === 'list') {
  console.log(Object.keys(packages).join('\n'));
} else {
  const p = await packages[name]();
  await (what === 'speed' ? speed(name, p, dir, Number(ms)) : find(p));
}
