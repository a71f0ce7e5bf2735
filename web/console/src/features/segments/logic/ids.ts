// Ids out of a file or a paste: the columns, the heading and the doubles are found here, in the browser.
import { cells } from '../../../lib/sheet';

export type Sheet = { columns: { name: string; examples: string[] }[]; rows: string[][]; hasHeader: boolean };
export type Ids = { ids: string[]; blank: number; doubles: number };

/** An id holds a digit, a place mark or is long; a heading is a word that names something. */
const looksLikeId = (text: string) => /\d/.test(text) || text.includes('@');
/** Headings that mean an identifier, among those that only name something. */
const ID_HEADING = /(^|_)(id|ids|userid|openid|unionid|email|e-mail|phone|mobile|member_no)$|[a-z]Id$|用户$|会员号|邮箱|手机|电话|编号|标识|号码|账号/i;
const HEADINGS = /^(id|ids|user|userid|user_id|member|member_no|member_id|email|e-mail|mail|phone|mobile|openid|unionid|name|用户|会员|邮箱|手机|姓名|编号|标识|号码|账号)|(id|号|编号|邮箱|手机|电话|email|phone)$/i;

function isHeading(rows: string[][]): boolean {
  const [first, ...rest] = rows;
  if (!first) return false;
  const head = first.map((one) => one.trim());
  if (head.some((one) => looksLikeId(one))) return false;
  if (head.some((one) => HEADINGS.test(one))) return true;
  // A first line of plain words above lines of ids.
  return rest.length > 0 && rest.slice(0, 20).every((row) => row.some((one) => looksLikeId(one)));
}

export function readSheet(text: string): Sheet {
  const rows = cells(text.replace(/^\ufeff/, ''));
  const hasHeader = isHeading(rows);
  const width = Math.max(0, ...rows.slice(0, 200).map((row) => row.length));
  const body = hasHeader ? rows.slice(1) : rows;
  const columns = Array.from({ length: width }, (_, i) => ({
    name: (hasHeader ? rows[0]![i]?.trim() : '') || '',
    examples: body.map((row) => row[i]?.trim() ?? '').filter(Boolean).slice(0, 3),
  }));
  return { columns, rows: body, hasHeader };
}

/** The column that most likely holds the ids: by its heading, else by what is in it, else the first. */
export function likelyColumn(sheet: Sheet): number {
  const byHeading = sheet.columns.findIndex((one) => ID_HEADING.test(one.name));
  if (byHeading >= 0) return byHeading;
  return Math.max(0, sheet.columns.findIndex((one) => one.examples.length > 0 && one.examples.every(looksLikeId)));
}

export function idsOf(sheet: Sheet, column: number): Ids {
  const found = new Set<string>();
  let blank = 0;
  let doubles = 0;
  for (const row of sheet.rows) {
    const id = row[column]?.trim() ?? '';
    if (!id) blank += 1;
    else if (found.has(id)) doubles += 1;
    else found.add(id);
  }
  return { ids: [...found], blank, doubles };
}

/** What the examples of a column look like, among the kinds of identifier that the workspace knows. */
export function likelyType(examples: string[], heading: string, types: string[]): string | undefined {
  const known = (...names: string[]) => names.find((name) => types.includes(name));
  const name = heading.trim().toLowerCase().replace(/[\s-]+/g, '_');
  if (types.includes(name)) return name;
  if (examples.length > 0 && examples.every((one) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(one))) return known('email');
  if (examples.length > 0 && examples.every((one) => /^(\+?86)?1[3-9]\d{9}$/.test(one.replace(/[\s-]/g, '')))) return known('phone', 'mobile');
  return known('user_id', 'member_id') ?? types[0];
}
