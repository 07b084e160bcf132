import type { Json, JsonObject } from './openapi-schemas.ts';

/**
 * The document as its reader is given it, for requests that are tried there: they go to this installation, with the
 * session's cookie, which the browser sends by itself, and with no parameter that nobody has asked for. The reader
 * would fill in examples and a cookie of its own.
 */
export function readerDocumentMake(document: JsonObject): JsonObject {
  const { servers, components, paths, ...rest } = structuredClone(document);
  const { securitySchemes, parameters, ...more } = components as JsonObject;
  const { session: _session, ...schemes } = securitySchemes as JsonObject;
  return {
    ...rest,
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

/** A parameter without what would be filled in for it, unless it has to be there. */
function plain(parameter: Json): Json {
  const { example, ...rest } = parameter as JsonObject;
  return example === undefined || rest['required'] === true ? parameter : rest;
}
