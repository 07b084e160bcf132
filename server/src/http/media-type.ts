/** A `name=value` of a header field, as a token or a quoted string. */
const PARAMETER = /^\s*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~-]+))\s*$/;

/**
 * Whether a Content-Type is JSON in UTF-8, the only encoding of JSON that may be exchanged.
 * Source: RFC 8259, section 8.1; RFC 9110, section 8.3.1.
 */
export function isJsonInUtf8(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.split(';');
  if (type.trim().toLowerCase() !== 'application/json') return false;
  return parameters.every((parameter) => {
    if (parameter.trim() === '') return true;
    const match = PARAMETER.exec(parameter);
    if (match === null) return false;
    const [, name = '', quoted, bare] = match;
    const value = quoted ?? bare ?? '';
    return name.toLowerCase() !== 'charset' || /^utf-?8$/i.test(value);
  });
}

/** Whether a body with this Content-Encoding is sent unencoded. */
export function isNotEncoded(contentEncoding: string | undefined): boolean {
  const codings = (contentEncoding ?? '').split(',').map((coding) => coding.trim().toLowerCase());
  return codings.every((coding) => coding === '' || coding === 'identity');
}
