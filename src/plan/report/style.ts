/** The look of a report: on screens of any width, in light and dark, and on paper. */
import { paletteCss } from '../../charts/palette.ts';

export const STYLE = `${paletteCss()}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Open Sans",sans-serif}
main,header,footer,nav{max-width:1120px;margin:0 auto;padding:0 24px}
header{padding-top:40px}
.eyebrow{margin:0;color:var(--muted);font-size:.875rem}
h1{margin:.1em 0 .3em;font-size:1.9rem;line-height:1.2;letter-spacing:-.01em;overflow-wrap:anywhere}
.lead{margin:.4em 0;font-size:1.125rem;max-width:62em}
.proof{margin:.4em 0;padding-left:14px;border-left:3px solid var(--series-2);max-width:62em}
.open{border-left-color:var(--series-1)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:24px 0 0;padding:0}
.facts div{background:var(--raised);border:1px solid var(--line);border-radius:8px;padding:12px 14px}
.facts dt{color:var(--muted);font-size:.8125rem}
.facts dd{margin:0;font-size:1.25rem;font-weight:600;font-variant-numeric:tabular-nums}
.facts dd small{display:block;color:var(--muted);font-size:.8125rem;font-weight:400}
nav{margin-top:20px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0;padding:10px 0;list-style:none;border-block:1px solid var(--line);font-size:.9375rem}
a{color:var(--series-0);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--series-0);outline-offset:2px}
section{padding-top:36px}
h2{margin:0 0 .4em;font-size:1.3rem;line-height:1.3}
h3{margin:1.6em 0 .3em;font-size:1.05rem}
section p{margin:.4em 0;max-width:62em}
figure{margin:14px 0}
figcaption{color:var(--muted);font-size:.875rem;max-width:62em}
.drawing,.scroll{overflow-x:auto}
.drawing svg{display:block;width:100%;min-width:720px;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 6px;padding:0;list-style:none;font-size:.875rem}
.legend svg{margin-right:6px;vertical-align:-1px}
details{margin:10px 0}
summary{cursor:pointer;color:var(--muted);font-size:.875rem}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{padding:5px 14px 5px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{color:var(--muted);font-weight:600;white-space:nowrap}
tbody th{font-weight:500}
.number{text-align:right}
ul.findings{margin:.4em 0;padding-left:1.2em;max-width:62em}
footer{padding-block:36px 48px;color:var(--muted);font-size:.8125rem}
@media (max-width:600px){main,header,footer,nav{padding-inline:16px}header{padding-top:24px}h1{font-size:1.5rem}.lead{font-size:1rem}}
@media print{@page{margin:14mm}body{font-size:11px}main,header,footer{max-width:none;padding-inline:0}nav{display:none}section{padding-top:18px}figure,tr,.facts{break-inside:avoid}h2,h3{break-after:avoid}.drawing,.scroll{overflow:visible}.drawing svg{min-width:0}details::details-content{content-visibility:visible;block-size:auto}}
`;
