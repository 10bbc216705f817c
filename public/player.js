// One recording at a time: whoever starts one, stops the other.
document.addEventListener(
  "play",
  (event) => {
    for (const player of document.querySelectorAll("audio")) if (player !== event.target) player.pause();
  },
  true,
);
