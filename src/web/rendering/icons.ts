// The few line drawings of the pages, 24 × 24, stroke only. Inline in the HTML, so that they take the text's colour.

const icons = {
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-4H4zM14 8h6V4h-6z",
  recordings: "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2",
  report: "M14 3v5h5M7 3h7l5 5v11a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2M9 13h6M9 17h4",
  settings: "M4 8h8M16 8h4M4 16h2M10 16h10M14 6v4M8 14v4",
  account: "M8 7a4 4 0 1 0 8 0 4 4 0 0 0-8 0M6 21v-2a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v2",
  incoming: "M17 7 7 17M7 9v8h8",
  outgoing: "M7 17 17 7M9 7h8v8",
  internal: "M7 8 3 12l4 4M17 8l4 4-4 4M3 12h18",
  download: "M4 17v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2M7 11l5 5 5-5M12 4v12",
  recorded: "M5 12l5 5L20 7",
  declined: "M18 6 6 18M6 6l12 12",
  "not-due": "M5 12h14",
  failed:
    "M12 8v5M12 16.5v.5M10.3 3.9 2.6 17.2A2 2 0 0 0 4.3 20.2h15.4a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0",
  search: "M3 10a7 7 0 1 0 14 0 7 7 0 1 0-14 0M21 21l-6-6",
  folder: "M5 4h4l3 3h7a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2",
  ftp: "M3 5h18v6H3zM3 13h18v6H3zM7 8v.01M7 16v.01",
  language:
    "M3 12a9 9 0 1 0 18 0 9 9 0 0 0-18 0M3.6 9h16.8M3.6 15h16.8M11.5 3a17 17 0 0 0 0 18M12.5 3a17 17 0 0 1 0 18",
  "log-out":
    "M14 8V6a2 2 0 0 0-2-2H5a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7a2 2 0 0 0 2-2v-2M9 12h12l-3-3M18 15l3-3",
  older: "M15 6l-6 6 6 6",
} as const;

export type IconName = keyof typeof icons;

/** The `d` of the drawing's path. */
export const iconPath = (name: IconName): string => icons[name];
