/**
 * The entry. It exports nothing and awaits nothing, so that its bundle can be one function; see
 * scripts/bundle.ts.
 */

import { start } from "./system.ts";

start();
