import type { Container } from '@dollarbox/client';
import { createContext, use } from 'react';
import type { Versioned } from '../../api/versioned.ts';

export const ContainerContext = createContext<Versioned<Container> | null>(null);

/** The container of a page below `/orgs/$slug/containers/$name`, whose layout has read it. */
export function useContainer(): Versioned<Container> {
  const container = use(ContainerContext);
  if (container === null) throw new Error('This page is not inside the layout of a container.');
  return container;
}
