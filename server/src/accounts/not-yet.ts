import { serviceUnavailable } from '../errors.ts';
import type { Answer } from '../http/route.ts';

export async function notYet(): Promise<Answer> {
  throw serviceUnavailable('This is not there yet.');
}
