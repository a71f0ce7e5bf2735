// Makes src/lib/api/generated.ts of openapi.json. With WEFT_URL it first fetches that document from a running server.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
export const DOCUMENT = at('openapi.json');
export const GENERATED = at('src/lib/api/generated.ts');
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const key = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name).replace(/"/g, "'"));
const said = (text) => (text ? `  /** ${text.replace(/\s+/g, ' ').replace(/\*\//g, '* /')} */\n` : '');
const list = (of) => (/^[\w'[\]]+$/.test(of) ? `${of}[]` : `(${of})[]`);

/** A JSON schema as a TypeScript type. */
export function type(schema) {
  if (!schema || Object.keys(schema).length === 0) return 'unknown';
  if (schema.$ref) return `Schemas['${schema.$ref.split('/').pop()}']`;
  if (schema.enum) return schema.enum.map((one) => (typeof one === 'string' ? `'${one}'` : JSON.stringify(one))).join(' | ');
  if (schema.const !== undefined) return typeof schema.const === 'string' ? `'${schema.const}'` : JSON.stringify(schema.const);
  if (schema.allOf) return schema.allOf.map(type).join(' & ');
  const either = schema.oneOf ?? schema.anyOf;
  if (either) return either.map(type).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((one) => type({ ...schema, type: one })).join(' | ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return list(type(schema.items));
    case 'object':
      return object(schema);
    default:
      return 'unknown';
  }
}

function object(schema) {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, one]) => `${key(name)}${required.has(name) ? '' : '?'}: ${type(one)};`);
  if (typeof schema.additionalProperties === 'object') fields.push(`[key: string]: ${type(schema.additionalProperties)};`);
  if (fields.length > 0) return `{ ${fields.join(' ')} }`;
  // Nothing is said of what is inside: a condition, a plan, a provider's settings.
  return schema.properties || schema.additionalProperties === false ? 'Record<string, never>' : 'object';
}

const shape = (content) => (content?.['application/json']?.schema ? type(content['application/json'].schema) : 'unknown');

/** What may stand behind the question mark. */
function query(parameters = []) {
  const own = parameters.filter((one) => one.in === 'query');
  return own.length > 0 ? `{ ${own.map((one) => `${key(one.name)}${one.required ? '' : '?'}: ${type(one.schema)};`).join(' ')} }` : 'never';
}

export function generate(document) {
  const schemas = Object.entries(document.components.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `${said(schema.description)}  ${key(name)}: ${type(schema)};`);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const one = item[method];
      const name = `${method.toUpperCase()} ${path.replace('/api/v1', '')}`;
      return `${said(one.summary)}  '${name}': { asks: ${query(one.parameters)}; takes: ${shape(one.requestBody?.content)}; gives: ${shape(one.responses['200']?.content)} };`;
    }),
  );
  return `// Made of openapi.json by \`npm run generate\`; what the server itself says it takes and gives.

export interface Schemas {
${schemas.join('\n')}
}

/** The query, the body and the answer. \`unknown\`: the document says nothing of it; types.ts does. */
export interface ServerOperations {
${operations.join('\n')}
}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.env.WEFT_URL) {
    const answer = await fetch(`${process.env.WEFT_URL}/api/v1/openapi.json`);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    writeFileSync(DOCUMENT, `${JSON.stringify(await answer.json(), null, 1)}\n`);
  }
  writeFileSync(GENERATED, generate(JSON.parse(readFileSync(DOCUMENT, 'utf8'))));
}
