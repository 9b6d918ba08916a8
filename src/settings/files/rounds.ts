/**
 * Spring's two rounds through its files: for `bootstrap`, of older apps, and for `application`. Each
 * begins with what the environment names, then loads what those documents import: at first what has no
 * condition, then for the platform, at last for the profiles.
 */

import {
  type Activation,
  active,
  type Contributor,
  processImports,
  type Wishes,
} from "./contributors.ts";
import type { Library } from "./library.ts";
import { load, type Loaded } from "./loader.ts";
import { listed } from "./locations.ts";
import { profilesOf } from "./profiles.ts";
import { uniform } from "../spellings.ts";

/** What is known besides the files. */
export interface Known {
  /** A property, from the environment or from what has been read of the files. */
  readonly property: (name: string) => Told | undefined;
  /** A text with its placeholders filled; undefined where they cannot be. */
  readonly filled: (text: string) => string | undefined;
  /** `kubernetes` in a pod. */
  readonly platform: () => string;
}

/** What is known of a property that is set. */
interface Told {
  /** Undefined where its placeholders cannot be filled. */
  readonly text: string | undefined;
  /** Why there is no text. */
  readonly note?: string;
}

/** What has been read so far. */
export interface Rounds {
  readonly library: Library;
  readonly known: Known;
  /** The one that counts first. */
  all: Round[];
}

interface Round {
  readonly root: Contributor;
  activation?: Activation | undefined;
}

/** The properties that say where files are. */
export const WHERE = [
  ...["spring.config.location", "spring.config.additional-location", "spring.config.import"],
  ...["spring.cloud.bootstrap.location", "spring.cloud.bootstrap.additional-location"],
  ...["spring.config.name", "spring.cloud.bootstrap.name"],
];

/** The properties that say which profiles are active. */
export const PROFILES = [
  "spring.profiles.active",
  "spring.profiles.include",
  "spring.profiles.default",
];

/** Reads them. @param searched where Spring looks that is told nothing else */
export function readRounds(rounds: Rounds, searched: string): void {
  const list = lister(rounds.known);
  rounds.all = [];
  for (const prefix of ["spring.cloud.bootstrap", "spring.config"]) {
    const round: Round = { root: rootOf(list, prefix, searched) };
    rounds.all.unshift(round);
    const names = list(`${prefix}.name`);
    const byDefault = prefix === "spring.config" ? "application" : "bootstrap";
    readRound(rounds, round, names.length > 0 ? names : [byDefault]);
  }
}

function readRound(rounds: Rounds, round: Round, names: readonly string[]): void {
  const { library, known } = rounds;
  const list = lister(known);
  const loaded = new Set<string>();
  const go = (activation?: Activation) => {
    round.activation = activation;
    const progress = { names, loaded, profiles: activation?.profiles };
    processImports(
      round.root,
      activation,
      (one) =>
        load(library, one.wishes().imports, one, progress)
          .map((found) => contributorOf(found, known, library.notes)),
    );
  };
  go();
  const platform = (list("spring.main.cloud-platform")[0] ?? known.platform()).toLowerCase();
  go({ platform });
  const isOpen = isOpenIn(rounds);
  const included = listed(includedIn(rounds).join(","));
  go({ platform, isOpen, profiles: profilesOf(list, included, !isOpen) });
}

/** The values of a property. */
export function lister({ property }: Known): (name: string) => string[] {
  return (name) => listed(property(name)?.text);
}

/** Whether a property is set, but not known. */
export function isUnknown(told: Told | undefined): told is Told {
  return told !== undefined && told.text === undefined;
}

/** All documents that count, the first one wins. */
export function* documentsOf({ all }: Pick<Rounds, "all">): Generator<Contributor> {
  for (const { root, activation } of all) yield* active(root, activation);
}

/** Whether a profile may be active that is not known here. */
export function isOpenIn(rounds: Rounds): boolean {
  const { property } = rounds.known;
  const isNamed = lister(rounds.known)("spring.profiles.active").length > 0;
  return PROFILES.slice(0, isNamed ? 2 : 3).some((name) => isUnknown(property(name))) ||
    includedIn(rounds).includes(undefined);
}

/** What the environment and each document include; undefined for what is not known here. */
function includedIn(rounds: Rounds): (string | undefined)[] {
  const { property, filled } = rounds.known;
  const name = "spring.profiles.include";
  const texts = [...documentsOf(rounds)].map(({ document }) =>
    document?.get(uniform(name))?.text ?? ""
  );
  const told = property(name);
  return [told === undefined ? "" : told.text, ...texts.map(filled)];
}

/** What begins a round. The later location counts before the earlier, further ones before the usual. */
function rootOf(
  list: (name: string) => readonly string[],
  prefix: string,
  searched: string,
): Contributor {
  const own = (name: string) => {
    const values = list(`${prefix}.${name}`);
    // Beside its own, the round for `bootstrap` has what is said for both.
    return values.length > 0 ? values : list(`spring.config.${name}`);
  };
  const beginning = (...imports: string[]): Contributor => ({
    path: "",
    wishes: () => ({ imports }),
  });
  const locations = own("location");
  const individually = [
    ...locations.length > 0 ? locations : [searched],
    ...own("additional-location"),
  ].toReversed().map((one) => beginning(one));
  const imports = prefix === "spring.config" ? list("spring.config.import") : [];
  return { ...beginning(), before: [beginning(...imports), ...individually] };
}

function contributorOf(
  { document, path, isOfProfile }: Loaded,
  { filled }: Known,
  notes: Set<string>,
): Contributor {
  const list = (consequence: string, ...names: readonly string[]) => {
    const name = names.find((one) => document.get(uniform(one))?.text) ?? "";
    const { text } = document.get(uniform(name)) ?? {};
    const value = text && filled(text);
    if (text && value === undefined) {
      notes.add(`${name} of ${path} ${consequence}: what it is made of is not known here`);
      return undefined;
    }
    return listed(value);
  };
  let wishes: Wishes | undefined;
  return {
    document,
    path,
    isOfProfile,
    wishes() {
      if (wishes !== undefined) return wishes;
      // What it is made of may stand in the document itself.
      wishes = { imports: [] };
      const left = "leaves its document out";
      const onProfile = list(left, "spring.config.activate.on-profile", "spring.profiles");
      const onPlatform = list(left, "spring.config.activate.on-cloud-platform");
      return wishes = {
        imports: list("counts as not set", "spring.config.import") ?? [],
        onProfile: onProfile ?? [],
        onPlatform: onPlatform?.[0],
        isUnknown: onProfile === undefined || onPlatform === undefined,
      };
    },
  };
}
