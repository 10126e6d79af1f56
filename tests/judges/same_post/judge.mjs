// Lets npm's twitter-text (X's own library) find the URLs of random texts, puts short links in their place and
// escapes the rest as X does, and asks our program whether that post is the text: it must be, and must not be
// once the text holds one sign more. Seeded: `node judge.mjs <program> [seed] [count]`.
import { createRequire } from 'node:module';
import { ask, choices, whole } from './texts.mjs';

const twitter = createRequire(import.meta.url)('twitter-text');
const [subject, seed = '20261125', count = '4000'] = process.argv.slice(2);

const { random, below, pick, times } = choices(seed);

const domains = ['example.com', 'EXAMPLE.com', 'a.co.uk', 'foo-bar.de', 'bücher.de', 'пример.рф', 'xn--p1ai.com', 'sub.example.org', 't.co', 'みんな.みんな',
  'e\u0301.com', 'node.js', 'e.g.', '日本.com', 'localhost', '1.2.3.4'];
const paths = ['/', '/a', '/a.b', '/a_(b)', '/Path/', '/é', '/e\u0301', '/ж', '/%20x', '/a&b', '/a,', '/a!', '/~x/@y', '/a;b=c', '/#x', '/aB3dE5fG7h'];
const queries = ['?a=1&b=2', '?a', '?a=%', '?q=a+b', '?a=&amp;', '?'];
const words = ['hello', 'the', 'Größe', 'Gro\u0308ße', 'q\u0307\u0323', '\u1112\u1161\u11ab', '漢字', 'привет', 'שּׁ', 'नमस्ते', 'ไทย', '𝒳', 'ﬁ', 'Å',
  '"quoted"', "it's", '&', '<', '>', '<b>', '&amp;', '&amp;amp;', '&lt;', '&#39;', '&euro;', 'AT&T', '&am', '@user', '#tag', '$TWTR', '100%', '…'];
const emoji = ['😀', '👍🏽', '👨‍👩‍👧‍👦', '🇩🇪', '1️⃣', '©️', '❤️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏳️‍🌈', '👩‍🔬'];
const marks = ['\u0301', '\u0327', '\u200e', '\u200b', '\u00ad', '\ufe0f', '\u0338'];
const blanks = [' ', ' ', ' ', '  ', '\n', '\n\n', '\t', '\u00a0', '\u3000', '\u2003'];
const around = ['', '', '', ' ', ' ', '(', ')', '.', ',', '日', '"', '&', '…', '-', '@'];

const url = () => pick(['', '', 'http://', 'https://', 'HTTPS://']) + pick(domains) + (random() < 0.1 ? ':8080' : '') +
  (random() < 0.6 ? pick(paths) : '') + (random() < 0.3 ? pick(queries) : '');
function piece() {
  const kind = random();
  if (kind < 0.3) return pick(around) + url() + pick(around);
  if (kind < 0.6) return pick(words);
  if (kind < 0.7) return pick(emoji);
  if (kind < 0.75) return pick(marks);
  return pick(blanks);
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
function slug(number) {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  return Array.from({ length: 10 }, (_, i) => digits[(number * 7 + i * 11 + (number >> 3)) % digits.length]).join('');
}
// X's answer about a post of this text.
function shown(written, number) {
  const text = written.normalize('NFC').trim();
  const urls = [];
  let out = '';
  let at = 0;
  for (const { url: found, indices } of twitter.extractUrlsWithIndices(text)) {
    const link = `https://t.co/${slug(number * 16 + urls.length)}`;
    urls.push({ url: link, expanded_url: /^https?:\/\//i.test(found) ? found : `http://${found}`, display_url: found });
    out += escape(text.slice(at, indices[0])) + link;
    at = indices[1];
  }
  out += escape(text.slice(at));
  const post = { id: String(number + 1), text: out, created_at: '2027-01-15T08:00:00.000Z' };
  if (urls.length > 0) post.entities = { urls };
  return { data: [post], meta: { result_count: 1 } };
}

const ours = (questions) => ask(subject, questions);
// In a domain of several alphabets the library finds URLs that do not stand in the text so ("a.deя.рф/x" gives
// "a.de/x"); what X's servers make of them nobody knows.
const stands = (text) => twitter.extractUrlsWithIndices(text).every(({ url, indices }) => text.slice(...indices) === url);
function withOneMore(text) {
  const points = [...text];
  points.splice(below(points.length + 1), 0, 'q');
  return points.join('');
}

const texts = Array.from({ length: Number(count) }, () => whole(times(1, random() < 0.1 ? 40 : 8, piece)))
  .filter((text) => text.trim() !== '' && stands(text.normalize('NFC').trim()));
const answers = texts.map(shown);
const same = texts.map((text, i) => ({ ours: text, answer: answers[i] }));
const another = texts.map((text, i) => ({ ours: withOneMore(text), answer: answers[i] }));
const wrong = [...ours(same).map((said, i) => [said, '1', same[i]]), ...ours(another).map((said, i) => [said, '0', another[i]])]
  .filter(([said, right]) => said !== right);
wrong.sort((a, b) => a[2].ours.length - b[2].ours.length);
for (const [said, right, question] of wrong.slice(0, 20)) {
  console.error(`said ${said}, right is ${right}: ${JSON.stringify(question.ours)} as ${JSON.stringify(question.answer.data[0])}`);
}
const links = answers.reduce((sum, answer) => sum + (answer.data[0].entities?.urls.length ?? 0), 0);
console.log(`${texts.length} texts with ${links} links (seed ${seed}), ${wrong.length} answers are wrong`);
process.exit(wrong.length === 0 && links > 0 ? 0 : 1);
