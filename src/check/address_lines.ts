/** What `check` has found at one address, for people. */

import { type Line, marked } from "./lines.ts";
import type { AddressFindings, Finding } from "../registry/examine.ts";

/** @param all each finding on a line of its own, also where all are good */
export function addressLines({ address, findings }: AddressFindings, all: boolean): Line[] {
  if (!all && findings.every(({ ok }) => ok)) {
    const server = findings.filter(({ about }) => about === "server").map(({ text }) => text);
    return [marked("  ", true, [address, ...server].join(": ")), " ".repeat(9) + inShort(findings)];
  }
  return [
    `  address ${address}`,
    ...findings.map((finding) => {
      const { about, ok, text } = finding;
      const what = isPermission(finding) ? `permission to ${about}` : about;
      const doubt = isPermission(finding) && ok === null ? "not verifiable: " : "";
      return marked("    ", ok, `${what}: ${doubt}${text}`);
    }),
  ];
}

/** Good findings, without the server. */
function inShort(findings: readonly Finding[]): string {
  const may = findings.filter(isPermission).map(({ about }) => about).join(" and ");
  const rest = findings.filter((one) => !isPermission(one) && one.about !== "server");
  return [
    ...rest.map(({ about, text }) => about === "connection" ? text : `${about} ${text}`),
    ...(may ? [`may ${may}`] : []),
  ].join("; ");
}

function isPermission({ about }: Finding): boolean {
  return about === "read" || about === "write";
}
