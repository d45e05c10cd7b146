import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type Watched, watchedPage } from './browser.ts';
import { type Demo, startDemo } from './demoProcess.ts';

// The whole way: `npm run demo` from nothing, then a person with a browser.
let workspace: string;
let demo: Demo;
let browser: Browser;
let watched: Watched;

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'winnow-web-'));
  [demo, browser] = await Promise.all([startDemo(workspace), launchBrowser()]);
  watched = await watchedPage(browser, demo.url);
}, 600_000);

afterAll(async () => {
  await browser?.close();
  await demo?.stop();
  await rm(workspace, { recursive: true, force: true });
});

const titles = () => watched.page.locator('.card h3').allTextContents();

async function open(hash: string): Promise<void> {
  // From a blank page, so that it is loaded anew and not only told of another hash.
  await watched.page.goto('about:blank');
  await watched.page.goto(`${demo.url}/${hash}`);
}

describe('the playground', () => {
  it('says that the people are simulated', async () => {
    await open('#/recommend');
    expect(await watched.page.getByRole('note').textContent()).toMatch(/simulated/);
  });

  it('has a link to the content that leaves the page where it is', async () => {
    const { page } = watched;
    await open('#/why');
    await page.getByRole('link', { name: 'Skip to the content' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('main:focus').count()).toBe(1);
    expect(new URL(page.url()).hash).toBe('#/why');
    await page.getByRole('navigation').getByRole('link', { name: 'Recommend' }).click();
    expect(await page.locator('nav [aria-current]').textContent()).toBe('Recommend');
    await page.locator('.card').first().waitFor();
  });

  it('shows a known person their list, with sources, parts of the score and timings', async () => {
    const { page } = watched;
    await page.getByLabel('For', { exact: true }).selectOption({ index: 4 });
    await page.locator('.card').first().waitFor();
    expect(await titles()).toHaveLength(10);
    await page.locator('.card summary').first().click();
    const explanation = page.locator('.card .explanation').first();
    await explanation.getByText('Found by').waitFor();
    expect(await explanation.locator('li').count()).toBeGreaterThan(0);
    expect(await explanation.getByRole('row').count()).toBeGreaterThan(2);
    expect(await page.locator('.served').textContent()).toMatch(/ms: .*retrieve .*rank/);
  });

  it.each(['known', 'stranger', 'session'])('changes the list of someone %s who clicks', async (kind) => {
    const { page } = watched;
    // The list of whoever was chosen before stands until the new one's answer is there.
    const answered = page.waitForResponse((response) => response.url().includes('/recommend'));
    await page.getByLabel('For', { exact: true }).selectOption(kind === 'known' ? { index: 6 } : kind);
    await answered;
    await page.locator('.results[aria-busy="false"] .card').first().waitFor();
    const before = await titles();
    const [first = ''] = await page.locator('.card').first().locator('h3').allTextContents();
    await page.locator('button.act').first().click();
    const names = async () => (await titles()).map((title) => title.trim());
    await expect.poll(names, { timeout: 30_000 }).not.toContain(first.trim());
    expect(await titles()).not.toEqual(before);
    await expect.poll(() => page.getByRole('complementary').textContent(), { timeout: 30_000 }).toContain(first.trim());
  });

  it('shows nobody of unknown age an R film, and says which policy that was', async () => {
    const { page } = watched;
    await page.getByLabel('For', { exact: true }).selectOption('stranger');
    await page.locator('.results[aria-busy="false"] .card').first().waitFor();
    const chips = await page.locator('.card .chip').allTextContents();
    expect(chips.filter((chip) => chip === 'R' || chip === 'NC-17')).toEqual([]);
  });

  it('points at the place of a mistake in a filter, and keeps the list', async () => {
    const { page } = watched;
    const before = await titles();
    await page.getByLabel('Filter').fill('item.nonsense > 3');
    await page.keyboard.press('Enter');
    const complaint = page.locator('.complaint');
    await complaint.getByText('nonsense').first().waitFor();
    expect(await complaint.locator('pre').textContent()).toMatch(/\^$/);
    expect(await titles()).toEqual(before);
    await page.getByLabel('Filter').fill('');
    await page.keyboard.press('Enter');
    await expect.poll(() => complaint.textContent()).toBe('');
  });

  it('searches with the keyboard alone: suggestions, results, facets, a click', async () => {
    const { page } = watched;
    await open('#/recommend');
    await page.locator('.card').first().waitFor();
    await page.locator('body').press('/');
    await page.locator('[data-slash]:focus').waitFor();
    // Only when the last of the suggestions are there does nothing take the place of the one that is chosen.
    const last = page.waitForResponse((answer) => answer.url().includes('/suggest') && /star(%20|\+)tr(&|$)/.test(answer.url()));
    await page.keyboard.type('star tr', { delay: 30 });
    await last;
    await page
      .locator('[role=option]', { hasText: /star tr/i })
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('combobox', { name: 'Search the catalogue' }).getAttribute('aria-activedescendant')).toBeTruthy();
    await page.keyboard.press('Enter');
    await page.locator('.card mark').first().waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator(':focus').getAttribute('class')).toBe('act');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('was sent.').waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    expect(await page.locator(':focus').getAttribute('role')).toBe('combobox');
  });

  it('narrows, orders and lengthens a search with the keyboard alone, and says what came of it', async () => {
    const { page } = watched;
    await open('#/search?q=love');
    await page.locator('.card').first().waitFor();
    const status = page.getByRole('status').filter({ hasText: /match/ });
    await status.waitFor({ state: 'attached' });
    const before = await status.textContent();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    const focused = () => page.locator(':focus').getAttribute('data-facet');
    const first = await focused();
    expect(first).not.toBeNull();
    await page.keyboard.press('Space');
    await expect.poll(() => status.textContent()).not.toBe(before);
    // The panel is a new one, and the keyboard is still where it was.
    expect(await focused()).toBe(first);
    expect(await page.locator(':focus').isChecked()).toBe(true);
    await page.keyboard.press('ArrowDown');
    expect(await focused()).not.toBe(first);
    await page.keyboard.press('/');
    expect(await page.locator(':focus').getAttribute('role')).toBe('combobox');
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');

    await open('#/search?q=love');
    await page.locator('.card').first().waitFor();
    await page.getByLabel('Order').focus();
    await page.keyboard.press('ArrowDown');
    await page.locator('.results[aria-busy="false"]').waitFor();
    await expect.poll(async () => new URL(page.url()).hash).toMatch(/sort=/);
    await page.getByRole('button', { name: 'More', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.card').count()).toBe(20);
    await expect.poll(() => page.locator(':focus').getAttribute('class')).toBe('act');
  });

  it('shows what there is before anything is searched for', async () => {
    const { page } = watched;
    await open('#/search');
    await page.locator('.card').first().waitFor();
    expect(await page.locator('.problem').count()).toBe(0);
  });

  it('finds what was mistyped and says so', async () => {
    const { page } = watched;
    await open('#/search?q=terminatr');
    await page.locator('.card').first().waitFor();
    expect((await titles()).join(' ').toLowerCase()).toContain('terminator');
    expect(await page.locator('.corrected').textContent()).toBe('terminator');
  });

  it('narrows by facets, any of one and all of several', async () => {
    const { page } = watched;
    await open('#/search?q=love');
    const boxes = page.locator('.facets fieldset').first().getByRole('checkbox');
    await boxes.first().waitFor();
    const matches = async () => Number((await page.locator('.found').textContent())?.replace(/[^\d].*$/, '').replace(',', ''));
    const all = await matches();
    await boxes.first().check();
    await expect.poll(matches).toBeLessThan(all);
    const one = await matches();
    await boxes.nth(1).check();
    await expect.poll(matches).toBeGreaterThan(one);
  });

  it('answers why an item is not there', async () => {
    const { page } = watched;
    await open('#/why');
    await page.getByLabel('For', { exact: true }).selectOption('stranger');
    await page.getByRole('combobox', { name: 'Item' }).fill('nothing-has-this-id');
    await page.keyboard.press('Enter');
    expect(await page.locator('.verdict').textContent()).toMatch(/no such item/);
  });

  it('previews a change of the rules without publishing it', async () => {
    const { page } = watched;
    await open('#/rules');
    await page.getByText(/^Version /).waitFor();
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('heading', { name: 'With the draft' }).waitFor();
    const version = await page.getByText(/^Version /).textContent();
    await page.reload();
    await page.getByText(/^Version /).waitFor();
    expect(await page.getByText(/^Version /).textContent()).toBe(version);
  });

  it('counts what went through the event pipeline', async () => {
    const { page } = watched;
    await open('#/events');
    const row = page.getByRole('row', { name: /^enriched-events \d/ }).first();
    await row.waitFor();
    expect(Number((await row.getByRole('cell').last().textContent())?.replaceAll(',', ''))).toBeGreaterThan(100);
  });

  it('is dark for those who like it dark, and fits a telephone', async () => {
    const { page } = watched;
    await open('#/recommend');
    await page.locator('.card').first().waitFor();
    const paper = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const light = await paper();
    await page.getByLabel('Theme').selectOption('dark');
    expect(await paper()).not.toBe(light);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  });

  it('asked no other host for anything, and had nothing to complain of', () => {
    expect(watched.foreign).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});

it('starts again on what is built', async () => {
  await demo.stop();
  demo = await startDemo(workspace);
  expect(demo.output).toMatch(/unchanged/);
  const answer = await fetch(`${demo.url}/recommend?limit=3`);
  expect(answer.status).toBe(200);
}, 180_000);
