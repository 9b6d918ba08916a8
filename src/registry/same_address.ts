/** Whether two texts are the same address; IPv6 has many spellings. */
export function sameAddress(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(address: string): string {
  if (!address.includes(":")) return address.toLowerCase();
  try {
    return new URL(`http://[${address}]`).hostname;
  } catch {
    return address.toLowerCase();
  }
}
