// The demo page's behaviour: it asks pigeon-sim twice a second what has changed and adds it to what is shown. All text
// is set as text, never as HTML.
'use strict';

const at = (id) => document.getElementById(id);
const kPollMs = 400;
let own = null;            // the number of the phone that is held
let shownMessages = []; // of the held phone
let phones = [];           // [{number, name, received}]
const seen = new Map();    // number → how many replies were looked at
const shownPosts = new Map();

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function time(ms) {
  return new Date(ms).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'});
}

// "+12025550123" → "+1 202 555 0123"
function grouped(number) {
  return number.replace(/^(\+1)(\d{3})(\d{3})(\d+)$/, '$1 $2 $3 $4');
}

// Appends `text`, with web addresses as links, to `parent`.
function appendLinked(parent, text) {
  let rest = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s]+[^\s.,;:!?)]/g)) {
    parent.append(text.slice(rest, match.index));
    const link = element('a', '', match[0]);
    link.href = match[0];
    link.target = '_blank';
    link.rel = 'noopener';
    parent.append(link);
    rest = match.index + match[0].length;
  }
  parent.append(text.slice(rest));
}

function showMessages(messages) {
  const list = at('messages');
  const kept = shownMessages.every((shown, i) => messages[i] && shown.at === messages[i].at);
  if (!kept) list.replaceChildren();
  const fresh = kept ? messages.slice(shownMessages.length) : messages;
  shownMessages = messages;
  at('hint').hidden = messages.length > 0;
  if (fresh.length === 0) return;
  for (const message of fresh) {
    const mine = message.direction === 'sent';
    const bubble = element('li', `bubble ${mine ? 'out' : 'in'}`);
    if (mine) bubble.append(message.text);
    else appendLinked(bubble, message.text);
    const parts = message.parts > 1 ? ` · ${message.parts} parts` : '';
    const meta = time(message.at) + parts;
    const last = list.lastElementChild;  // one line of small print for a run of messages
    if (last && last.textContent === meta && last.classList.contains('mine') === mine) last.remove();
    list.append(bubble, element('li', `meta ${mine ? 'mine' : ''}`, meta));
  }
  at('scroll').scrollTop = at('scroll').scrollHeight;
}

function hueOf(name) {
  return [...name].reduce((sum, c) => sum + c.codePointAt(0), 0) * 47 % 360;
}

function showPost(post) {
  let item = shownPosts.get(post.id);
  if (!item) {
    item = element('li', 'post');
    const face = element('span', 'face', post.username.slice(0, 1));
    face.setAttribute('aria-hidden', 'true');
    face.style.setProperty('--hue', hueOf(post.username));
    const who = element('p', 'who');
    who.append(element('b', '', post.username), element('span', '', `@${post.username} · ${time(post.at)}`));
    item.append(face, who, element('p', 'said', post.text));
    shownPosts.set(post.id, item);
    at('posts').prepend(item);
  }
  if (post.deleted && !item.classList.contains('gone')) {
    item.classList.add('gone');
    item.querySelector('.who').append(element('span', '', '· deleted'));
  }
}

function showPosts(posts) {
  posts.forEach(showPost);
  const live = posts.filter((post) => !post.deleted).length;
  const count = live === 0 ? '' : live === 1 ? '1 post' : `${live} posts`;
  if (at('count').textContent !== count) at('count').textContent = count;
  at('empty').hidden = posts.length > 0;
}

function chip(phone) {
  const made = element('button', 'chip', phone.name);
  made.type = 'button';
  made.setAttribute('role', 'radio');
  made.setAttribute('aria-checked', String(phone.number === own));
  made.tabIndex = phone.number === own ? 0 : -1;
  made.dataset.number = phone.number;
  made.title = grouped(phone.number);
  const news = phone.received - (seen.get(phone.number) || 0);
  if (phone.number !== own && news > 0) {
    const badge = element('span', 'news', String(news));
    badge.setAttribute('aria-label', `${news} new`);
    made.append(badge);
  }
  return made;
}

function showPhones(next) {
  const held = next.find((phone) => phone.number === own);
  if (held) seen.set(own, held.received);
  const before = JSON.stringify([phones, at('people').dataset.own]);
  phones = next;
  if (before === JSON.stringify([next, own])) return;
  const focused = at('people').contains(document.activeElement);
  at('people').replaceChildren(...next.map(chip));
  at('people').dataset.own = own;
  at('own-name').textContent = held ? held.name : '';
  at('own').textContent = grouped(own);
  if (focused) at('people').querySelector('[aria-checked="true"]').focus();
}

async function ask(path, body) {
  const options = body && {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body),
  };
  const answer = await fetch(path, options);
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.error);
  return json;
}

async function refresh() {
  const asked = own;
  try {
    const state = await ask(`/api/state${own ? `?phone=${encodeURIComponent(own)}` : ''}`);
    if (asked !== own) return;
    own = state.phone.number;
    at('gateway').textContent = grouped(state.gateway);
    showPhones(state.phones);
    showMessages(state.phone.messages);
    showPosts(state.posts);
    if (at('trouble').dataset.lost) delete at('trouble').dataset.lost, at('trouble').textContent = '';
  } catch {
    at('trouble').dataset.lost = 'yes';
    at('trouble').textContent = 'pigeon-sim does not answer; it may have been stopped.';
  }
}

function hold(number) {
  if (number === own) return;
  own = number;
  shownMessages = [];
  at('messages').replaceChildren();
  refresh();
}

async function send(event) {
  event.preventDefault();
  const text = at('text').value;
  if (text.trim() === '') return;
  at('text').value = '';
  fitComposer();
  try {
    await ask('/api/text', {from: own, text});
    at('trouble').textContent = '';
    await refresh();
  } catch (error) {
    at('text').value = text;
    at('trouble').textContent = `Not sent: ${error.message}`;
    fitComposer();
  }
}

function fitComposer() {
  const text = at('text');
  at('composer').querySelector('button').disabled = text.value.trim() === '';
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight + 2}px`;
}

async function inject(event) {
  const button = event.target.closest('[data-inject]');
  if (!button) return;
  await ask('/api/inject', JSON.parse(button.dataset.inject));
  at('injected').textContent = `Done: ${button.textContent}. Text something to see.`;
}

function walkPeople(event) {
  const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
  if (!step) return;
  event.preventDefault();
  const here = phones.findIndex((phone) => phone.number === own);
  hold(phones[(here + step + phones.length) % phones.length].number);
}

at('composer').addEventListener('submit', send);
at('text').addEventListener('input', fitComposer);
at('text').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) send(event);
});
at('people').addEventListener('click', (event) => {
  const button = event.target.closest('[data-number]');
  if (button) hold(button.dataset.number);
});
at('people').addEventListener('keydown', walkPeople);
at('stranger').addEventListener('click', async () => hold((await ask('/api/phones', {})).number));
document.querySelector('.faults').addEventListener('click', inject);
if (matchMedia('(hover: hover)').matches) at('text').focus();  // a touch screen's keyboard would hide the page
setInterval(() => { if (!document.hidden) refresh(); }, kPollMs);
refresh();
