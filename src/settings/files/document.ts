/** One document of a file: what it says of properties. */

import { readProperties } from "./properties.ts";
import { MOST_NODES, readYaml, type Yaml } from "./yaml.ts";
import { uniform } from "../spellings.ts";

/** What a document says of one property. */
export interface Entry {
  /** As it is written. */
  readonly name: string;
  readonly text: string;
}

/** The same with the path of its file. */
export interface Found extends Entry {
  readonly path: string;
}

/** By uniform name. */
export type Document = ReadonlyMap<string, Entry>;

/**
 * The documents of a file.
 *
 * @param extension `yml`, `yaml` or `properties`; of others nothing is known
 * @throws {Error} the text is not understood
 */
export function readDocuments(extension: string, text: string): Document[] {
  switch (extension) {
    case "properties":
      return readProperties(text).map(documentOf);
    case "yml":
    case "yaml":
      return readYaml(text).map((one) => documentOf(flattened(one)));
    default:
      throw new Error(`${extension} is not understood`);
  }
}

/** Lists become one text with commas, as Spring takes either for lists. */
export function documentOf(entries: Iterable<readonly [name: string, text: string]>): Document {
  const document = new Map<string, Entry>();
  for (const [written, text] of entries) {
    const name = written.replace(/\[\d*\]$/, "");
    const key = uniform(name);
    const before = name === written ? undefined : document.get(key);
    document.set(key, { name, text: before ? `${before.text},${text}` : text });
  }
  return document;
}

/** Maps and lists as the names that Spring makes of them: `a.b[0].c`. */
function flattened(yaml: Yaml): [string, string][] {
  let nodes = 0;
  const flat = (path: string, value: Yaml): [string, string][] => {
    if (++nodes > MOST_NODES) throw new Error(`it has more than ${MOST_NODES} entries`);
    if (typeof value === "string") return [[path, value]];
    if (!(value instanceof Map)) {
      const items = value as readonly Yaml[];
      return items.length === 0
        ? [[path, ""]]
        : items.flatMap((item, i) => flat(`${path}[${i}]`, item));
    }
    const inner = (key: string) =>
      path === "" || key.startsWith("[") ? path + key : `${path}.${key}`;
    return [...value].flatMap(([key, one]) => flat(inner(key), one));
  };
  return flat("", yaml).filter(([name]) => name !== "");
}
