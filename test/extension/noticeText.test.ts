import { describe, expect, it } from 'vitest';
import { noticeText, pickText } from '../../src/extension/platform/noticeText';

describe('noticeText', () => {
  it('leaves no link for VS Code to make', () => {
    const text = noticeText('[click](command:workbench.action.quit).safetensors');
    expect(text).not.toMatch(/\[[^\]]*\]\(/);
    expect(text).toContain('command:workbench.action.quit');
  });

  it('shows what cannot be seen', () => {
    expect(noticeText('a\u202eb\nc')).toBe('a\\u202eb\\u000ac');
  });
});

describe('pickText', () => {
  it('leaves no icon for VS Code to make', () => {
    expect(pickText('$(trash) model.pt')).toBe('$ (trash) model.pt');
  });
});
