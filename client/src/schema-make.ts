import openapiTS, { type OpenAPI3, astToString } from 'openapi-typescript';

const HEADER = '// Made from openapi.json by `npm run gen`: do not edit.\n\n';

/** The types of an OpenAPI document, as TypeScript source. */
export async function clientSchemaMake(openapi: object): Promise<string> {
  return HEADER + astToString(await openapiTS(structuredClone(openapi) as OpenAPI3));
}
