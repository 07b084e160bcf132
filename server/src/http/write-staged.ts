import type { OrgActor, UserActor } from '../changes/actor.ts';
import type { Trx } from '../db/database.ts';
import type { ApiDeps } from './deps.ts';
import { keptReplyRead, keptReplyWrite, keyDigest, keyedRequestCreate } from './idempotency.ts';
import type { Answer, Call } from './route.ts';
import { type WriteLocks, writerHold, writeOrg, written } from './write.ts';

type WriteActor = OrgActor & UserActor;

/** A write whose effect is outside the database and takes a while. */
export interface WriteStages<Begun, Result> {
  /** Whether a request with this key has begun, and has neither finished nor been abandoned. */
  isRunning(trx: Trx, requestKey: Buffer): Promise<boolean>;
  /**
   * Notes what is to be done. It is committed before `act`.
   * @param requestKey of the request, to be noted too; null if it has none.
   */
  begin(trx: Trx, actor: WriteActor, requestKey: Buffer | null): Promise<Begun>;
  /** Does it, without a transaction, a connection or a lock. */
  act(begun: Begun): Promise<Result>;
  /** Notes that it is done. The caller was read again, and the locks are held again. */
  finish(trx: Trx, actor: WriteActor, begun: Begun, result: Result): Promise<Answer>;
  /** Notes that it has failed. If this is not reached, somebody else has to find that out. */
  abandon(begun: Begun): Promise<void>;
}

/**
 * Runs a write in two transactions, as `writeRun` runs one in one. A caller who has lost their rights in between gets
 * nothing.
 */
export async function writeRunStaged<Begun, Result>(
  deps: ApiDeps,
  call: Call,
  locks: WriteLocks,
  stages: WriteStages<Begun, Result>,
): Promise<Answer> {
  const keyed = keyedRequestCreate(call, writeOrg(call).id);
  const requestKey = keyed === null ? null : keyDigest(keyed);
  const begun = await deps.db.transaction().execute(async (trx) => {
    const kept = keyed === null ? null : await keptReplyRead(trx, deps, keyed, stages.isRunning);
    const actor = await actorHold(trx, call, kept === null ? locks : {}, deps);
    return kept === null ? { begun: await stages.begin(trx, actor, requestKey) } : { answer: kept };
  });
  if ('answer' in begun) return begun.answer;
  try {
    const result = await stages.act(begun.begun);
    const answer = await deps.db.transaction().execute(async (trx) => {
      const actor = await actorHold(trx, call, locks, deps);
      const made = await stages.finish(trx, actor, begun.begun, result);
      if (keyed !== null) await keptReplyWrite(trx, deps, keyed, made);
      return made;
    });
    return written(deps, answer);
  } catch (error) {
    await stages.abandon(begun.begun).catch((cause: unknown) => {
      deps.log.warn({ err: cause }, 'a write that failed could not be abandoned, and times out');
    });
    deps.signal.notify();
    throw error;
  }
}

async function actorHold(
  trx: Trx,
  call: Call,
  locks: WriteLocks,
  { clock }: Pick<ApiDeps, 'clock'>,
): Promise<WriteActor> {
  const actor = await writerHold(trx, call, locks, clock.now());
  return { ...actor, userId: call.principal.userId };
}
