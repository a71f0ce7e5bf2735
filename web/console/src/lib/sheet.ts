// Sheets out of files, read in the browser: the encoding and the delimiter are found here.

/** UTF-8, or what Excel in China writes. */
export async function textOf(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

const DELIMITERS = [',', '\t', ';', '|'] as const;

/** The delimiter that the first lines agree on; a file of one column has none, and a comma then does no harm. */
function delimiterOf(text: string): string {
  const lines = text.split(/\r?\n/, 20).filter((line) => line.trim() !== '');
  const score = (delimiter: string) => Math.min(...lines.map((line) => line.split(delimiter).length - 1));
  return [...DELIMITERS].sort((a, b) => score(b) - score(a))[0]!;
}

/** Rows of cells; quotation marks may hold delimiters and line breaks. */
export function cells(text: string, delimiter = delimiterOf(text)): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = () => {
    row.push(cell);
    cell = '';
    if (row.some((one) => one.trim() !== '')) rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i += 1) {
    const here = text[i]!;
    if (quoted) {
      if (here !== '"') cell += here;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (here === '"' && cell.trim() === '') {
      cell = '';
      quoted = true;
    } else if (here === delimiter) {
      row.push(cell);
      cell = '';
    } else if (here === '\n') endRow();
    else if (here !== '\r') cell += here;
  }
  endRow();
  return rows;
}
