/** A registry full of others' services, and a pod that has registered some things in it. */

/** One registration of the pod. */
export interface Entry {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
}

/** A server that the bench runs against. */
export interface Site {
  readonly label: string;
  /** `host:port`. */
  readonly addr: string;
  /** What others have, in words. */
  readonly others: string;
  /** Registers what others have; again, since a Nacos drops clients without heartbeats. */
  fill(): Promise<void>;
  /** How much there is, as the server counts it. */
  count(): Promise<number>;
  /** Registers it, or puts it back in service. */
  putBack(entry: Entry): Promise<void>;
  /** Whether the registry's own record has it out of service. */
  isOut(entry: Entry): Promise<boolean>;
  /** What the hook is told of the server at an address, and of the pod by its first registration. */
  env(addr: string, named: Entry): Record<string, string>;
  shutdown(): Promise<void>;
}

/** So many requests of the bench are open at once. */
const AT_ONCE = 16;

/** Does something for each, some at a time. */
export async function forEach<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await act(item);
  }));
}
