/** Spring's properties from files: those that it reads, in the order in which it takes them. */

import { firstIn } from "./contributors.ts";
import type { Found } from "./document.ts";
import type { Files } from "./disk.ts";
import { createLibrary, described, namesIn, type Note } from "./library.ts";
import {
  conditionalIn,
  documentsOf,
  isOpenIn,
  isUnknown,
  type Known,
  lister,
  PROFILES,
  readRounds,
  type Rounds,
} from "./rounds.ts";

/** The properties that say where files are. */
const WHERE = [
  ...["spring.config.location", "spring.config.additional-location", "spring.config.import"],
  ...["spring.cloud.bootstrap.location", "spring.cloud.bootstrap.additional-location"],
  ...["spring.config.name", "spring.cloud.bootstrap.name"],
];

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

/** The properties of mounted files. */
export interface Mounted {
  /** Reads the files, where nobody has asked before. @param name uniform */
  readonly find: (name: string) => Found | undefined;
  /** What is to be said of the files that were looked for. */
  readonly notes: () => readonly Note[];
}

/** Looks at the disk when the first property is asked for. */
export function createMounted(files: Files, known: Known): Mounted {
  const rounds: Rounds = { library: createLibrary(files), known, all: [] };
  let isBegun = false;
  const begin = () => {
    isBegun = true;
    // Most pods have no such files, and all that reads them takes a millisecond or two to compile.
    if (!mayBeAny(rounds)) return;
    readRounds(rounds, SEARCHED);
    const isElsewhere = lister(known)("spring.config.location").length > 0;
    if (rounds.library.read.size === 0 && !isElsewhere) readRounds(rounds, USUAL_MOUNT);
  };
  return {
    find(name) {
      if (!isBegun) begin();
      return firstIn(documentsOf(rounds), name);
    },
    notes: () => isBegun ? notesOn(rounds) : [],
  };
}

function mayBeAny({ library, known }: Rounds): boolean {
  const names = (folder: string) => namesIn(library, folder, true);
  return names("./").some((name) => /^(?:application|bootstrap)/.test(name)) ||
    ["./config/", "/config/"].some((folder) => names(folder).length > 0) ||
    WHERE.some((name) => known.property(name) !== undefined);
}

function notesOn(rounds: Rounds): Note[] {
  const { library, known } = rounds;
  const isOpen = isOpenIn(rounds);
  const isTold = !isOpen && lister(known)("spring.profiles.active").length > 0;
  const unknown = [...WHERE, ...PROFILES].map(known.property).filter(isUnknown);
  const conditional = isTold ? "" : conditionalIn(rounds).join(", ");
  const how = isOpen
    ? "do not count where that depends on a profile not known here"
    : "count as where no profile is active, since none is named here";
  return [
    ...described(library, isTold),
    ...unknown.flatMap(({ note }) => note === undefined ? [] : { message: note }),
    ...conditional === "" ? [] : [{
      message: `documents with on-profile in ${conditional} ${how}; set SPRING_PROFILES_ACTIVE`,
    }],
  ];
}
