// cel.mjs - engines of CEL for node on the rules of bench/core_cel.c
//
// SPDX-License-Identifier: PostgreSQL
//
//   node cel.mjs RULES FACTS [ROUNDS]
//
// Run from bench/peers/cel.sh, which installs the packages beside this file.
// Every rule is planned or parsed beforehand; a decision evaluates all of them.
import { readFileSync } from 'node:fs';
import { celEnv, parse, plan } from '@bufbuild/cel';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import * as celjs from 'cel-js';

const [rulesFile, factsFile, given] = process.argv.slice(2);
const rounds = Number(given ?? 2000);
const rules = readFileSync(rulesFile, 'utf8').split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const facts = JSON.parse(readFileSync(factsFile, 'utf8'));

// A typed value in the form an engine takes.
const forms = {
  bufbuild: {
    int: (v) => BigInt(v),
    timestamp: (v) => timestampFromDate(new Date(v)),
  },
  celjs: { int: Number, timestamp: (v) => new Date(v) },
};

function value({ t, v }, form) {
  switch (t) {
    case 'list': return v.map((e) => value(e, form));
    case 'map': return Object.fromEntries(
      v.map(([k, e]) => [k.v, value(e, form)]));
    case 'double': return Number(v);
    default: return form[t] ? form[t](v) : v;
  }
}

// "model.id" is field id of variable model.
function variables(form) {
  const all = {};
  for (const [name, typed] of Object.entries(facts)) {
    const path = name.split('.');
    let at = all;
    for (const part of path.slice(0, -1)) at = at[part] ??= {};
    at[path.at(-1)] = value(typed, form);
  }
  return all;
}

function measure(name, programs, given) {
  const ns = [];
  let matched = 0;
  let failed = 0;
  for (let i = 0; i < rounds; i++) {
    const start = process.hrtime.bigint();
    matched = failed = 0;
    for (const program of programs) {
      try {
        const answer = program(given);
        if (answer === true) matched++;
        else if (answer !== false) failed++;
      } catch {
        failed++;
      }
    }
    ns.push(Number(process.hrtime.bigint() - start));
  }
  ns.sort((a, b) => a - b);
  const at = (q) => ns[Math.floor(ns.length * q)].toFixed(0).padStart(8);
  console.log(`${`${name}: evaluate`.padEnd(34)} p50 ${at(0.5)} ns   ` +
    `p99 ${at(0.99)} ns   ${matched} match, ${failed} fail`);
}

function compileAll(compile) {
  return rules.map((rule) => {
    try {
      return compile(rule);
    } catch {
      return () => { throw new Error('does not compile'); };
    }
  });
}

const env = celEnv();
measure('@bufbuild/cel', compileAll((rule) => plan(env, parse(rule))),
  variables(forms.bufbuild));
measure('cel-js', compileAll((rule) => {
  const parsed = celjs.parse(rule);
  if (!parsed.isSuccess) throw new Error('syntax');
  return (given) => celjs.evaluate(parsed.cst, given);
}), variables(forms.celjs));
