import { posix, win32 } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { relativeName, splitAtColon } from './portable-paths.js';

describe('relativeName', () => {
  it('has forward slashes by the rules of Windows too', () => {
    expect(relativeName('C:\\data', 'C:\\data\\test\\a\\1.jpg', win32)).toBe('test/a/1.jpg');
    expect(relativeName('/data', '/data/test/a/1.jpg', posix)).toBe('test/a/1.jpg');
  });

  it('keeps a backslash that is a character of a name elsewhere', () => {
    expect(relativeName('/data', '/data/a\\b.jpg', posix)).toBe('a\\b.jpg');
  });

  it('is empty for the folder itself', () => {
    expect(relativeName('/data', '/data/', posix)).toBe('');
  });
});

test.each([
  ['data/faces:sex=a', 'data/faces', 'sex=a'],
  ['data/faces', 'data/faces', ''],
  ['C:\\data:sex=a', 'C:\\data', 'sex=a'],
  ['C:/data:time=10:30', 'C:/data', 'time=10:30'],
  ['C:\\data', 'C:\\data', ''],
  ['a:sex=b', 'a', 'sex=b'],
])('splitAtColon %s', (text, before, behind) => {
  expect(splitAtColon(text)).toEqual([before, behind]);
});
