// Runs npm's oidc-provider (a certified authorization server) on loopback and links accounts at it with our OAuth 2.0
// client, the judge playing the person in the browser: PKCE, rotation with reuse detection, refresh tokens that stay,
// revocation, client credentials, device grants, wrong credentials, a server that is gone. `node judge.mjs <program>`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

const [program] = process.argv.slice(2);
const redirectUri = 'https://box.example/oauth/callback';
const scopes = ['tweet.read', 'tweet.write', 'users.read', 'offline.access', 'media.write'];
// Characters that only survive HTTP Basic when both sides form-encode (RFC 6749 §2.3.1).
const confidential = { id: 'pigeon app:1', secret: 's:e%c+r e/t&=' };
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const common = { redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] };

function startProvider(port) {
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      { ...common, client_id: confidential.id, client_secret: confidential.secret, token_endpoint_auth_method: 'client_secret_basic' },
      { ...common, client_id: 'public-pigeon', token_endpoint_auth_method: 'none' },
      { ...common, client_id: 'body pigeon', client_secret: confidential.secret, token_endpoint_auth_method: 'client_secret_post' },
      { client_id: 'app', client_secret: confidential.secret, token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
      { client_id: 'device', token_endpoint_auth_method: 'none', grant_types: [deviceGrant, 'refresh_token'],
        redirect_uris: [], response_types: [] },
    ],
    scopes,
    pkce: { required: () => true },
    rotateRefreshToken: (ctx) => ctx.oidc.client.clientId !== 'body pigeon',
    issueRefreshToken: async () => true,
    findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    cookies: { keys: ['a test needs no secret'] },
    features: { devInteractions: { enabled: true }, revocation: { enabled: true }, introspection: { enabled: true },
      clientCredentials: { enabled: true }, deviceFlow: { enabled: true } },
  });
  provider.on('server_error', (ctx, error) => console.error('provider:', error));
  return provider;
}

// The person: follows redirects with cookies, signs in, agrees (or, at a device's confirmation, does not); returns the
// callback's parameters, or nothing where a device's page has no more to ask.
async function agree(url, { abort = false } = {}) {
  const cookies = new Map();
  let next = { url, init: {} };
  for (let hop = 0; hop < 20; hop++) {
    const headers = { ...next.init.headers, cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; ') };
    const response = await fetch(next.url, { ...next.init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      cookies.set(name, value);
    }
    if (response.status >= 300 && response.status < 400) {
      const where = new URL(response.headers.get('location'), next.url).href;
      if (where.startsWith(redirectUri)) return new URL(where).searchParams;
      next = { url: where, init: {} };
      continue;
    }
    if (abort && next.init.method === 'POST') return undefined;  // what follows asks for another code
    const page = await response.text();
    const xsrf = /name="xsrf" value="(\w+)"/.exec(page)?.[1];
    if (xsrf) {  // "is this the code on your device?"
      const form = new URLSearchParams({ xsrf, user_code: new URL(url).searchParams.get('user_code'), ...(abort ? { abort: 'yes' } : { confirm: 'yes' }) });
      next = { url: `${base}/device`, init: { method: 'POST', body: form } };
      continue;
    }
    if (/name="prompt"/.test(page) === false && next.url.startsWith(`${base}/device`)) return undefined;
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    assert(prompt, `no form at ${next.url} (${response.status}): ${page.replace(/<style[\s\S]*<\/style>/, '').slice(0, 1500)}`);
    const action = new URL(/action="([^"]+)"/.exec(page)[1], next.url).href;
    const form = new URLSearchParams({ prompt, login: 'ada', password: 'anything' });
    next = { url: action, init: { method: 'POST', body: form } };
  }
  throw new Error('redirects without end');
}

// Our client as a child process.
function startClient(description) {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(JSON.stringify(description) + '\n');
  return {
    async ask(command) {
      child.stdin.write(JSON.stringify(command) + '\n');
      const { value, done } = await lines.next();
      assert(!done, 'our client ended');
      return JSON.parse(value);
    },
    end: () => child.stdin.end(),
  };
}

let checks = 0;
function check(name, actual, expected) {
  assert.deepEqual(actual, expected, name);
  checks++;
}

const server = createServer((request, response) => provider.callback()(request, response));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}`;
const provider = startProvider(server.address().port);
const describe = (id, secret) => ({
  client_id: id, client_secret: secret, authorize_url: `${base}/auth`, token_url: `${base}/token`,
  revoke_url: `${base}/token/revocation`, device_url: `${base}/device/auth`, redirect_uri: redirectUri,
  scope: scopes.join(' '),
});

async function consentCode(client) {
  const { url, verifier } = await client.ask({ do: 'authorize', state: 'state-1 &' });
  const callback = await agree(url);
  check('no error at consent', callback.get('error_description'), null);
  check('state comes back', callback.get('state'), 'state-1 &');
  return { code: callback.get('code'), verifier };
}
async function link(client) {
  const tokens = await client.ask({ do: 'exchange', ...(await consentCode(client)) });
  check('exchange succeeds', tokens.failure, undefined);
  return tokens;
}
const failureOf = async (client, command) => (await client.ask(command)).failure;

async function judge(id, secret) {
  const client = startClient(describe(id, secret));
  const first = await link(client);
  check('scopes', new Set(first.scope.split(' ')), new Set(scopes));
  const stored = await provider.AccessToken.find(first.access_token);
  check('the access token is alive and ours', [stored.clientId, stored.accountId], [id, 'ada']);

  const second = await client.ask({ do: 'refresh', token: first.refresh_token });
  check('refresh succeeds', second.failure, undefined);
  assert.notEqual(second.refresh_token, first.refresh_token);
  check('a spent refresh token', await failureOf(client, { do: 'refresh', token: first.refresh_token }), 'grant_dead');
  check('kills its successor', await failureOf(client, { do: 'refresh', token: second.refresh_token }), 'grant_dead');

  const third = await link(client);
  check('revocation', await client.ask({ do: 'revoke', token: third.refresh_token }), { revoked: true });
  check('and again', await client.ask({ do: 'revoke', token: third.refresh_token }), { revoked: true });
  check('revoked', await failureOf(client, { do: 'refresh', token: third.refresh_token }), 'grant_dead');

  const spent = await consentCode(client);
  check('a code', (await client.ask({ do: 'exchange', ...spent })).failure, undefined);
  check('a code twice', await failureOf(client, { do: 'exchange', ...spent }), 'grant_dead');
  const stolen = { ...(await consentCode(client)), verifier: 'x'.repeat(43) };
  check('a wrong verifier', await failureOf(client, { do: 'exchange', ...stolen }), 'grant_dead');
  client.end();
}

await judge(confidential.id, confidential.secret);
await judge('public-pigeon', '');

async function judgeTokensThatStay() {
  const client = startClient({ ...describe('body pigeon', confidential.secret), secret_in_body: true, tokens_stay: true });
  const first = await link(client);
  for (let i = 0; i < 2; i++) {
    const next = await client.ask({ do: 'refresh', token: first.refresh_token });
    check('a refresh token that stays', next.refresh_token, first.refresh_token);
    assert.notEqual(next.access_token, first.access_token);
  }
  check('revocation', await client.ask({ do: 'revoke', token: first.refresh_token }), { revoked: true });
  check('revoked', await failureOf(client, { do: 'refresh', token: first.refresh_token }), 'grant_dead');
  client.end();
}
await judgeTokensThatStay();

async function judgeApp() {
  const client = startClient({ ...describe('app', confidential.secret), scope: '' });
  const { access_token: token } = await client.ask({ do: 'app' });
  check('the app has a token of its own', (await provider.ClientCredentials.find(token)).clientId, 'app');
  check('and is not asked for another', (await client.ask({ do: 'app' })).access_token, token);
  client.end();
  const impostor = startClient({ ...describe('app', 'wrong'), scope: '' });
  const refused = await impostor.ask({ do: 'app' });
  check('a wrong secret', [refused.failure, refused.code], ['client_rejected', 'invalid_client']);
  impostor.end();
}
await judgeApp();

async function judgeDevice() {
  const client = startClient(describe('device', ''));
  const begun = await client.ask({ do: 'device' });
  check('where to go', begun.verification_uri, `${base}/device`);
  check('not yet', await client.ask({ do: 'poll', second: 5 }), { state: 'pending', code: 'authorization_pending' });
  check('nobody is asked too early', await client.ask({ do: 'poll', second: 9 }), { state: 'pending', code: 'authorization_pending' });
  await agree(begun.verification_uri_complete);
  const granted = await client.ask({ do: 'poll', second: 10 });
  check('granted', granted.state, 'granted');
  const stored = await provider.AccessToken.find(granted.access_token);
  check('and ours', [stored.clientId, stored.accountId], ['device', 'ada']);
  check('which can be refreshed', (await client.ask({ do: 'refresh', token: granted.refresh_token })).failure, undefined);

  const denied = await client.ask({ do: 'device' });
  await agree(denied.verification_uri_complete, { abort: true });
  check('refused', await client.ask({ do: 'poll', second: 5 }), { state: 'refused', code: 'access_denied' });

  const late = await client.ask({ do: 'device' });
  const code = await provider.DeviceCode.findByUserCode(late.user_code.replaceAll('-', ''), { ignoreExpiration: true });
  code.exp = Math.floor(Date.now() / 1000) - 1;
  await code.adapter.upsert(code.jti, { ...(await code.adapter.find(code.jti)), exp: code.exp }, 60);
  check('too late', await client.ask({ do: 'poll', second: 5 }), { state: 'expired', code: 'expired_token' });
  client.end();
}
await judgeDevice();

const owner = startClient(describe(confidential.id, confidential.secret));
const { refresh_token: token } = await link(owner);
const impostor = startClient(describe(confidential.id, 'wrong'));
check('a wrong secret', await failureOf(impostor, { do: 'refresh', token }), 'client_rejected');
check('revoking with it', (await impostor.ask({ do: 'revoke', token })).retry, false);
const stranger = startClient(describe('nobody', ''));
check('a wrong client id', await failureOf(stranger, { do: 'refresh', token }), 'client_rejected');
const kept = await owner.ask({ do: 'refresh', token });
check('the grant survives the operator', kept.failure, undefined);

server.closeAllConnections();
await new Promise((resolve) => server.close(resolve));
check('nobody there', await failureOf(owner, { do: 'refresh', token: kept.refresh_token }), 'unreachable');
for (const client of [owner, impostor, stranger]) client.end();
console.log(`${checks} checks passed`);
