import { expect, it } from 'vitest';
import { pageHtml } from '../../src/extension/webviews/html';

const page = pageHtml({
  cspSource: "'self' https://*.example.test",
  nonce: 'n0nce',
  script: 'checkpoint.js',
  style: 'checkpoint.css',
  language: 'en',
  title: '"><script>alert(1)</script>',
});

it('allows scripts by nonce alone and nothing by default', () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/
    .exec(page)?.[1]
    .replace(/&#39;/g, "'");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'nonce-n0nce'");
  expect(policy).not.toMatch(/unsafe|\*(?!\.example\.test)/);
});

it('lets the toolkit use the nonce for its styles', () => {
  expect(page).toContain('<meta property="csp-nonce" content="n0nce">');
});

it('escapes what it is given', () => {
  expect(page.match(/<script/g)).toHaveLength(1);
});
