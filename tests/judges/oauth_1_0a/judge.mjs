// Signs random requests by npm's oauth-1.0a and by ours, and compares the signature base strings and the headers.
// `node judge.mjs <program> [requests] [seed]`; the same seed makes the same requests.
//
// What the package leaves to its caller is done here, by Node's own URL: scheme and host in lower case, no default
// port, no fragment (RFC 5849 §3.4.1.2). It takes the names in a query as they stand and lets a query's name take
// the place of the form's, so names in queries are plain and none is in both.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import OAuth from 'oauth-1.0a';
import { ask, choices } from './texts.mjs';

const [program, requests = '400', seed = '1'] = process.argv.slice(2);
const { below, pick, times } = choices(seed);

const odd = [...'%+~ &=!*\'()"/?:;@$,[]<>#\\^`{|}-._', 'é', 'ß', '中', '🕊', '\u0301', '\t', '\n', '%41', '%zz', '+1'];
const letters = [...'abcxyzABCXYZ0189'];
const word = (least, most) => times(least, most, () => (below(3) === 0 ? pick(odd) : pick(letters)));
const plain = (least, most) => times(least, most, () => pick(letters));
const list = (least, most, make) => Array.from({ length: least + below(most - least + 1) }, make);

// Repeated names: a value of the package's is a string or a list of them, and an empty first one is lost on it.
function parameters(name) {
  const out = new Map();
  for (const key of list(0, 4, name)) out.set(key, list(1, 3, () => word(1, 12)));
  return out;
}
const flat = (map) => [...map].flatMap(([key, values]) => values.map((value) => [key, value]));
const data = (map) => Object.fromEntries([...map].map(([key, values]) => [key, values.length === 1 ? values[0] : values]));

function request() {
  const scheme = pick(['http', 'https', 'HTTPS', 'Http']);
  const host = pick(['api.x.com', 'API.X.com', '127.0.0.1', '[::1]', 'xn--mller-kva.example']);
  const port = pick(['', '', ':80', ':443', ':8080', ':65535']);
  const path = pick(['', '/', '/2/tweets', '/a/b~c', '/1.1/statuses/update.json', '/%7Ejoe/x%20y', '/a//b/']);
  const query = parameters(() => 'q' + plain(1, 6));
  const form = parameters(() => 'f' + word(0, 6));
  const search = flat(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  const fragment = pick(['', '', '#here', '#?no=query']);
  return {
    data: data(form),
    question: {
      method: pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH']),
      url: `${scheme}://${host}${port}${path}${search === '' ? '' : '?' + search}${fragment}`,
      form: flat(form),
      consumer_key: word(1, 20), consumer_secret: word(1, 40),
      ...(below(4) === 0 ? { token: '', token_secret: '' } : { token: word(1, 30), token_secret: word(1, 40) }),
      nonce: plain(8, 32), timestamp: 1 + below(2000000000),
    },
  };
}

// What the package makes of it.
function judged({ question, data }) {
  const signer = new OAuth({
    consumer: { key: question.consumer_key, secret: question.consumer_secret },
    signature_method: 'HMAC-SHA1',
    hash_function: (base, key) => createHmac('sha1', key).update(base).digest('base64'),
  });
  signer.getNonce = () => question.nonce;
  signer.getTimeStamp = () => question.timestamp;
  let base;
  const getBaseString = signer.getBaseString.bind(signer);
  signer.getBaseString = (...args) => (base = getBaseString(...args));
  const { origin, pathname, search } = new URL(question.url);
  const token = question.token === '' ? undefined : { key: question.token, secret: question.token_secret };
  // The package writes into the data that it is given.
  const oauth = signer.authorize({ method: question.method, url: origin + pathname + search, data: { ...data } }, token);
  return { base, header: 'Authorization: ' + signer.toHeader(oauth).Authorization };
}

// A header's parameters have no order.
const pieces = (header) => ({ scheme: header.slice(0, 21), values: header.slice(21).split(', ').sort() });

const asked = Array.from({ length: Number(requests) }, request);
const answers = ask(program, asked.map(({ question }) => question)).map((line) => JSON.parse(line));
asked.forEach((one, i) => {
  const expected = judged(one);
  const where = JSON.stringify(one.question);
  assert.equal(answers[i].base, expected.base, where);
  assert.deepEqual(pieces(answers[i].header), pieces(expected.header), where);
});
const repeated = asked.filter(({ question }) => new Set(question.form.map(([key]) => key)).size < question.form.length);
assert(asked.length < 100 || repeated.length > 10, 'too few requests repeat a name');
console.log(`${asked.length} requests (seed ${seed}): signed alike`);
