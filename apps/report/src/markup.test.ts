import { describe, expect, test } from 'vitest';
import { escapeHtml, html, raw } from '@janus/core';
import { table } from './html.js';
import { markdown } from './markdown.js';

describe('html', () => {
  test('escapes text, keeps markup, joins lists and drops undefined', () => {
    const part = html`<b title="${'"'}">${'<a> & b'}</b>${raw('<i>')}${[1, undefined, 'x']}`;
    expect(part.markup).toBe('<b title="&quot;">&lt;a&gt; &amp; b</b><i>1x');
    expect(escapeHtml("'")).toBe('&#39;');
  });

  test('table escapes its cells and aligns figures', () => {
    const { markup } = table<number>([{ title: 'n<', cell: (n) => `<${n}>`, numeric: true }], [7]);
    expect(markup).toContain('<th scope="col" class="numeric">n&lt;</th>');
    expect(markup).toContain('<td class="numeric">&lt;7&gt;</td>');
  });
});

describe('markdown', () => {
  const of = (text: string): string => markdown(text, 3).markup;

  test('reads headings, paragraphs, lists, code and tables', () => {
    expect(of('# Card')).toBe('<h3>Card</h3>');
    expect(of('one\ntwo **bold** `code`')).toBe(
      '<p>one two <strong>bold</strong> <code>code</code></p>',
    );
    expect(of('- a\n- b\n  goes on\n\nend')).toBe(
      '<ul><li>a</li><li>b goes on</li></ul><p>end</p>',
    );
    expect(of('1. a')).toBe('<ol><li>a</li></ol>');
    expect(of('```\n<x>\n```')).toBe('<pre><code>&lt;x&gt;</code></pre>');
    expect(of('| a | b |\n| --- | --- |\n| 1 | 2 |')).toContain('<td>1</td><td>2</td>');
  });

  test('makes no markup of what a data set’s name may hold', () => {
    expect(of('<script>alert(1)</script>')).toBe('<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>');
    expect(of('[x](javascript:alert(1))')).not.toContain('<a');
    expect(of('[x](https://a.b/"c)')).not.toContain('"c');
  });

  test('ends on unfinished code and lone signs', () => {
    expect(of('```\nopen')).toBe('<pre><code>open</code></pre>');
    expect(of('#no heading')).toBe('<p>#no heading</p>');
  });
});
