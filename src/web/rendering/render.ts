// EJS templates of views/, compiled once. Templates get the data that a page hands in and nothing that came with the
// request; they print with `<%= %>` only, which escapes (a test looks for anything else).

import { join } from "node:path";
import ejs from "ejs";

export type ViewData = Readonly<Record<string, unknown>>;

/** The HTML of `views/<view>.ejs`. */
export type Render = (view: string, data: ViewData) => Promise<string>;

export const createRender =
  (viewsFolder: string): Render =>
  (view, data) =>
    // Options apart from the data: a value named `settings` or `cache` must not steer the template engine.
    ejs.renderFile(join(viewsFolder, `${view}.ejs`), { ...data }, { cache: true, views: [viewsFolder] });
