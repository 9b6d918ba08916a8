/**
 * The entry. It exports nothing and awaits nothing, so that its bundle is a script as well as a
 * module; see scripts/bundle.ts.
 */

import { start } from "./system.ts";

start();
