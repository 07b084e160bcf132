import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import { pageLoad } from '../lib/page-load.ts';
import { useFaultNotify } from './use-fault-notify.ts';

/**
 * Loads the code of a part of a page when it is first needed.
 * @param name identifies it.
 * @param onFailure called after people were told that it could not be loaded.
 * @returns the module, undefined until it is there.
 */
export function useLoadedCode<Module>(
  name: string,
  isNeeded: boolean,
  onFailure: () => void,
  load: () => Promise<Module>,
): Module | undefined {
  const faultNotify = useFaultNotify();
  const { data, error } = useQuery({
    queryKey: ['code', name],
    queryFn: pageLoad(load),
    enabled: isNeeded,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    structuralSharing: false,
  });
  const fail = useEffectEvent((cause: Error) => {
    faultNotify(cause);
    onFailure();
  });
  const isFailed = isNeeded && data === undefined;
  useEffect(() => {
    if (error !== null && isFailed) fail(error);
  }, [error, isFailed]);
  return data;
}
