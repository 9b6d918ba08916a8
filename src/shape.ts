import * as z from "zod/mini";

/** Takes a value for what it should be; undefined where it is something else. */
export type Read<Value> = (value: unknown) => Value | undefined;

/**
 * A reader of values of one shape. Its schema is made when the first value comes: the schemas of a
 * run take some 3 ms, and what is not needed for it does not stand before the first write.
 */
export function shape<Value>(schema: () => z.ZodMiniType<Value>): Read<Value> {
  let made: z.ZodMiniType<Value> | undefined;
  return (value) => z.safeParse(made ??= schema(), value).data;
}
