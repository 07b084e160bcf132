import { useQuery } from '@tanstack/react-query';
import { membersAllQuery, tokensQuery } from '../../api/queries.ts';
import type { Known } from './actor-words.ts';

/** By whom the events of an org are named. */
export function useKnownPeople(slug: string): Known {
  const { data: members, isError } = useQuery(membersAllQuery(slug));
  const { data: tokens = [] } = useQuery(tokensQuery);
  return { members: members ?? (isError ? 'failed' : 'pending'), tokens };
}
