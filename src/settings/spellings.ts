/** The variables in which Spring finds a property: Spring Boot's relaxed binding (3.5.16). */

/** Java's options by variable; the later one counts (JDK 17: the launcher puts its own first). */
export const JAVA_OPTIONS = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS"];

/** Spring Boot takes these two names and no other spelling. */
export const JSON_NAMES = ["spring.application.json", "SPRING_APPLICATION_JSON"];

/** In a pod the kubelet sets it. */
export const IN_POD = "KUBERNETES_SERVICE_HOST";

/**
 * The names under which Spring finds a property in an environment: `_` or dots between its parts; a
 * part's dash left out, kept, or `_`; capitals or small letters; camel case with dots. Each was bound by
 * the Binder of 3.5.16, but of a map's keys behind `SERVICE_URL`: those only replace what a file has.
 */
export function spellings(name: string, key?: string): string[] {
  const parts = [...name.split("."), ...(key === undefined ? [] : [key])];
  const forms = parts.map((part) => [part.replaceAll("-", ""), part.replaceAll("-", "_"), part]);
  const flat = combine(forms, "_");
  const upper = flat.map((one) => one.toUpperCase());
  const dotted = combine(
    parts.map((part) => [part, camel(part), part.replaceAll("-", "")]),
    ".",
  );
  // The key of a map as it is: EUREKA_CLIENT_SERVICEURL_defaultZone.
  const keyed = key === undefined ? [] : combine(
    [...forms.slice(0, -1).map((some) => some.map((one) => one.toUpperCase())), [key, camel(key)]],
    "_",
  );
  return [...new Set([...upper, ...keyed, ...dotted, ...flat.map((one) => one.toLowerCase())])];
}

/** Each combination of one form of each part. */
function combine(forms: readonly (readonly string[])[], separator: string): string[] {
  const [first = [], ...rest] = forms.map((some) => [...new Set(some)]);
  return rest.reduce(
    (heads, tails) => heads.flatMap((head) => tails.map((tail) => head + separator + tail)),
    first,
  );
}

function camel(part: string): string {
  return part.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** As names are compared: small letters, without dashes; `[key]` is one more part. */
export function uniform(name: string, key?: string): string {
  const whole = key === undefined ? name : `${name}.${key}`;
  return whole.replaceAll(/\[(.*?)\]/g, ".$1").replaceAll(/[-_]/g, "").toLowerCase();
}
