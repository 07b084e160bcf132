import { type ContainerVerb, useContainerVerb } from './container-writes.ts';
import type { ContainerRow } from './org-queries.ts';
import { useNotify } from '../components/ui/notices.tsx';
import { useFaultNotify } from './use-fault-notify.ts';

const DONE: Record<ContainerVerb, string> = {
  start: 'is starting',
  stop: 'is stopping',
  restart: 'is restarting',
};

/**
 * Starts, stops or restarts a container, and tells the person how that went, even if what they pressed is gone by then.
 */
export function useContainerAct(slug: string) {
  const notify = useNotify();
  const tellFault = useFaultNotify();
  const { mutateAsync, isPending, variables } = useContainerVerb(slug);
  async function act({ id, name }: Pick<ContainerRow, 'id' | 'name'>, verb: ContainerVerb) {
    try {
      await mutateAsync({ id, verb });
      notify(`“${name}” ${DONE[verb]}.`);
    } catch (error) {
      tellFault(error);
    }
  }
  return {
    act: (container: Pick<ContainerRow, 'id' | 'name'>, verb: ContainerVerb) =>
      void act(container, verb),
    /** What is asked for at this moment. */
    busy: isPending ? variables.verb : null,
  };
}
