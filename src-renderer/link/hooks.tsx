// The link for React: requests through TanStack Query, events as values that re-render when they change.
import {
  keepPreviousData,
  type QueryClient,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useSyncExternalStore } from 'react';
import { type FailureError, unwrap } from '../../src-shared/base/result.ts';
import type {
  EventName,
  EventValue,
  RequestInput,
  RequestName,
  RequestOutput,
} from '../../src-shared/contract/index.ts';
import type { LinkClient, LinkState } from './client.ts';

const LinkContext = createContext<LinkClient | null>(null);

export function LinkProvider({ client, children }: { client: LinkClient; children: ReactNode }) {
  return (
    <LinkContext.Provider value={client}>
      <RefreshAfterRecovery client={client} />
      {children}
    </LinkContext.Provider>
  );
}

export function useLink(): LinkClient {
  const client = useContext(LinkContext);
  if (!client) throw new Error('useLink is used outside of LinkProvider');
  return client;
}

export function useLinkState(): LinkState {
  const client = useLink();
  return useSyncExternalStore(client.onState, client.state);
}

/** What was asked over the old link may have changed: everything on the screen is asked again. */
function RefreshAfterRecovery({ client }: { client: LinkClient }) {
  const recoveries = useSyncExternalStore(client.onState, () => client.state().recoveries);
  const queries = useQueryClient();
  useEffect(() => {
    if (recoveries > 0) void queries.invalidateQueries();
  }, [recoveries, queries]);
  return null;
}

export function requestKey<N extends RequestName>(name: N, input: RequestInput<N>): readonly unknown[] {
  return [name, input];
}

export interface RequestOptions {
  readonly enabled?: boolean;
  /** Asked again so often, ms; false: never by itself. */
  readonly everyMs?: number | false;
  readonly staleMs?: number;
  /** Keeps the last answer on the screen while the next one is fetched. */
  readonly keep?: boolean;
}

/** A request whose answer is shown: cached by input, asked again on recovery, cancelled when nobody looks any more. */
export function useRequest<N extends RequestName>(
  name: N,
  input: RequestInput<N>,
  options: RequestOptions = {},
): UseQueryResult<RequestOutput<N>, FailureError> {
  const link = useLink();
  const result = useQuery<unknown, FailureError>({
    queryKey: requestKey(name, input),
    queryFn: async ({ signal }) => unwrap(await link.request(name, input, signal)),
    enabled: options.enabled ?? true,
    refetchInterval: options.everyMs ?? false,
    staleTime: options.staleMs ?? 0,
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
  });
  // The client has checked the value against the contract of this name.
  return result as UseQueryResult<RequestOutput<N>, FailureError>;
}

/** A request that does something: started by the user, never repeated by itself. */
export function useCommand<N extends RequestName>(
  name: N,
  after?: (output: RequestOutput<N>, queries: QueryClient) => void,
) {
  const link = useLink();
  const queries = useQueryClient();
  return useMutation<RequestOutput<N>, FailureError, RequestInput<N>>({
    mutationFn: async (input) => unwrap(await link.request(name, input)),
    onSuccess: (output) => after?.(output, queries),
  });
}

/** The latest value of an event; undefined before the first one has come. */
export function useEvent<N extends EventName>(name: N): EventValue<N> | undefined {
  const link = useLink();
  const subscribe = useCallback((changed: () => void) => link.subscribe(name, changed), [link, name]);
  return useSyncExternalStore(subscribe, () => link.latest(name));
}
