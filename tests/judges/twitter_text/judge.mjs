// Asks npm's twitter-text (X's own library) and our program to weigh the same random texts, and fails where
// they see one differently. Seeded: `node judge.mjs <program> [seed] [count]`.
import { createRequire } from 'node:module';
import { ask, choices, whole } from './texts.mjs';

const twitter = createRequire(import.meta.url)('twitter-text');
const [subject, seed = '20261121', count = '4000'] = process.argv.slice(2);

const { random, below, pick, times } = choices(seed);

const tlds = ['com', 'co.uk', 'de', 'no', 'off', 'COM', 'museum', 'co', 'рф', 'РФ', 'コム', '中国', '中文网', '嘉里大酒店',
  '嘉里', 'भारतम्', 'भारत', 'پاکستان', 'vermögensberatung', 'xn--p1ai', 'xn--', 'comm', 'c', 'invalid', 'Ευ', 'みんな'];
const labels = ['a', 'example', 'EXAMPLE', 'foo-bar', 'foo_bar', '-foo', 'foo-', '_x', 'x_', 'bücher', 'é', 'ﬁ', '日本',
  'пример', 'xn--bcher-kva', 'xn--я', '1', '192', '☃', '😀', 'a'.repeat(63), 'a'.repeat(64), '日'.repeat(20), 't', 'a。b',
  'e\u0301', '', '\u0345', 'ſ', 'ß', 'İ'];
const paths = ['/', '/a', '/a.b', '/a_(b)', '/(a(b)c)', '/((a))', '/(', '/)', '/()', '/a/b/', '/~x', '/@a/', '/é', '/ж', '/日',
  '/a.', '/a,', '/%20', '/a–b', '/a;b=c', '/#x', '/a|b', '/a\u0301', '/a!', '/[a]', "/'a'", '/(a)(b).', '/a(b', '/i/1)'];
const queries = ['?', '?a', '?a=b&c', '?a.', '?a!b', '?é', '?a?b', '?(', '?a=1#x', '?&', '?~', '?a=日'];
const ports = [':', ':80', ':a', ':80a'];
const emoji = ['😀', '👍🏽', '👨‍👩‍👧‍👦', '🇩🇪', '🇩🇩', '🇩', '1️⃣', '#⃣', '*️⃣', '1\ufe0f', '©', '©️', '®\ufe0e', '™️', '❤️', '❤', '☺', '☺️', '☺\ufe0e', '⚡️', '⌚️', '😀\ufe0f', '🀄️',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏳️‍🌈', '🏴‍☠️', '👩‍❤️‍💋‍👨', '👩‍🔬', '🤦🏿‍♂️', '⛹️‍♀️', '⛹🏻‍♂️', '🏽', '♀️', '🀄', '\u200d', '\ufe0f', '👩‍', '👩‍🔥', '🕵️‍♀️', '🗣', '🗣️', '☎️', '㊗️', '‼️', '‼', '#️⃣⃣'];
const marks = ['\u0301', '\u0308', '\u0327', '\u3099', '\u200e', '\u202a', '\u2066', '\u2069', '\u061c', '\ufeff', '\ufffe', '\uffff',
  '\u200b', '\u2011', '\u2028', '\u00a0', '\u3000', '\u180e', '\u0000', '\u001f', '\u00ad'];
const before = ['', '', '', ' ', ' ', '@', '＠', '#', '＃', '$', '.', '/', '-', '_', '"', '(', ',', '日', 'é', 'a', '1', '\n', '：', '。', '！'];
const words = ['hello', 'the', 'Größe', 'naïve', '漢字', 'かな', 'ﾊﾝｶｸ', '한국어', '\u1112\u1161\u11ab', 'привет', 'مرحبا', 'שּׁ', 'नमस्ते', 'ไทย',
  '𝒳', '𐐷', '“quoted”', '…', '—', '€', 'ﬁ', 'Å', 'q\u0307\u0323', '@user', '#tag', '$TWTR', '1984', 'a.b', '...', 'e.g.'];

function domain() {
  const parts = Array.from({ length: 1 + below(3) }, () => pick(labels));
  return [...parts, pick(tlds)].join('.') + (random() < 0.1 ? '.' : '') + (random() < 0.05 ? '@x' : '');
}
function url() {
  const protocol = pick(['', '', 'http://', 'https://', 'HTTP://', 'hTTps://', 'ftp://', 'http:/', '//']);
  const tco = random() < 0.08 ? 't.co/' + 'aB3'.repeat(below(20)) + pick(['', '/x', '?a=b', '.', 'é', '日']) : domain();
  return protocol + tco + (random() < 0.15 ? pick(ports) : '') + (random() < 0.5 ? times(0, 3, () => pick(paths)) : '') +
    (random() < 0.3 ? pick(queries) : '');
}
function codePoint() {
  const kind = below(5);
  const top = [0x80, 0x250, 0x3100, 0x10000, 0x110000][kind];
  let point = below(top);
  if (point >= 0xd800 && point < 0xe000) point = 0x21;
  return String.fromCodePoint(point);
}
function piece() {
  const kind = random();
  if (kind < 0.3) return pick(before) + url() + pick(before);
  if (kind < 0.5) return pick(words);
  if (kind < 0.7) return pick(emoji);
  if (kind < 0.8) return pick(marks);
  if (kind < 0.85) return codePoint();
  return pick([' ', ' ', ' ', ' ', '\n', '.', ',']);
}

function theirs(text) {
  const { weightedLength, valid } = twitter.parseTweet(text, twitter.configs.version3);
  return `${weightedLength} ${valid ? 1 : 0}`;
}
const ours = (texts) => ask(subject, texts);
// The text with everything left out that the difference does not need.
function shrink(text) {
  let points = [...text];
  for (let size = points.length >> 1; size > 0; size = size > 1 ? size >> 1 : 0) {
    for (let at = 0; at + size <= points.length;) {
      const rest = whole([...points.slice(0, at), ...points.slice(at + size)].join(''));
      if (theirs(rest) !== ours([rest])[0]) points = [...rest];
      else at += size;
    }
  }
  return points.join('');
}

const texts = Array.from({ length: Number(count) }, () => whole(times(0, random() < 0.1 ? 60 : 6, piece)));
const answers = ours(texts);
const different = texts.filter((text, i) => theirs(text) !== answers[i]);
for (const text of different.slice(0, 20).map(shrink)) {
  console.error(`theirs ${theirs(text)}, ours ${ours([text])[0]}: ${JSON.stringify(text)}`);
}
console.log(`${texts.length} texts (seed ${seed}), ${different.length} differences`);
process.exit(different.length === 0 ? 0 : 1);
