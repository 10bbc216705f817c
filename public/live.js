// Keeps the overview up to date: takes the fragments that the server sends and counts the seconds in between. Without
// this script the overview is right as of its loading.

const parts = new Map([...document.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));
const offline = document.getElementById("offline");

const formatDuration = (durationMs) => {
  const total = Math.max(0, Math.round(durationMs / 1000));
  const pad = (value) => String(value).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
};

/** Counts on from what the server said, by a clock that nobody can set. */
const startCounting = (root) => {
  for (const counter of root.querySelectorAll("[data-elapsed-ms]"))
    counter.startedAt = performance.now() - Number(counter.dataset.elapsedMs);
};

const count = () => {
  for (const counter of document.querySelectorAll("[data-elapsed-ms]"))
    if (counter.startedAt !== undefined)
      counter.textContent = formatDuration(performance.now() - counter.startedAt);
};

/** The link that had the focus keeps it. */
const replace = (part, html) => {
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const template = document.createElement("template");
  template.innerHTML = html;
  startCounting(template.content);
  part.replaceChildren(template.content);
  if (focused !== null) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
};

startCounting(document);
setInterval(count, 1000);

const events = new EventSource("/live");
events.addEventListener("fragments", (event) => {
  for (const [name, html] of Object.entries(JSON.parse(event.data))) {
    const part = parts.get(name);
    if (part !== undefined) replace(part, html);
  }
});
events.addEventListener("open", () => {
  offline.hidden = true;
});
events.addEventListener("error", () => {
  // CLOSED: the server refused for good (logged out, too many open overviews); else the browser tries again by itself.
  offline.hidden = false;
});
window.addEventListener("pagehide", () => events.close());
