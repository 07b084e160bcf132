import type { Session } from './session.ts';

/** Says that a stream has been lost: once, until it goes on. */
export interface Outages {
  /** For what follows a stream: called each time it is about to be opened again. */
  onReconnect(reason: unknown): void;
  /** To be called for each row that has come. */
  end(): void;
}

export function outagesCreate({ say }: Pick<Session, 'say'>): Outages {
  let isOut = false;
  return {
    onReconnect(reason) {
      if (!isOut) say(`Reconnecting: ${reasonText(reason)}.`);
      isOut = true;
    },
    end() {
      isOut = false;
    },
  };
}

function reasonText(reason: unknown): string {
  if (reason === 'server_stopping') return 'the server stops';
  if (reason === 'access_ended') return 'access has ended';
  if (!(reason instanceof Error)) return 'the connection has ended';
  const { message, cause } = reason;
  const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
  return why.replace(/\.$/, '');
}
