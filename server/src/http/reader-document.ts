import type { Json, JsonObject } from './openapi-schemas.ts';

/**
 * The document as the reader gets it, for requests that people try there. These go to this installation, with the
 * session's cookie, which the browser sends by itself, and without parameters that were not filled in. Otherwise the
 * reader would fill in examples and a cookie of its own.
 * @param publicUrl where this installation is, in place of the address of an example.
 */
export function readerDocumentCreate(document: JsonObject, publicUrl: string): JsonObject {
  const { servers, components, paths, info, ...rest } = structuredClone(document);
  const { securitySchemes, parameters, ...more } = components as JsonObject;
  const { session: _session, ...schemes } = securitySchemes as JsonObject;
  return {
    ...rest,
    info: infoOf(info as JsonObject, publicUrl),
    servers: (servers as Json[]).slice(0, 1),
    security: [],
    paths: withoutExamples(paths as JsonObject),
    components: {
      ...more,
      securitySchemes: schemes,
      parameters: Object.fromEntries(
        Object.entries(parameters as JsonObject).map(([name, each]) => [name, plain(each)]),
      ),
    },
  };
}

const EXAMPLE_URL = 'http://localhost:8080';
const SESSION_NOTE =
  '> You are signed in: requests that you try on this page use your session. Programs need a token.';

/** The introduction, with commands for this installation. */
function infoOf(info: JsonObject, publicUrl: string): JsonObject {
  const text = String(info['description']).replaceAll(EXAMPLE_URL, publicUrl);
  return { ...info, description: `${SESSION_NOTE}\n\n${text}` };
}

function withoutExamples(paths: JsonObject): JsonObject {
  const shown: JsonObject = {};
  for (const [path, methods] of Object.entries(paths)) {
    const operations = Object.entries(methods as Record<string, JsonObject>);
    shown[path] = Object.fromEntries(
      operations.map(([method, { parameters, security: _security, ...operation }]) => [
        method,
        { ...operation, parameters: (parameters as Json[]).map(plain) },
      ]),
    );
  }
  return shown;
}

/** A parameter without the values that would be filled in, unless it is required. */
function plain(parameter: Json): Json {
  const { example, ...rest } = parameter as JsonObject;
  return example === undefined || rest['required'] === true ? parameter : rest;
}
