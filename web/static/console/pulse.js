// Says when the report that is open has moved on, so that nobody works on what was.
const moved = document.getElementById("moved");

setInterval(async () => {
  if (document.hidden || !moved.hidden) return;
  const answer = await fetch(`${location.pathname}/version`).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  moved.hidden = (await answer.json()).version === Number(moved.dataset.version);
}, 1000 * moved.dataset.every);
