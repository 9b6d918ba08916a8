/** Spring's properties from files: those that it reads, in the order in which it takes them. */

import {
  type Activation,
  active,
  type Contributor,
  everyOne,
  firstIn,
  processImports,
  type Wishes,
} from "./contributors.ts";
import type { Entry } from "./document.ts";
import type { Files } from "./disk.ts";
import { createLibrary, described, namesIn } from "./library.ts";
import { load, type Loaded } from "./loader.ts";
import { listed } from "./locations.ts";
import { profilesOf } from "./profiles.ts";
import { uniform } from "../spellings.ts";

/** The properties that say where files are. */
const WHERE = [
  ...["spring.config.location", "spring.config.additional-location", "spring.config.import"],
  ...["spring.cloud.bootstrap.location", "spring.cloud.bootstrap.additional-location"],
  ...["spring.config.name", "spring.cloud.bootstrap.name"],
];

/** The properties that say which profiles are active. */
const PROFILES = ["spring.profiles.active", "spring.profiles.include", "spring.profiles.default"];

/** What the environment is asked for besides the settings: where files are, and which of them count. */
export const FILE_PROPERTIES: readonly string[] = [
  ...WHERE,
  ...PROFILES,
  "spring.profiles.group.*",
  "spring.main.cloud-platform",
];

/** Where Spring looks that is told nothing else. */
const SEARCHED = "optional:file:./;optional:file:./config/;optional:file:./config/*/";

/** Where files are often mounted that Java's command line names, which is not seen here. */
const USUAL_MOUNT = "optional:file:/config/";

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

/** The properties of mounted files. */
export interface Mounted {
  /** Reads the files, where nobody has asked before. @param name uniform */
  readonly find: (name: string) => (Entry & { readonly path: string }) | undefined;
  /** What is to be said of the files that were looked for. */
  readonly notes: () => readonly string[];
  /** What was wrong with files; what others say counts. */
  readonly warnings: () => readonly string[];
}

/** One of Spring's two rounds: for `bootstrap`, of older apps, and for `application`. */
interface Round {
  readonly root: Contributor;
  activation?: Activation | undefined;
}

/** Knows nothing. */
export const NO_FILES: Mounted = { find: () => undefined, notes: () => [], warnings: () => [] };

/** Looks at the disk when the first property is asked for. */
export function createMounted(files: Files, known: Known): Mounted {
  const { property } = known;
  const library = createLibrary(files);
  /** The one that counts first. */
  let rounds: Round[] = [];
  let isBegun = false;

  const list = (name: string) => listed(property(name)?.text);
  const mayBeAny = () =>
    namesIn(library, "./", true).some((name) => /^(?:application|bootstrap)/.test(name)) ||
    ["./config/", "/config/"].some((folder) => namesIn(library, folder, true).length > 0) ||
    WHERE.some((name) => property(name) !== undefined);
  /** Whether a profile may be active that is not known here. */
  const isOpen = () => {
    const isNamed = list("spring.profiles.active").length > 0;
    return PROFILES.slice(0, isNamed ? 2 : 3).some((name) => isUnknown(property(name))) ||
      includedIn(rounds, known).includes(undefined);
  };
  const readAll = (searched: string) => {
    rounds = [];
    for (const prefix of ["spring.cloud.bootstrap", "spring.config"]) {
      const round: Round = { root: rootOf(list, prefix, searched) };
      rounds.unshift(round);
      const names = list(`${prefix}.name`);
      const byDefault = prefix === "spring.config" ? "application" : "bootstrap";
      process(round, names.length > 0 ? names : [byDefault]);
    }
  };
  const process = (round: Round, names: readonly string[]) => {
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
    const included = listed(includedIn(rounds, known).join(","));
    const activation = { platform, isOpen: isOpen() };
    go({ ...activation, profiles: profilesOf(list, included, !activation.isOpen) });
  };

  return {
    find(name) {
      if (!isBegun) {
        isBegun = true;
        // Most pods have no such files, and all that reads them takes a millisecond or two to compile.
        if (!mayBeAny()) return undefined;
        readAll(SEARCHED);
        const isElsewhere = list("spring.config.location").length > 0;
        if (library.read.size === 0 && !isElsewhere) readAll(USUAL_MOUNT);
      }
      for (const { root, activation } of rounds) {
        const found = firstIn(active(root, activation), name);
        if (found) return found;
      }
      return undefined;
    },
    notes() {
      if (!isBegun) return [];
      const isTold = !isOpen() && list("spring.profiles.active").length > 0;
      const unknown = [...WHERE, ...PROFILES].map(property).filter(isUnknown);
      return [
        ...described(library, isTold),
        ...unknown.flatMap(({ note }) => note ?? []),
        ...isTold ? [] : undecided(rounds, isOpen()),
      ];
    },
    warnings: () => [...library.warnings],
  };
}

function isUnknown(told: Told | undefined): told is Told {
  return told !== undefined && told.text === undefined;
}

/** What the environment and each document include; undefined for what is not known here. */
function includedIn(rounds: readonly Round[], { property, filled }: Known): (string | undefined)[] {
  const name = "spring.profiles.include";
  const documents = rounds.flatMap(({ root, activation }) => [...active(root, activation)]);
  const texts = documents.map(({ document }) => document?.get(uniform(name))?.text ?? "");
  const told = property(name);
  return [told === undefined ? "" : told.text, ...texts.map(filled)];
}

/** Of documents with conditions, where it is not known which profiles are active. */
function undecided(rounds: readonly Round[], isOpen: boolean): string[] {
  const all = rounds.flatMap(({ root }) => [...everyOne(root)]);
  const conditional = all.filter((one) => one.wishes().onProfile?.length);
  const paths = [...new Set(conditional.map(({ path }) => path))].join(", ");
  if (paths === "") return [];
  const how = isOpen
    ? "do not count where that depends on a profile not known here"
    : "count as where no profile is active, since none is named here";
  return [`documents with on-profile in ${paths} ${how}; set SPRING_PROFILES_ACTIVE`];
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
