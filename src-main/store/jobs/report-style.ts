// The look of report.html: one sheet inside the page, for the screen and for paper. The two radio buttons at its top choose the language.

export const reportStyle = `:root{color-scheme:light}
body{font:14px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif;margin:2rem auto 4rem;max-width:76rem;padding:0 1.5rem;color:#1b1f24;background:#fff;font-variant-numeric:tabular-nums;word-break:keep-all;overflow-wrap:anywhere}
body:has(#language-en:checked) [lang=ko],body:has(#language-ko:checked) [lang=en]{display:none}
.language{float:right;display:inline-flex;border:1px solid #c6ced6;border-radius:.4rem;overflow:hidden;font-size:.85rem}
.language input{position:absolute;opacity:0;width:1px;height:1px}.language label{padding:.2rem .8rem;cursor:pointer;color:#57606a}
.language input:checked+label{background:#1b1f24;color:#fff}.language input:focus-visible+label{outline:2px solid #0550ae;outline-offset:-2px}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 .35rem;text-wrap:balance}h1 small{font-weight:400;font-size:1rem;color:#57606a;display:block}
h2{font-size:1.05rem;margin:2.4rem 0 .5rem;padding-bottom:.25rem;border-bottom:2px solid #1b1f24;break-after:avoid}h3{font-size:.95rem;margin:1.2rem 0 .25rem;break-after:avoid}
.quiet{color:#57606a}.title{font-size:1.05rem}p{margin:.3rem 0;max-width:76rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.82rem}
th,td{text-align:left;padding:.35rem .9rem .35rem 0;border-bottom:1px solid #d8dee4;vertical-align:top}th:last-child,td:last-child{padding-right:0}
thead{display:table-header-group}th{color:#57606a;font-weight:500;vertical-align:bottom;border-bottom-color:#8c959f}
.keep,.number{white-space:nowrap;overflow-wrap:normal}.number{text-align:right}tr.first td{background:#fff8e6}
.badge{display:inline-block;border:1px solid;border-radius:1rem;padding:0 .7rem;font-weight:600;vertical-align:.2rem;font-size:.9rem;margin-left:.6rem}
.proven{color:#116329}.covered{color:#0550ae}.unproved{color:#7d4e00}.incomplete{color:#a40e26;font-weight:600}
.figures{display:flex;flex-wrap:wrap;gap:.75rem;margin:1rem 0;padding:0}.figures div{flex:1;min-width:10rem;border:1px solid #d8dee4;border-radius:.4rem;padding:.5rem .75rem}
.figures dt{color:#57606a;font-size:.8rem}.figures dd{margin:0;font-size:1.35rem;font-weight:600}.figures small{display:block;font-weight:400;font-size:.75rem;color:#57606a}
figure{margin:.75rem 0 1.25rem;break-inside:avoid}figcaption{color:#57606a;font-size:.85rem}figure svg{width:100%;height:auto;font-size:11px}
.swatch{width:22px;height:6px;margin-right:.5rem;vertical-align:middle}
.grid{stroke:#e4e8ec}.left,.foot{fill:#57606a}.left{text-anchor:end;dominant-baseline:middle}.foot{text-anchor:middle}.mark{stroke:#fff;stroke-width:.7}
.volume{fill:#8c959f}.t0{stroke:#a40e26;stroke-dasharray:4 3}.moment{stroke:#57606a;stroke-dasharray:1 3}.hole{fill:#a40e26;opacity:.14}
dl.terms{columns:2;column-gap:2.5rem;font-size:.85rem}dl.terms div{break-inside:avoid;margin-bottom:.6rem}dl.terms dt{font-weight:600}dl.terms dd{margin:0;color:#3d444d}
code{font-size:.78rem}
@media (max-width:50rem){dl.terms{columns:1}}
@page{size:A4 landscape;margin:12mm}
@media print{body{margin:0;max-width:none;padding:0;font-size:10.5px}.language{display:none}tr,.figures div{break-inside:avoid}.wide{overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;
