import { h } from '../dom.ts';
import type { Page } from './page.ts';

export const rulesPage: Page = { title: 'Rules', draw: () => h('section', {}, h('h2', {}, 'Rules')) };
