// Drives ami-io as it comes, in a process of its own, since some of its defects end the process. Reports over IPC what
// a user of the library would see.
const { Client, Action } = require("ami-io/lib/index.js");

const client = new Client({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  login: "mitschnitt",
  password: "secret",
});
client.useLogger(new (require("ami-io/lib/index.js").SilentLogger)());

const tell = (message) => process.send?.(message);
client.on("connected", () => tell({ type: "connected" }));
client.on("event", ({ incomingData, ...headers }) => {
  tell({ type: "event", headers: JSON.parse(JSON.stringify(headers)) });
});
client.on("error", () => {});

process.on("message", (command) => {
  if (command.type === "disconnect") return client.disconnect();
  const { Action: name, Variable: variables = [], ...headers } = command.action;
  const action = new Action.Action(name);
  Object.assign(action, headers);
  for (const variable of variables) {
    const [key, value] = variable.split("=");
    action.variables[key] = value;
  }
  client.send(action, () => tell({ type: "settled", number: command.number }));
});

client.connect(true, 50);
