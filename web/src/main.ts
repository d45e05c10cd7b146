import { type About, aboutAnswer, type Person, usersAnswer } from './answers.ts';
import { get } from './api.ts';
import { fill, h } from './dom.ts';
import type { Page } from './pages/page.ts';
import { pipelinePage } from './pages/pipeline.ts';
import { recommendPage } from './pages/recommend.ts';
import { rulesPage } from './pages/rules.ts';
import { searchPage } from './pages/search.ts';
import { similarPage } from './pages/similar.ts';
import { whyPage } from './pages/why.ts';
import { liveRegion } from './parts/announce.ts';
import { problemBox } from './parts/problem.ts';
import { whoPicker } from './parts/whoPicker.ts';
import { link, place } from './router.ts';
import { onWho, randomId, setWho, who } from './state.ts';
import { themeControl } from './theme.ts';
import './style/base.css';
import './style/controls.css';
import './style/combobox.css';
import './style/layout.css';
import './style/results.css';
import './style/states.css';

const PAGES: Readonly<Record<string, Page>> = {
  recommend: recommendPage,
  search: searchPage,
  why: whyPage,
  rules: rulesPage,
  events: pipelinePage,
};

/** Reached from an item only. */
const INNER: Readonly<Record<string, Page>> = { similar: similarPage };

function header(people: readonly Person[], main: HTMLElement): HTMLElement {
  // The address's hash is the page's place, so that the link to the content must not go there.
  const skip = (event: Event) => {
    event.preventDefault();
    main.focus();
  };
  return h(
    'header',
    {},
    h('a', { class: 'skip', href: '#main', onclick: skip }, 'Skip to the content'),
    h('a', { class: 'brand', href: link('recommend') }, 'Winnow'),
    h(
      'nav',
      { 'aria-label': 'Pages' },
      ...Object.entries(PAGES).map(([name, { title }]) => h('a', { href: link(name), 'data-page': name }, title)),
    ),
    whoPicker(people),
    themeControl(),
  );
}

function footer(about: About): HTMLElement {
  return h(
    'footer',
    {},
    h('span', {}, about.title),
    h('a', { href: '/docs' }, 'API reference'),
    h('a', { href: '/openapi.json' }, 'openapi.json'),
    h('a', { href: '/metrics' }, 'Metrics'),
  );
}

function draw(about: About, main: HTMLElement): void {
  const { page: name, parameters } = place();
  const page = PAGES[name] ?? INNER[name] ?? recommendPage;
  for (const anchor of document.querySelectorAll<HTMLAnchorElement>('nav a')) {
    if (anchor.dataset['page'] === name) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
  }
  document.title = `${page.title} · ${about.title}`;
  fill(main, page.draw({ about, parameters }));
}

async function start(app: HTMLElement): Promise<void> {
  const [about, users] = await Promise.all([get(aboutAnswer, '/about'), get(usersAnswer, '/users', { limit: 50 })]);
  const people = users.data.users;
  const first = people[0];
  if (who() === undefined)
    setWho(first === undefined ? { kind: 'stranger', id: `stranger-${randomId()}` } : { kind: 'user', id: first.id });
  const main = h('main', { id: 'main', tabindex: '-1' });
  const redraw = () => draw(about.data, main);
  const { notice } = about.data;
  fill(
    app,
    header(people, main),
    notice !== undefined && h('p', { class: 'notice', role: 'note' }, notice),
    main,
    footer(about.data),
    liveRegion(),
  );
  addEventListener('hashchange', redraw);
  onWho(redraw);
  redraw();
}

document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof Element && event.target.matches('input:not([type=checkbox]), textarea, select');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const field = document.querySelector<HTMLInputElement>('[data-slash]');
  if (field === null) location.hash = link('search');
  else field.focus();
});

const app = document.querySelector<HTMLElement>('#app');
if (app !== null) start(app).catch((error: unknown) => fill(app, h('main', {}, h('h1', {}, 'Winnow'), problemBox(error))));
