/** What a run of `offline` writes into its record while it lasts, and sees there of `online`. */

import type { Clock } from "../clock.ts";
import { asWrittenAt, isOpen, isUnderWay, recordOf, type RunRecord } from "./record.ts";
import type { RecordFile } from "./record_file.ts";
import type { Plan } from "./plan.ts";
import type { Registration } from "./state.ts";
import type { Job } from "./supervise.ts";

/** The record of one run. */
export interface Journal {
  /** The run that this one goes on with. */
  readonly resumed: RunRecord | undefined;
  /** Whether `online` has taken the instance back, as the disk says now. */
  isUndone(): boolean;
  /** Writes how far it has come; the reason where it cannot. */
  note(finishedAt?: number): string | undefined;
  /** When the app was told with success, ms since the epoch; 0 before. */
  appToldAt: number;
  /** Takes over how far a run before had come with a registration that is found later. */
  resume(registration: Registration): void;
  /** Writes again and again, and lets the run decide in between: `online` may have taken it back. */
  readonly job: Job;
}

/**
 * Between two notes; after each the run decides, which looks for an `online`. `online --background`
 * takes a run that writes none for killed. A wake in between costs half a millisecond of the
 * processor, a quarter of it Deno's timer (Deno 2.9.6).
 */
const NOTE_MS = 2_000;

/**
 * Reads what is there; writes nothing yet.
 *
 * @param file undefined where the instance is not known
 * @param ended the record of a run in this container that has come to its end
 */
export function openJournal(
  file: RecordFile | undefined,
  ended: RunRecord | undefined,
  { clock, plan, registrations }: {
    readonly clock: Clock;
    readonly plan: Plan;
    readonly registrations: readonly Registration[];
  },
): Journal {
  const found = ended ?? file?.read();
  const resumed = ended ?? (isUnderWay(found, plan.startedAt) ? found : undefined);
  const before = resumed && asWrittenAt(resumed, plan.startedAt);
  for (const registration of registrations) continueFrom(before, registration);
  const startedAt = before?.startedAt ?? plan.startedAt;
  /** In the record; there is none before the first note. */
  let id: string | undefined;
  let undone = false;

  function isUndoneBy(now: RunRecord | undefined): boolean {
    undone ||= now !== undefined && now.run === id && now.undoneAt > 0;
    return undone;
  }
  const journal: Journal = {
    resumed,
    appToldAt: resumed?.appToldAt ?? 0,
    isUndone: () => undone || id !== undefined && isUndoneBy(file?.read()),
    resume: (registration) => continueFrom(before, registration),
    note(finishedAt = 0) {
      const now = file?.read();
      // Two that begin at once are one run: what ends one ends both.
      id ??= isOpen(now) ? now.run : crypto.randomUUID();
      if (isUndoneBy(now)) return undefined;
      const { deadline } = plan;
      const { appToldAt } = journal;
      const times = { startedAt, deadline, writtenAt: clock.now(), appToldAt, finishedAt };
      return file?.write({ run: id, ...contentOf(registrations), ...times, undoneAt: 0 });
    },
    job: {
      dueAt: plan.startedAt + NOTE_MS,
      run() {
        journal.note();
        journal.job.dueAt = clock.now() + NOTE_MS;
      },
    },
  };
  return journal;
}

function continueFrom(before: RunRecord | undefined, registration: Registration): void {
  const { acceptedAt = 0, settledAt = 0, takenOut } = recordOf(before, registration) ?? {};
  const earlier = { acceptedAt: acceptedAt || undefined, settledAt: settledAt || undefined };
  registration.state = { ...registration.state, earlier, isOurs: takenOut };
}

function contentOf(
  registrations: readonly Registration[],
): Pick<RunRecord, "instance" | "registries"> {
  const named = registrations.filter(({ isFurther }) => !isFurther);
  const names = named.map(({ registry, state }) => state.label ?? registry.wanted);
  const more = registrations.length - named.length;
  return {
    instance: names.join("; ") + (more > 0 ? `; and ${more} further` : ""),
    registries: registrations.map(({ registry, state }) => ({
      name: registry.name,
      at: registry.identity,
      acceptedAt: state.acceptedAt ?? state.earlier?.acceptedAt ?? 0,
      settledAt: state.settledAt ?? state.earlier?.settledAt ?? 0,
      takenOut: state.isOurs ?? false,
    })),
  };
}
