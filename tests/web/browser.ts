import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';

const run = promisify(execFile);

/** A real Chromium, installed by the project's script where there is none. */
export async function launchBrowser(): Promise<Browser> {
  const { stdout } = await run('bash', ['scripts/services/chromium.sh']);
  // Containers and CI run as root, where Chromium's own sandbox cannot.
  return chromium.launch({ executablePath: stdout.trim(), args: ['--no-sandbox', '--disable-gpu'] });
}

export interface Watched {
  readonly page: Page;
  /** What the page complained of: errors in its code, and messages of level error other than a refused request's. */
  readonly complaints: string[];
  /** Requests that went anywhere but to the service. */
  readonly foreign: string[];
}

export async function watchedPage(browser: Browser, url: string): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      !message.text().startsWith('Failed to load resource: the server responded with a status of 4')
    ) {
      complaints.push(message.text());
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  return { page, complaints, foreign };
}
