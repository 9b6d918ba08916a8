import type { Registry, RegistryDeps } from "./registry.ts";
import type { SettingsTable } from "../settings/setting.ts";

/** One kind of registry: all that the rest of the program knows of it. */
export interface Kind {
  /** Names it in the log, in the record and in its wrapper: `nacos`. */
  readonly name: string;
  /** As people write it: `Nacos`. */
  readonly title: string;
  readonly settings: SettingsTable;
  /** The key of the setting that says where it is: whoever sets it names this registry. */
  readonly address: string;
  /** Spring's properties whose `false` says that the app does not register here. */
  readonly offSwitches?: readonly string[];
  /** Takes the values of its own settings and of the common ones. */
  readonly create: (values: never, deps: RegistryDeps) => Registry;
}
