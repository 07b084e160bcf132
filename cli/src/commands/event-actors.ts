import { type DollarboxClient, type Event, listAll } from '@dollarbox/client';

/** Names who made the changes of events, as far as the list of members does. */
export interface EventActors {
  /** "ada@example.com", "ada@example.com (token)"; empty where it was DollarBox itself or its operator. */
  textOf(event: Event): Promise<string>;
}

export function eventActorsCreate(client: DollarboxClient): EventActors {
  const emails = new Map<number, string>();
  /** Who is in no list of members that was read since they were met. */
  const former = new Set<number>();

  async function nameOf(userId: number): Promise<string> {
    if (!emails.has(userId) && !former.has(userId)) {
      try {
        for await (const { user_id: id, email } of listAll(client, '/members/'))
          emails.set(id, email);
        if (!emails.has(userId)) former.add(userId);
      } catch {
        // Events go on without names.
        return `person #${userId}`;
      }
    }
    return emails.get(userId) ?? `a former member (#${userId})`;
  }

  return {
    async textOf({ type, actor }) {
      if (type.startsWith('member.')) {
        emails.clear();
        former.clear();
      }
      if (actor === null || actor.user_id === null) return '';
      const name = await nameOf(actor.user_id);
      return actor.token_id === null ? name : `${name} (token)`;
    },
  };
}
