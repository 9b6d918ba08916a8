/**
 * The order of documents, as Spring Boot (2.4 to 3.5.16) finds it: what a document imports counts before it,
 * files of a profile before those without, and a document with a condition only where that holds.
 * `ConfigDataEnvironmentContributors` there is the model.
 */

import type { Document, Found } from "./document.ts";
import { holds } from "./profiles.ts";

/** What a document imports is looked for twice: without profiles, and when they are known. */
type Phase = "before" | "after";

/** What a document says about itself and others. */
export interface Wishes {
  readonly imports: readonly string[];
  /** Profiles that must be active, as one of these expressions says. */
  readonly onProfile?: readonly string[];
  readonly onPlatform?: string | undefined;
  /** A condition is made of what is not known here: the document never counts. */
  readonly isUnknown?: boolean;
}

/** A document, or what begins it all, and what it imports. */
export interface Contributor {
  readonly document?: Document;
  /** Of its file. */
  readonly path: string;
  /** They may be made of what other documents say, so they are not looked at before those are there. */
  readonly wishes: () => Wishes;
  isOfProfile?: boolean;
  /** What counts most stands first. */
  before?: Contributor[];
  after?: Contributor[];
}

/** What conditions ask for. */
export interface Activation {
  readonly platform: string;
  /** Undefined until they are known. */
  readonly profiles?: readonly string[];
  /** Others may be active besides: a document that depends on those does not count. */
  readonly isOpen?: boolean;
}

/** Whether a document counts; before anything is known only one without conditions. */
function isActive(one: Contributor, activation: Activation | undefined): boolean {
  const { onProfile = [], onPlatform, isUnknown } = one.wishes();
  if (isUnknown) return false;
  if (onProfile.length === 0 && onPlatform === undefined) return true;
  if (activation === undefined) return false;
  const { platform, profiles, isOpen } = activation;
  if (onPlatform !== undefined && onPlatform.toLowerCase() !== platform) return false;
  return onProfile.length === 0 ||
    profiles !== undefined &&
      onProfile.some((text) =>
        holds(text, (name) => profiles.includes(name) || (isOpen ? undefined : false)) === true
      );
}

/** All that count, the first one wins. */
export function active(
  root: Contributor,
  activation: Activation | undefined,
): Iterable<Contributor> {
  return everyOne(root).filter((one) => isActive(one, activation));
}

/** All that have been loaded, whether they count or not. */
export function* everyOne(one: Contributor): Generator<Contributor> {
  for (const child of [...one.after ?? [], ...one.before ?? []]) yield* everyOne(child);
  yield one;
}

/** The first word on a property. */
export function firstIn(
  contributors: Iterable<Contributor>,
  name: string,
): Found | undefined {
  for (const { document, path } of contributors) {
    const entry = document?.get(name);
    if (entry) return { ...entry, path };
  }
  return undefined;
}

/**
 * Loads what is imported and has not been loaded in this phase, what counts most first.
 *
 * @param load gives what a document imports, the first one wins
 */
export function processImports(
  one: Contributor,
  activation: Activation | undefined,
  load: (one: Contributor) => Contributor[],
): void {
  const phase: Phase = activation?.profiles ? "after" : "before";
  const go = (child: Contributor) => processImports(child, activation, load);
  one.after?.forEach(go);
  one.before?.forEach(go);
  if (!isActive(one, activation) || one.wishes().imports.length === 0 || one[phase]) return;
  one[phase] = load(one);
  one[phase].forEach(go);
  if (phase === "after") liftProfiles(one);
}

/** Files of profiles that an imported file has brought along count as much as those beside the importing one. */
function liftProfiles(one: Contributor): void {
  const lifted: Contributor[] = [];
  for (const child of one.before ?? []) {
    for (const phase of ["before", "after"] as const) {
      const own = child[phase];
      if (!own) continue;
      lifted.push(...own.filter((grandchild) => grandchild.isOfProfile));
      child[phase] = own.filter((grandchild) => !grandchild.isOfProfile);
    }
  }
  for (const grandchild of lifted) grandchild.isOfProfile = false;
  one.after = [...lifted, ...one.after ?? []];
}
