/** A JSON number that may lose digits when it is parsed: one with a fraction or an exponent. */
const MAY_ROUND = /[:[,\s]-?\d+[.eE]/;

/**
 * Parses JSON. A number that would be rounded to a whole number becomes `NaN`, which no schema accepts:
 * `1.00000000000000000001` is not 1. (Whole numbers that are too large stay too large, and are refused for their size.)
 * @throws SyntaxError; RangeError if a value is nested too deeply.
 */
export function jsonParse(text: string): unknown {
  if (!MAY_ROUND.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && isRounded(value, context?.source ?? '') ? NaN : value,
  );
}

function isRounded(value: number, source: string): boolean {
  return Number.isInteger(value) && !isWhole(source);
}

/** Whether a JSON number has only zeros after its decimal point, once its exponent is applied. */
function isWhole(source: string): boolean {
  const match = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source);
  if (match === null) return false;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`;
  // A pattern that matches zeros at the end takes quadratic time if there are zeros elsewhere.
  let significant = digits.length;
  while (significant > 0 && digits[significant - 1] === '0') significant -= 1;
  if (significant === 0) return true;
  // Zeros at the end of the digits cancel decimal places.
  const places = fraction.length - Number(exponent) - (digits.length - significant);
  return places <= 0;
}
