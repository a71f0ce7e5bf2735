// A file of things: which column is what, what its lines say, and sending them a thousand at a time.
import type { Attribute, ThingSaid, ThingsImported } from '../../../lib/api';
import { cells } from '../../../lib/sheet';
import { isPlainNumber, readAttribute } from './things';

export const AT_ONCE = 1_000;

export type Role = 'id' | 'name' | 'attribute' | 'skip';
export type Column = { heading: string; role: Role; attribute: string; example: string; isNumber: boolean };
export type ThingSheet = { columns: Column[]; rows: string[][] };
/** A line that was refused, by its place in the file. */
export type RefusedLine = { line: number; id: string; code: string; detail: string; row: string[] };
export type Outcome = { created: number; changed: number; unchanged: number; refused: RefusedLine[] };

const IDS = /^(id|sku|code|编号|编码|货号|.*_id|商品编号|商品编码|门店编号)$/i;
const NAMES = /^(name|title|名称|品名|.*_name|商品名称|门店名称|标题)$/i;

/** The first line names the columns. */
export function readThings(text: string): ThingSheet {
  const [head = [], ...rows] = cells(text.replace(/^\ufeff/, ''));
  const headings = head.map((one) => one.trim());
  const id = Math.max(0, headings.findIndex((one) => IDS.test(one)));
  const name = headings.findIndex((one, i) => i !== id && NAMES.test(one));
  const columns = headings.map((heading, i): Column => {
    const values = rows.map((row) => row[i]?.trim() ?? '').filter(Boolean);
    return { heading, role: i === id ? 'id' : i === name ? 'name' : heading ? 'attribute' : 'skip', attribute: heading, example: values[0] ?? '', isNumber: values.length > 0 && values.every(isPlainNumber) };
  });
  return { columns, rows };
}

/** What is wrong with the choice of columns, if anything is. */
export const hasId = (columns: Column[]) => columns.some((one) => one.role === 'id');

/** In a column of numbers a value is a number; in another `88` is a text, so that codes are not torn apart. */
function valueOf(text: string, column: Column): Attribute {
  if (column.isNumber || text.includes('|') || text === 'true' || text === 'false') return readAttribute(text);
  return text;
}

export function thingOf(row: string[], columns: Column[]): ThingSaid {
  const said: ThingSaid = { id: '', attributes: {} };
  columns.forEach((column, i) => {
    const text = row[i]?.trim() ?? '';
    if (column.role === 'id') said.id = text;
    else if (column.role === 'name') {
      if (text) said.name = text;
    } else if (column.role === 'attribute' && column.attribute.trim() && text) said.attributes![column.attribute.trim()] = valueOf(text, column);
  });
  return said;
}

export const NOTHING: Outcome = { created: 0, changed: 0, unchanged: 0, refused: [] };

/** Sends all lines; the outcome so far is told after each thousand, and kept when one of them fails. */
export async function sendThings(sheet: ThingSheet, send: (things: ThingSaid[]) => Promise<ThingsImported>, tell: (done: number, outcome: Outcome) => void): Promise<Outcome> {
  let outcome = NOTHING;
  for (let from = 0; from < sheet.rows.length; from += AT_ONCE) {
    const rows = sheet.rows.slice(from, from + AT_ONCE);
    const found = await send(rows.map((row) => thingOf(row, sheet.columns)));
    // The file's first line is the headings.
    const refused = found.refused.map((one) => ({ line: from + one.line + 1, id: one.id ?? '', code: one.code, detail: one.detail, row: rows[one.line - 1] ?? [] }));
    outcome = { created: outcome.created + found.created, changed: outcome.changed + found.changed, unchanged: outcome.unchanged + found.unchanged, refused: [...outcome.refused, ...refused] };
    tell(Math.min(from + AT_ONCE, sheet.rows.length), outcome);
  }
  return outcome;
}
