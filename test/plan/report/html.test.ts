import test from 'ava';
import { html, trusted } from '../../../src/plan/report/html.ts';

const HOSTILE = `<img src=x onerror="alert('1')">&`;

test('values are text, in elements and in attributes', (t) => {
  const { markup } = html`<b title="${HOSTILE}">${HOSTILE}</b>`;
  t.is(
    markup,
    '<b title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</b>',
  );
});

test('markup goes in as it is, lists one item after another, null as nothing', (t) => {
  t.is(html`<i>${[html`<b>${1}</b>`, '<']}${null}${trusted('<br>')}</i>`.markup, '<i><b>1</b>&lt;<br></i>');
});
