// How the HTML report looks, by day and by night and on paper. No fonts, pictures or addresses from elsewhere.

export const style: string = `
:root{color-scheme:light dark;--paper:#f5f7fa;--card:#fff;--ink:#16202c;--soft:#5b6878;--line:#dfe5ec;--accent:#0b5cad;--shade:#eef2f6;
--critical:#a3135c;--high:#cf2e1f;--medium:#d97b00;--low:#2477bd;--negligible:#8593a3;--unknown:#8593a3;--good:#14794a;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{--paper:#0e141b;--card:#161e28;--ink:#e5ebf2;--soft:#93a1b2;--line:#273341;--accent:#6bb0f5;--shade:#1d2733;
--critical:#f472b6;--high:#ff7b6b;--medium:#f7b04b;--low:#64b0f2;--negligible:#7c8a9b;--unknown:#7c8a9b;--good:#4ccb8c}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:1240px;margin:0 auto;padding:0 28px}
header{padding-top:34px;padding-bottom:10px}
.brand{display:flex;align-items:center;gap:10px;color:var(--soft);font-size:13px;letter-spacing:.04em;text-transform:uppercase;font-weight:600}
.brand svg{width:24px;height:24px;color:var(--accent)}
h1{font-size:28px;line-height:1.2;margin:14px 0 10px;font-weight:650;letter-spacing:-.01em}
h2{font-size:18px;margin:0 0 14px;font-weight:650}
.facts{display:flex;flex-wrap:wrap;gap:6px 22px;margin:0;color:var(--soft);font-size:13.5px}
.facts b{color:var(--ink);font-weight:550}
code,.mono{font-family:var(--mono);font-size:.9em}
.grid{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,7fr);gap:18px;margin-top:18px}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:22px 24px;margin-top:18px;box-shadow:0 1px 2px rgb(16 32 48/.04)}
.grid .card{margin-top:0}
.verdict{display:flex;flex-direction:column;gap:8px;border-top:5px solid var(--soft)}
.verdict.denied{border-top-color:var(--high)}.verdict.allowed{border-top-color:var(--good)}
.verdict .word{font-size:30px;font-weight:700;line-height:1.1;letter-spacing:-.02em}
.denied .word{color:var(--high)}.allowed .word{color:var(--good)}
.verdict p{margin:0}.soft{color:var(--soft)}.small{font-size:13px}
.stack{width:100%;height:14px;border-radius:7px;display:block;margin-bottom:16px}
.counts{display:grid;grid-template-columns:max-content max-content 1fr max-content;gap:7px 14px;align-items:center;font-variant-numeric:tabular-nums}
.counts svg{width:100%;height:8px;display:block}.counts .n{text-align:right;font-weight:650}
.dot{display:inline-block;width:9px;height:9px;border-radius:50%;margin-right:8px;background:currentColor}
.critical{color:var(--critical)}.high{color:var(--high)}.medium{color:var(--medium)}.low{color:var(--low)}.negligible{color:var(--negligible)}.unknown{color:var(--unknown)}
.counts>span:first-child,.name{color:var(--ink)}
svg .critical{fill:var(--critical)}svg .high{fill:var(--high)}svg .medium{fill:var(--medium)}svg .low{fill:var(--low)}svg .negligible{fill:var(--negligible)}svg .unknown{fill:var(--unknown)}
svg .track{fill:var(--shade)}
.acts{list-style:none;margin:0;padding:0;counter-reset:act;display:grid;gap:14px}
.acts li{counter-increment:act;display:grid;grid-template-columns:34px 1fr;gap:2px 14px;align-items:start}
.acts li::before{content:counter(act);grid-row:span 2;width:34px;height:34px;border-radius:50%;display:grid;place-items:center;font-weight:700;color:var(--card);background:var(--tone,var(--accent))}
.acts .critical{--tone:var(--critical)}.acts .high{--tone:var(--high)}.acts .medium{--tone:var(--medium)}.acts .low{--tone:var(--low)}.acts .negligible,.acts .unknown{--tone:var(--negligible)}
.acts li>*{color:var(--ink)}.acts strong{font-weight:600}.acts .soft{color:var(--soft)}
table{width:100%;border-collapse:collapse;font-size:14px}
th{font-size:12px;letter-spacing:.03em;text-transform:uppercase;text-align:left;color:var(--soft);font-weight:600;padding:8px 12px 8px 0;border-bottom:1px solid var(--line);position:sticky;top:0;background:var(--card)}
td{padding:10px 12px 10px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
th:last-child,td:last-child{padding-right:0}
.pill{display:inline-block;padding:1px 9px;border-radius:20px;font-size:12px;font-weight:650;background:color-mix(in srgb,currentColor 13%,transparent);white-space:nowrap}
.tag{display:inline-block;padding:0 7px;border-radius:5px;font-size:11.5px;font-weight:650;border:1px solid currentColor;margin-right:6px;white-space:nowrap}
.fix{color:var(--good);font-weight:550}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
.tools{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin-bottom:12px}
.nowrap{white-space:nowrap}
.tools input{flex:1 1 100%;min-width:0;font:inherit;padding:8px 14px;border-radius:10px;border:1px solid var(--line);background:var(--paper);color:var(--ink)}
.tools input:focus-visible,button:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.chip{font:inherit;font-size:13px;padding:6px 12px;border-radius:20px;border:1px solid var(--line);background:var(--card);color:var(--soft);cursor:pointer}
.chip[aria-pressed=true]{background:color-mix(in srgb,var(--accent) 14%,var(--card));border-color:var(--accent);color:var(--ink);font-weight:600}
.layers{list-style:none;margin:0;padding:0}
.layers li{display:grid;grid-template-columns:30px minmax(0,1fr) 150px 76px 112px;gap:14px;align-items:center;padding:9px 0;border-bottom:1px solid var(--line)}
.layers li:last-child{border-bottom:0}
.layers .mono{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.layers svg{width:100%;height:8px;display:block}
.layers .size{text-align:right;font-variant-numeric:tabular-nums;color:var(--soft);font-size:13px}
.layers .chip{justify-self:end;white-space:nowrap}
.num{color:var(--soft);font-variant-numeric:tabular-nums}
details{margin-top:18px}summary{cursor:pointer;font-size:18px;font-weight:650;padding:4px 0}
details[open] summary{margin-bottom:12px}
.none{padding:18px 0;color:var(--soft)}
footer{padding-top:24px;padding-bottom:48px;color:var(--soft);font-size:13px}
[hidden]{display:none!important}
.needs-script{display:none}.scripted .needs-script{display:flex}
.scripted .chip.needs-script{display:inline-block}
@media (max-width:820px){.grid{grid-template-columns:minmax(0,1fr)}main,header,footer{padding-left:16px;padding-right:16px}
.layers li{grid-template-columns:26px minmax(0,1fr) max-content}.layers li>:nth-child(3),.layers li>:nth-child(4){display:none}
thead{display:none}td{display:block;border:0;padding:2px 0}tr{display:block;padding:12px 0;border-bottom:1px solid var(--line)}}
@media print{body{background:#fff}.card{box-shadow:none;break-inside:avoid}.tools,.chip{display:none!important}details{display:block}}
`;
