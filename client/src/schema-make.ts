import openapiTS, { type OpenAPI3, astToString } from 'openapi-typescript';

/**
 * The types of an OpenAPI document, as TypeScript source.
 * @param file that the document is committed as.
 */
export async function clientSchemaCreate(openapi: object, file: string): Promise<string> {
  const header = `// Made from ${file} by \`npm run gen\`: do not edit.\n\n`;
  return header + astToString(await openapiTS(structuredClone(openapi) as OpenAPI3));
}
