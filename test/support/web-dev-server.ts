// The pages with the office's data, to look at while one works on them: `npx tsx test/support/web-dev-server.ts`.

import { fillOffice, openOffice } from "./office-fixture.ts";

const office = await openOffice({ web: { port: Number(process.argv[2] ?? 8091) } });
await fillOffice(office);
console.log(`${office.server.address()}  admin  ${office.password}`);
process.once("SIGINT", () => void office.close());
