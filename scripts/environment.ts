/** The variables that the program may read: those of its settings, and Spring's. */

import { PROFILES, WHERE } from "../src/settings/files/rounds.ts";
import { isProperty, type SettingsTable } from "../src/settings/setting.ts";
import { JAVA_OPTIONS, JSON_NAMES, spellings } from "../src/settings/spellings.ts";

/** What the environment is asked for besides the settings: where files are, and which of them count. */
const FILE_PROPERTIES = [
  ...WHERE,
  ...PROFILES,
  "spring.profiles.group.*",
  "spring.main.cloud-platform",
];

/** Plain names that pods give to what placeholders ask for. */
const FOR_PLACEHOLDERS = [
  ...["NACOS_*", "EUREKA_*", "DISCOVERY_*", "POD_*", "MY_POD_*", "HOST_IP", "HOSTNAME", "PORT"],
  ...["APP_NAME", "SERVICE_NAME", "SERVER_HOST"],
];

/** Everything below these is about registries. Below `spring.` and `server.` passwords stand. */
const OF_REGISTRIES = /^(?:spring\.cloud\.[^.]+|eureka)(?=\.)/;

/**
 * Every environment variable the program reads; one with a `*` at its end stands for all that begin
 * like it.
 *
 * @param further properties of Spring that are read besides those of the table
 */
export function environmentNames(table: SettingsTable, further: readonly string[] = []): string[] {
  const names = Object.values(table).flatMap(({ env, standIns = [] }) => [
    env,
    ...standIns.flatMap((one) => typeof one === "string" ? one : one.properties),
  ]);
  const isVariable = (name: string) => !isProperty(name);
  const properties = [...names.filter(isProperty), ...further];
  // Where Spring means nothing, so do its files.
  const ofFiles = properties.length > 0 ? FILE_PROPERTIES : [];
  return [...names.filter(isVariable), ...springNames([...properties, ...ofFiles])];
}

/**
 * The variables that have to be readable for some properties: with a `*` at its end all that begin
 * like this. A whole namespace only where nothing but registries is in it.
 */
export function springNames(properties: readonly string[]): string[] {
  if (properties.length === 0) return [];
  const names = properties.flatMap((name) => {
    const [namespace] = OF_REGISTRIES.exec(name) ?? [];
    if (namespace === undefined) return spellings(name);
    return spellings(`${namespace}.*`);
  });
  const all = [...names, ...JSON_NAMES, ...JAVA_OPTIONS, ...FOR_PLACEHOLDERS];
  const prefixes = all.filter((one) => one.endsWith("*")).map((one) => one.slice(0, -1));
  const isCovered = (one: string) =>
    prefixes.some((prefix) => one.startsWith(prefix) && one !== `${prefix}*`);
  return [...new Set(all)].filter((one) => !isCovered(one));
}
