import * as z from "zod/mini";

/** What a schema makes of a text: the value, or what is wrong with it. */
export function check<Value>(
  schema: z.ZodMiniType<Value>,
  input: string,
): { readonly value?: Value; readonly problem?: string } {
  const { data, error } = z.safeParse(schema, input);
  return error ? { problem: error.issues[0]?.message ?? "" } : { value: data as Value };
}
