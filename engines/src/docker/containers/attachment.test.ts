import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import { DockerCallError } from '../daemon/api.ts';
import type { DockerApi, DockerCall } from '../daemon/api.ts';
import { attachmentCreate } from './attachment.ts';

const OURS = 'a'.repeat(64);
const THEIRS = 'b'.repeat(64);
const SPEC = { tenantId: 1, ipv6Address: 'fd00::5' } as ContainerSpec;

/** An attachment in a network where `holder` has the address of {@link SPEC}, and the names of objects that exist. */
function attachment(container: string, name: string) {
  const released: string[] = [];
  const ids: Record<string, string> = {
    [OURS]: OURS,
    ours: OURS,
    [THEIRS]: THEIRS,
    theirs: THEIRS,
  };
  const api = {
    async call(call: DockerCall) {
      const [, ref = ''] = /^\/containers\/([^/]+)\/json$/.exec(call.path) ?? [];
      const id = ids[ref];
      if (id === undefined) throw new DockerCallError(call, 404, null, 'No such container');
      return { Id: id };
    },
  } as unknown as DockerApi;
  const networks = {
    endpoints: async () => [{ container, name, ipv6Address: 'fd00::5/64' }],
    release: async (_tenantId: number, ref: string) => void released.push(ref),
  };
  return { released, made: attachmentCreate('installation', api, networks as never) };
}

const signal = new AbortController().signal;

void test('an address is free while another worker starts the same container', async () => {
  // Docker's key of an endpoint whose container it has not joined yet.
  const { made, released } = attachment('ep-0123', 'ours');
  await made.requireAddressFree(OURS, SPEC, signal);
  assert.deepEqual(released, []);
});

void test('an address of another container is not free', async () => {
  const { made } = attachment(THEIRS, 'theirs');
  await assert.rejects(
    made.requireAddressFree(OURS, SPEC, signal),
    (error) => error instanceof EngineError && error.reason === 'address_in_use',
  );
});

void test('an address that Docker kept for a container that is gone is released', async () => {
  const { made, released } = attachment('ep-0123', 'gone');
  await made.requireAddressFree(OURS, SPEC, signal);
  assert.deepEqual(released, ['gone']);
});
