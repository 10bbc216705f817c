// Style sheets and scripts, read and compressed once at the start and served from memory by their exact name: no path
// of a request ever reaches the disk. The URL carries a digest of all of them, so browsers may keep them for a year.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import type { RequestHandler } from "express";

export interface Assets {
  /** `app.css` → `/assets/3f2a…/app.css`. Throws for a file that does not exist. */
  url(name: string): string;
  readonly serve: RequestHandler<{ build: string; name: string }>;
}

interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

const tablerCss = createRequire(import.meta.url).resolve("@tabler/core/dist/css/tabler.min.css");

export function loadAssets(publicFolder: string): Assets {
  const assets = new Map<string, Asset>();
  const add = (name: string, path: string): void => {
    const type = types[extname(name)];
    if (type === undefined) return;
    // Without the hint to a source map that we do not serve.
    const text = readFileSync(path, "utf8").replace(/\/\*# sourceMappingURL=.*?\*\/\s*$/, "");
    const plain = Buffer.from(text, "utf8");
    assets.set(name, { type, plain, gzip: gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }) });
  };
  add("tabler.css", tablerCss);
  for (const name of readdirSync(publicFolder).sort()) add(name, join(publicFolder, name));

  const hash = createHash("sha256");
  for (const [name, asset] of assets) hash.update(name).update(asset.plain);
  const build = hash.digest("hex").slice(0, 12);

  return {
    url(name) {
      if (!assets.has(name)) throw new Error(`no such asset: ${name}`);
      return `/assets/${build}/${name}`;
    },
    serve(req, res, next) {
      const asset = assets.get(req.params.name);
      if (asset === undefined || req.params.build !== build) {
        next();
        return;
      }
      res.set({
        "Content-Type": asset.type,
        "Cache-Control": "public, max-age=31536000, immutable",
        Vary: "Accept-Encoding",
      });
      if (req.acceptsEncodings("gzip") === "gzip") res.set("Content-Encoding", "gzip").send(asset.gzip);
      else res.send(asset.plain);
    },
  };
}
