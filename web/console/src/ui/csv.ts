// Rows as a CSV file that Excel opens with Chinese intact and without running anything in it.

export function csv(rows: unknown[][]): string {
  return rows.map((row) => row.map(cell).join(',')).join('\r\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // A text that a spreadsheet would run as a formula is defused with a quote mark.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export function saveCsv(name: string, rows: unknown[][]): void {
  saveFile(`${name}.csv`, `\ufeff${csv(rows)}`, 'text/csv;charset=utf-8');
}

export function saveFile(name: string, content: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
