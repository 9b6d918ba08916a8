/** Where Spring looks for files: `optional:file:./config/`, `configtree:/run/secrets/`. */

/** One part of a location. */
export interface Place {
  /** `unseen`: in the jar, on a server. */
  readonly kind: "folder" | "file" | "tree" | "unseen";
  /** Of a folder with `/` at its end. */
  readonly path: string;
  /** Nobody minds where there is nothing. */
  readonly isOptional: boolean;
}

/** A file that may be there. */
export interface Candidate {
  readonly path: string;
  readonly extension: string;
  /** Whether it is a mistake when it is not there. */
  readonly isExpected?: boolean;
}

/** The later one wins. */
const EXTENSIONS = ["yaml", "yml", "xml", "properties"];

/** Texts with commas between them. */
export function listed(text: string | undefined): string[] {
  return (text ?? "").split(",").map((one) => one.trim()).filter((one) => one !== "");
}

/**
 * The parts of a location, the later one wins.
 *
 * @param folder of the file that names it; with `/` at its end, empty for the working folder
 */
export function placesIn(location: string, folder: string): Place[] {
  return location.split(";").filter((part) => part.trim() !== "").map((part) => {
    const isOptional = part.startsWith("optional:");
    const value = part.slice(isOptional ? "optional:".length : 0).replace(/^resource:/, "");
    const [, scheme, rest = ""] = /^([a-zA-Z][a-zA-Z0-9*]*):(.*)$/.exec(value) ?? [];
    const about = { isOptional };
    if (scheme === undefined) {
      const path = value.startsWith("/") ? value : folder + value;
      return { ...about, kind: kindOf(path), path };
    }
    if (scheme === "configtree") {
      return { ...about, kind: "tree", path: pathOf(rest).replace(/\/?$/, "/") };
    }
    if (scheme !== "file") return { ...about, kind: "unseen", path: value };
    return { ...about, kind: kindOf(rest), path: pathOf(rest) };
  });
}

function kindOf(path: string): "folder" | "file" {
  return path.endsWith("/") ? "folder" : "file";
}

/** Of `file:///config/` the path. */
function pathOf(rest: string): string {
  return rest.replace(/^file:/, "").replace(/^\/\/(?=\/)/, "");
}

/** The files that a folder may have, the later one wins. */
export function candidatesIn(
  folder: string,
  names: readonly string[],
  profile: string | undefined,
): Candidate[] {
  return names.flatMap((name) =>
    EXTENSIONS.map((extension) => ({
      path: `${folder}${name}${suffixOf(profile)}.${extension}`,
      extension,
    }))
  );
}

/** The file of a place that names one; `myconfig[.yml]` has an extension that is not written. */
export function candidateAt(path: string, profile: string | undefined): Candidate | undefined {
  const [, hinted, hint = ""] = /^(.*)\[\.(\w+)\]$/.exec(path) ?? [];
  const extension = EXTENSIONS.find((one) => (hint || path).toLowerCase().endsWith(one));
  if (extension === undefined) return undefined;
  if (hinted !== undefined) return { path: hinted + suffixOf(profile), extension };
  const root = path.slice(0, -extension.length - 1);
  return { path: `${root}${suffixOf(profile)}${path.slice(root.length)}`, extension };
}

function suffixOf(profile: string | undefined): string {
  return profile === undefined ? "" : `-${profile}`;
}
