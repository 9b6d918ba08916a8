/**
 * Whether two texts are the same address; IPv6 has many spellings. Spring Cloud Alibaba (2025.0.0.0)
 * registers `[2001:db8:1:0:0:0:0:10]`, and Kubernetes writes `2001:db8:1::10`.
 */
export function sameAddress(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

/** Whether it is one of these. */
export function isAmong(address: string, addresses: readonly string[]): boolean {
  return addresses.some((one) => sameAddress(one, address));
}

/**
 * One spelling of an address: without brackets, and without the zone where it says nothing. Only a
 * link-local address may be another one in another zone; Java writes the zone to others too.
 */
function canonical(address: string): string {
  // Lists have thousands, and nearly all are IPv4: there the URL would only throw.
  if (!address.includes(":")) return address.toLowerCase();
  const [, text = "", zone = ""] = /^\[?([\da-f:.]*:[\da-f:.]*)(%[^\]]*)?\]?$/i.exec(address) ?? [];
  try {
    const plain = new URL(`http://[${text}]`).hostname.slice(1, -1);
    const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(plain) ?? [];
    if (high !== undefined && low !== undefined) return v4Of(high) + "." + v4Of(low);
    return isLinkLocal(plain) ? plain + zone.toLowerCase() : plain;
  } catch {
    return address.toLowerCase();
  }
}

/** Two of the bytes of an IPv4 address that is written as IPv6. */
function v4Of(half: string): string {
  const value = parseInt(half, 16);
  return `${value >> 8}.${value & 255}`;
}

/** Whether an address is good on one link only. */
export function isLinkLocal(address: string): boolean {
  return /^\[?fe[89ab][\da-f]:|^169\.254\./i.test(address);
}

/** Whether an address is this machine's for itself. */
export function isLoopback(address: string): boolean {
  return /^(127\.|::1$)/.test(canonical(address)) || address.toLowerCase() === "localhost";
}
