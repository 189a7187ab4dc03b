import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markup, verbatim } from '../../src/page/markup.ts';

describe('markup', () => {
  it('escapes text for elements and for quoted attributes', () => {
    const name = `<script>alert("x")</script> & 'y'`;
    expect(markup`<p title="${name}">${name}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;">' +
        '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;</p>',
    );
  });

  it('takes markup and lists of it as they are, and numbers', () => {
    const items = ['a', 'b<'].map((text) => markup`<li>${text}</li>`);
    expect(markup`<ul>${items}</ul>${7}${verbatim('<hr>')}`.text).toBe(
      '<ul><li>a</li><li>b&lt;</li></ul>7<hr>',
    );
  });

  it('shows what is invisible or turns the reading direction', () => {
    const text = markup`${'a\u202eb\u0000c\u200bd\ue000\ud800\u2028\ne'}`.text;
    expect(text).toBe('a\\u{202e}b\\u{0}c\\u{200b}d\ue000\\u{d800}\\u{2028}\ne');
  });

  it('lets no text end an element or an attribute', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        expect(markup`${text}`.text).not.toMatch(/[<>"']/);
      }),
    );
  });
});
