// What the judges of texts share: random texts that a seed repeats, and asking our program about many at once.
import { spawnSync } from 'node:child_process';

// The same choices for the same seed (mulberry32).
export function choices(seed) {
  let state = Number(seed) >>> 0;
  function random() {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  const below = (n) => Math.floor(random() * n);
  const pick = (list) => list[below(list.length)];
  const times = (least, most, make) => Array.from({ length: least + below(most - least + 1) }, make).join('');
  return { random, below, pick, times };
}

// JavaScript's regular expressions see a character beyond U+FFFF as two, of which the first may stand before a URL and
// the second begin or end within it. X's servers, and we, see one; so a snowman takes their place where a URL may be.
export const whole = (text) => text.replace(/\S*\.\S*/g, (word) => word.replace(/[\u{10000}-\u{10ffff}]/gu, '☃'));

// A line of JSON each to our program, and a line of answer each.
export function ask(program, questions) {
  const input = questions.map((question) => JSON.stringify(question) + '\n').join('');
  const run = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`our program failed: ${run.stderr}`);
  const lines = run.stdout.trimEnd().split('\n');
  if (lines.length !== questions.length) throw new Error(`${lines.length} answers to ${questions.length} questions`);
  return lines;
}
