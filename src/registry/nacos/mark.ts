/**
 * The mark that `offline` leaves with what it takes out. Nacos 2.x and 3.x keep `enabled`, the weight
 * and changes of the metadata beside the registration, in one piece: it outlives the app by 60 s, and
 * is there for whoever registers at its address meanwhile. The update has to name a weight in any
 * case; so the mark is that the weight is a billionth too low. No caller gets an instance that is out
 * of service, and `online` writes the weight without it. docs/online.md says why not the metadata.
 */

const BILLIONTH = 2 ** -30;
const MARK = 1 - BILLIONTH;
/** As many digits of a weight are kept; the mark changes the tenth. */
const DIGITS = 8;

/** The weight with the mark. */
export function marked(weight: number): number {
  return marks(Number(ownWeight(weight).toPrecision(DIGITS)));
}

/** Whether `offline` has written a weight. */
export function isMarked(weight: number): boolean {
  return ownWeight(weight) !== weight;
}

/** The weight without the mark. */
export function ownWeight(weight: number): number {
  const own = weight === BILLIONTH ? 0 : Number((weight / MARK).toPrecision(DIGITS));
  return marks(own) === weight ? own : weight;
}

function marks(own: number): number {
  return own === 0 ? BILLIONTH : own * MARK;
}
