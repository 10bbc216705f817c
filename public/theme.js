// Light or dark as the reader's system is, before the first paint. Without this script the pages are light.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const apply = () => {
  document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light";
};
dark.addEventListener("change", apply);
apply();
