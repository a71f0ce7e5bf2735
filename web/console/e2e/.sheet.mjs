import { launch } from './browser.mjs';
import { readFileSync, existsSync } from 'node:fs';
const [out, cols, w, ...files] = process.argv.slice(2);
const b = await launch(); const p = await b.newPage({ viewport: { width: Number(cols) * (Number(w) + 8), height: 400 } });
await p.setContent(`<body style="margin:0;display:flex;flex-wrap:wrap;gap:8px;background:#888">${files.filter(existsSync).map((f) => `<img style="width:${w}px" src="data:image/png;base64,${readFileSync(f).toString('base64')}">`).join('')}</body>`);
await p.waitForTimeout(500); await p.screenshot({ path: out, fullPage: true }); await b.close();
