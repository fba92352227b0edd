import { describe, expect, it } from 'vitest';
import { markdownText } from '../../src/extension/platform/markdown';

describe('a hostile text in Markdown', () => {
  it.each([
    ['[click](command:ssm.compress)', '\\[click\\]\\(command\\:ssm\\.compress\\)'],
    ['a | b', 'a \\| b'],
    ['<img src=x>', '\\<img src\\=x\\>'],
    ['$(trash) **b**', '\\$\\(trash\\) \\*\\*b\\*\\*'],
    ['line\nbreak', 'line\\\\u000abreak'],
    ['left\u202eright', 'left\\\\u202eright'],
  ])('is text: %j', (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });

  it('is cut', () => {
    expect(markdownText('x'.repeat(10_000)).length).toBeLessThan(210);
  });
});
